// Times and counts as the language in use writes them.

import { words } from "./language.js";

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const STEPS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** `17:04:31` in the reader's zone. */
export function clock(date) {
  return time(date, CLOCK);
}

/** `17:04:31.204` in the reader's zone. */
export function preciseClock(date) {
  return time(date, { ...CLOCK, fractionalSecondDigits: 3 });
}

/** `26 Nov 2021, 09:22` in the reader's zone. */
export function dateTime(date) {
  return time(date, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

/** Whether a time is of today in the reader's zone. */
export function isToday(date) {
  return date.toDateString() === new Date().toDateString();
}

/** The reader's zone: `GMT+3`. */
export function zone() {
  const parts = new Intl.DateTimeFormat(words.locale, { timeZoneName: "shortOffset" }).formatToParts();
  return parts.find(({ type }) => type === "timeZoneName").value;
}

/** `2 s ago`, `4 min ago`: the largest whole unit. A time still to come is now. */
export function ago(date, now = new Date()) {
  const seconds = Math.max(0, Math.floor((now - date) / 1000));
  const [unit, length] = STEPS.find(([, step]) => seconds >= step) ?? STEPS.at(-1);
  return words.frame.ago(measure(Math.floor(seconds / length), unit));
}

/** `0.03 ms`: short times keep two places. */
export function milliseconds(duration) {
  const places = duration < 1 ? 2 : duration < 100 ? 1 : 0;
  const least = duration > 0 && duration < 0.005;
  return `${least ? "<" : ""}${measure(rounded(least ? 0.01 : duration, places), "ms")}`;
}

/** How long something took, given in whole milliseconds: `5 ms`, `1.2 s`, `3 min`. */
export function duration(ms) {
  if (ms < 1000) return measure(ms, "ms");
  if (ms < 60_000) return measure(rounded(ms / 1000, 1), "s");
  const [unit, length] = STEPS.find(([, step]) => ms >= step * 1000);
  return measure(group(Math.floor(ms / 1000 / length)), unit);
}

/** `128,437` */
export function group(count) {
  return rounded(count, 0);
}

/** `2 items`: the count and the plural form that belongs to it. */
export function plural(count, forms) {
  return `${group(count)} ${forms[new Intl.PluralRules(words.numbers).select(count)]}`;
}

function rounded(value, places) {
  return new Intl.NumberFormat(words.numbers, { maximumFractionDigits: places }).format(value);
}

function measure(text, unit) {
  return `${text}\u00a0${words.frame.units[unit]}`;
}

function time(date, options) {
  return new Intl.DateTimeFormat(words.locale, options).format(date);
}
