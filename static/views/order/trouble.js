// Answers that did not come.

import { Banner } from "../../parts/banner.js";
import { Button } from "../../parts/button.js";
import { Stored } from "../../parts/stored.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { clock, words } from "../../words.js";

/** Asks again by itself when its seconds have run out. */
export function Trouble({ outcome, ask }) {
  const { order, frame } = words;
  const { kind, since, error } = outcome;
  const gone = kind === "gone";
  const left = useCountdown(outcome, ask);
  const proof = [frame.since(clock(since)), error?.code, error?.request_id && frame.request(error.request_id)];
  return html`
    <${Banner} tone="warn" role="status">
      <b>${gone ? order.gone : order.failed}</b> ${gone ? order.goneText : order.failedText} <span aria-live="off">${order.nextTry(left)}</span><br />
      <small><${Stored} text=${proof.filter(Boolean).join(" · ")} /></small><br />
      <${TryNow} ask=${ask} />
    <//>`;
}

export function Refused({ error: { code, request_id: request } }) {
  const proof = [code, request && words.frame.request(request)].filter(Boolean).join(" · ");
  return html`<${Banner} tone="bad"><b>${words.order.refused}</b><br /><small><${Stored} text=${proof} /></small><//>`;
}

function useCountdown(outcome, ask) {
  const [left, setLeft] = useState(outcome.retryAfter);
  useEffect(() => {
    let seconds = outcome.retryAfter;
    setLeft(seconds);
    const timer = setInterval(() => {
      seconds -= 1;
      setLeft(Math.max(seconds, 0));
      if (seconds <= 0) clearInterval(timer);
      if (seconds <= 0) ask();
    }, 1000);
    return () => clearInterval(timer);
  }, [outcome]);
  return left;
}

/** When it goes because an answer came, the keyboard goes to the answer. */
function TryNow({ ask }) {
  const place = useRef();
  useEffect(() => () => {
    if (place.current?.contains(document.activeElement)) document.getElementById("main").focus();
  }, []);
  return html`<span ref=${place}><${Button} onClick=${() => ask()}>${words.order.tryNow}<//></span>`;
}
