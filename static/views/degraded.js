// What goes wrong while the pipeline works.

import { words } from "../words.js";

/** Whether the pipeline works and something goes wrong; a stage that cannot work says more. */
export function isDegraded(status) {
  return status.reasons.length === 0 && symptomsOf(status).length > 0;
}

/** What goes wrong, each {code, cause, messages, since}; a server before this page tells of none. */
export function symptomsOf({ degraded }) {
  return degraded ?? [];
}

/** `all rejected`, or a general word for several things and for one that this page does not know; undefined unless degraded. */
export function degradedWord(status, live) {
  if (!status || live === "stale" || !isDegraded(status)) return undefined;
  return common(symptomsOf(status).map(({ code }) => words.wrong?.badges[code])) ?? words.frame.degraded;
}

/** The value that all of them are, or undefined. */
export function common([first, ...others]) {
  return others.every((other) => other === first) ? first : undefined;
}
