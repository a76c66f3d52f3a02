// A pipeline that works while something goes wrong.

const since = "2026-01-31T09:00:00.000Z";

/** The part of a status that tells of it, each `[code, cause, messages]`. */
export function degraded(...symptoms) {
  return { degraded: symptoms.map(([code, cause, messages = null]) => ({ code, cause, messages, since })) };
}

/** A text that wants to be more than a text, and as long as a word may be. */
export const HOSTILE = `<img src=x onerror="window.executed=1">\u202e${"w".repeat(400)}`;

export const DEGRADED = {
  given_back: 1207,
  ...degraded(
    ["given_back", "orders_amount_check", 1206],
    ["source_full", "stream ORDERS holds 1000 of 1000 messages"],
    ["kept_out", HOSTILE, 3],
    ["buried", "orders_late_check", 2],
    ["given_back", "orders_night", 1],
  ),
};
