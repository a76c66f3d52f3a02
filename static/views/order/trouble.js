// Answers that did not come.

import { Banner } from "../../parts/banner.js";
import { PassingButton } from "../../parts/passing.js";
import { Stored } from "../../parts/stored.js";
import { html, useEffect, useState } from "../../vendor/preact.js";
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
      <b>${gone ? order.gone : order.failed}</b> ${gone ? order.goneText : order.failedText} <span aria-live="off">${left > 0 ? order.nextTry(left) : order.asking}</span><br />
      <small><${Stored} text=${proof.filter(Boolean).join(" · ")} /></small><br />
      <${PassingButton} heir=${toTheAnswer} onClick=${() => ask()}>${order.tryNow}<//>
    <//>`;
}

export function Refused({ error: { code, message, request_id: request } }) {
  const proof = [message, code, request && words.frame.request(request)].filter(Boolean).join(" · ");
  return html`<${Banner} tone="bad"><b>${words.order.refused}</b><br /><small><${Stored} text=${proof} /></small><//>`;
}

function useCountdown(outcome, ask) {
  const [left, setLeft] = useState(outcome.retryAfter);
  useEffect(() => {
    let seconds = outcome.retryAfter;
    setLeft(seconds);
    const timer = setInterval(() => {
      if (document.hidden) return;
      seconds -= 1;
      setLeft(Math.max(seconds, 0));
      if (seconds <= 0) clearInterval(timer);
      if (seconds <= 0) ask();
    }, 1000);
    return () => clearInterval(timer);
  }, [outcome]);
  return left;
}

function toTheAnswer() {
  return document.getElementById("main");
}
