// What the pipeline is doing, read from one status. `l0-runtime top` decides by the same rules.

import { worthTelling } from "../reasons.js";

/** What was stored less than this ago, in ms, still counts as movement. */
const QUIET_AFTER = 5000;
/** Nothing stored for so long while something waits, in ms, is worth a word. */
const STILL_AFTER = 10_000;
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

/** Whether documents are stored although the stage of this reason cannot work: another worker or connection can. */
export function storesDespite({ now, last_stored: last }, { since }) {
  return last !== null && Date.parse(last) > Date.parse(since) && Date.parse(now) - Date.parse(last) < QUIET_AFTER;
}

/**
 * What an instance does:
 *   queryOnly  it processes nothing
 *   idle       nothing waits, nothing moves
 *   rejecting  all that is settled becomes dead letters
 *   outdated   nothing moves, and what is known of the waiting messages is older than the last document
 *   still      something waits, and nothing has been stored for a while
 *   behind     the backlog is worked off
 *   keepingUp  what arrives is worked off at once
 */
export function progress(status, now) {
  if (!processes(status)) return "queryOnly";
  if (isIdle(status, now)) return "idle";
  const { rates } = status;
  if (rates.buried > 0 && rates.stored + rates.duplicate === 0) return "rejecting";
  if (!moves(rates) && isOutdated(status)) return "outdated";
  if (!moves(rates) && now - stillSince(status) >= STILL_AFTER) return "still";
  return isBehind(status) ? "behind" : "keepingUp";
}

/** When a document was stored last, or the instance started, in ms. */
export function stillSince({ last_stored: last, started }) {
  return Date.parse(last ?? started);
}

/** Whether this instance processes documents, or only answers queries. */
export function processes(status) {
  return status.stages.some(({ role }) => role === "source");
}

/** What the addition lacks: 0 when it balances, negative when it has too much. */
export function missing({ delivered, stored, duplicate, buried, returned, in_hand: inHand }) {
  return delivered - (stored + duplicate + buried + returned + inHand);
}

/**
 * How a stage does: `stalled`; `impaired`, which is stalled in part; `idle`; `running`; `still`, which has something to do
 * and does not move.
 */
export function stageState(status, role, now) {
  const reason = trouble(status, role);
  if (reason) return worksDespite(status, role, reason) ? "impaired" : "stalled";
  if (role === "query") return status.rates.requests > 0 ? "running" : "idle";
  if (isIdle(status, now)) return "idle";
  return passes(status.rates, role) || isRecent(status, now) ? "running" : "still";
}

function worksDespite(status, role, reason) {
  return role === "query" ? status.rates.requests > 0 : storesDespite(status, reason);
}

/** Nothing to do: nothing waits, nothing is in hand, nothing moved for some seconds. */
function isIdle(status, now) {
  const { rates, ledger, backlog } = status;
  const empty = !backlog || backlog.waiting === 0;
  return !moves(rates) && ledger.in_hand === 0 && empty && !isRecent(status, now);
}

function isRecent({ last_stored: last }, now) {
  return last !== null && now - Date.parse(last) < QUIET_AFTER;
}

function moves({ delivered, stored, duplicate, buried }) {
  return delivered + stored + duplicate + buried > 0;
}

/** Whether messages passed through a stage in the last second. */
function passes({ delivered, stored, duplicate }, role) {
  return role === "sink" ? stored + duplicate > 0 : delivered > 0;
}

/** The service was last looked at before the last document was stored. */
function isOutdated({ backlog, last_stored: last, ledger }) {
  if (!backlog?.looked_at || last === null || ledger.in_hand > 0) return false;
  return backlog.waiting > 0 && Date.parse(last) > Date.parse(backlog.looked_at);
}

/** More waits than is worked off in two seconds. */
function isBehind({ backlog, rates }) {
  return backlog !== null && backlog.waiting > Math.max(BEHIND_LEAST, BEHIND_SECONDS * rates.stored);
}
