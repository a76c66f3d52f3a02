// What the pipeline is doing, read from one status.

import { worthTelling } from "../reasons.js";

const QUIET_AFTER = 5000;
const BEHIND_SECONDS = 2;
const BEHIND_LEAST = 100;

/** The oldest reason why a stage cannot work, or undefined. */
export function trouble(status, role) {
  return oldest(status.reasons.filter(({ stage }) => stage === role));
}

/** The oldest reason that is worth telling, or undefined. */
export function oldest(reasons) {
  return worthTelling(reasons).toSorted((one, other) => Date.parse(one.since) - Date.parse(other.since))[0];
}

/** Nothing to do: nothing waits, nothing is in hand, nothing moved for some seconds. */
export function isIdle(status, now) {
  const { rates, ledger, backlog, last_stored: last } = status;
  const still = rates.delivered === 0 && rates.stored === 0 && ledger.in_hand === 0;
  const empty = !backlog || backlog.waiting === 0;
  return still && empty && !(last && now - Date.parse(last) < QUIET_AFTER);
}

/** More waits than is worked off in two seconds. */
export function isBehind({ backlog, rates }) {
  return backlog !== null && backlog.waiting > Math.max(BEHIND_LEAST, BEHIND_SECONDS * rates.stored);
}

/** Whether this instance processes documents, or only answers queries. */
export function processes(status) {
  return status.stages.some(({ role }) => role === "source");
}

/** What the addition lacks: 0 when it balances, negative when it has too much. */
export function missing({ delivered, stored, duplicate, buried, returned, in_hand: inHand }) {
  return delivered - (stored + duplicate + buried + returned + inHand);
}

/** How a stage does: `stalled`, `idle` or `running`. */
export function stageState(status, role, now) {
  if (trouble(status, role)) return "stalled";
  const still = role === "query" ? status.rates.requests === 0 : isIdle(status, now);
  return still ? "idle" : "running";
}
