// A pipeline that works while rules of its database refuse documents.

const since = "2026-01-31T09:00:00.000Z";
const rule = (code, name, messages) => ({ code, cause: name, messages, since });

/** A text that wants to be more than a text, and as long as a word may be. */
export const HOSTILE = `<img src=x onerror="window.executed=1">\u202e${"w".repeat(400)}`;

/** The part of a status that tells of it. */
export const DEGRADED = {
  given_back: 1207,
  degraded: [rule("given_back", "orders_amount_check", 1206), rule("buried", "orders_currency_check", 1), rule("kept_out", HOSTILE, 3), rule("buried", "orders_late_check", 2), rule("given_back", "orders_night", 1)],
};
