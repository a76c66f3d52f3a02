// When a stage was away, as spans of the chart and as words.

import { clock, seconds, words } from "../figures.js";

const BEFORE = 10;

/** The spans in whole seconds; one without an end still lasts. */
export function spans({ away, end }) {
  return away.map(({ stage, from, to }) => ({ stage, from: at(from), to: to === null ? end : at(to), open: to === null }));
}

/** `sink away for 12 s at 16:59:28, caught up in 5 s`, or undefined when nothing was away. */
export function summary(history) {
  const last = spans(history).at(-1);
  if (!last) return undefined;
  const part = words.pipeline.parts[last.stage] ?? last.stage;
  const lasted = seconds(Math.max(1, Math.round(last.to - last.from)));
  if (last.open) return words.pipeline.awayNow(part, lasted);
  const needed = caughtUp(history, last);
  const after = needed === undefined ? "" : words.pipeline.caughtUp(seconds(needed));
  return words.pipeline.away(part, lasted, clock(new Date(last.from * 1000))) + after;
}

/** Seconds from the end of the span until the lag was what it had been before; undefined where unknown. */
function caughtUp({ lag, end }, { from, to }) {
  const start = end - lag.length + 1;
  const index = (second) => Math.max(0, Math.floor(second) - start);
  const usual = Math.max(0, ...lag.slice(Math.max(0, index(from) - BEFORE), index(from)).filter((value) => value !== null));
  const after = lag.slice(index(to)).findIndex((value) => value !== null && value <= usual);
  return after > 0 ? after : undefined;
}

function at(time) {
  return Date.parse(time) / 1000;
}
