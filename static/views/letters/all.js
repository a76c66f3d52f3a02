// Replays every letter that waits, call by call, and says what came of it.

import { post } from "../../api.js";
import { Banner } from "../../parts/banner.js";
import { Button } from "../../parts/button.js";
import { letterCount } from "../../title.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { group, words } from "../figures.js";
import { Failure } from "./outcome.js";

const NONE = { stored: 0, duplicate: 0, rejected: 0 };

/** {run, busy, done, failure}: `done` holds the sums, while it runs too. */
export function useReplayAll(settled) {
  const [state, setState] = useState({});
  const leave = useRef(new AbortController());
  useEffect(() => () => leave.current.abort(), []);

  async function run() {
    let [sums, after] = [NONE, ""];
    for (;;) {
      setState({ busy: true, done: sums });
      const answer = await post(`/api/dead-letters/replay${after}`);
      if (leave.current.signal.aborted) return;
      if (!answer.ok) return end({ failure: answer, done: sums === NONE ? undefined : sums });
      sums = added(sums, answer.body);
      if (answer.body.next === null) return end({ done: sums });
      after = `?after=${answer.body.next}`;
    }
  }

  function end(state) {
    setState(state);
    settled();
  }

  return { ...state, run };
}

function added(sums, call) {
  return Object.fromEntries(Object.entries(sums).map(([name, count]) => [name, count + call[name]]));
}

export function ReplayAllButton({ status, all, closed }) {
  const { replayAll, replaying, replayingSoFar } = words.letters;
  const tried = Object.values(all.done ?? NONE).reduce((sum, count) => sum + count, 0);
  const busy = tried === 0 ? replaying : replayingSoFar(group(tried));
  return html`
    <${Button} icon="again" disabled=${closed} busy=${all.busy} title=${closed ? words.letters.closed : undefined} onClick=${all.run}>
      ${all.busy ? busy : replayAll(letterCount(status))}
    <//>`;
}

export function ReplayAllResult({ all }) {
  return html`
    ${all.failure && html`<${Failure} answer=${all.failure} again=${all.run} />`}
    ${all.done && !all.busy && html`<${Banner} role="status" icon=${all.done.rejected > 0 ? "warn" : "check"}>${sentence(all.done)}<//>`}`;
}

function sentence(sums) {
  const { allDone, allParts, allNone } = words.letters;
  const parts = Object.entries(sums).filter(([, count]) => count > 0).map(([name, count]) => allParts[name](group(count)));
  return parts.length === 0 ? allNone : allDone(parts.join(", "));
}
