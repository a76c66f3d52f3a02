// The last five minutes: read once, then continued from the live status.

import { get } from "../../api.js";
import { useEffect, useRef, useState } from "../../vendor/preact.js";

export const SECONDS = 300;
/** A status comes at least every 5 s; a longer silence is a hole that only the server can fill. */
const HOLE = 8;

/**
 * {end, stored, lag, away, known}, undefined until the server answered. `end` in whole seconds,
 * `stored` and `lag` one number a second up to it; known is false when there is no history to read.
 */
export function useHistory(status, live) {
  const [history, setHistory] = useState();
  const [holes, setHoles] = useState(0);
  const latest = useRef(status);
  latest.current = status;

  useEffect(() => {
    if (live === "stale") return undefined;
    const leave = new AbortController();
    read(leave.signal).then((answer) => {
      if (!leave.signal.aborted) setHistory((before) => (answer ? joined(before, answer) : before ?? starting(latest.current)));
    });
    return () => leave.abort();
  }, [key(status, live), holes]);

  useEffect(() => {
    if (!history) return;
    if (second(status.now) - history.end > HOLE) setHoles((before) => before + 1);
    setHistory(continued(history, status));
  }, [status]);
  return history;
}

async function read(signal) {
  const answer = await get("/api/history", { signal });
  return answer.ok ? fromServer(answer.body) : undefined;
}

/** Read again when a stage goes or comes back, and when the connection does. */
function key(status, live) {
  const reasons = status.reasons.map(({ stage, since }) => `${stage} ${since}`);
  return [live === "stale", ...reasons].join();
}

function fromServer({ end, stored, lag, away }) {
  return { end: second(end), stored, lag, away, known: true };
}

/** A server that started anew knows less: what was seen before its start stays. */
function joined(before, answer) {
  const first = answer.end - answer.stored.length + 1;
  const earlier = SECONDS - answer.stored.length;
  if (!before || earlier <= 0) return answer;
  const seen = (values) => Array.from({ length: earlier }, (_, n) => values[values.length - 1 - before.end + first - earlier + n] ?? null);
  const away = before.away.filter(({ to }) => to !== null && second(to) < first);
  return { ...answer, stored: [...seen(before.stored), ...answer.stored], lag: [...seen(before.lag), ...answer.lag], away: [...away, ...answer.away] };
}

function starting(status) {
  return { end: second(status.now), stored: [], lag: [], away: [], known: false };
}

/** The history with the seconds since; those without a status of their own were like this one. */
function continued(history, status) {
  const end = second(status.now);
  const more = end - history.end;
  if (more <= 0) return history;
  const lag = status.backlog?.waiting ?? null;
  return { ...history, end, stored: append(history.stored, more, status.rates.stored), lag: append(history.lag, more, lag) };
}

/** A hole keeps no values. */
function append(values, more, value) {
  const before = more > HOLE ? null : value;
  return [...values, ...Array(Math.min(more, SECONDS) - 1).fill(before), value].slice(-SECONDS);
}

function second(time) {
  return Math.floor(Date.parse(time) / 1000);
}
