// Times of letters: the clock for today, the day for older ones.

import { words } from "../figures.js";

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
const DAY = { day: "numeric", month: "short" };

/** `17:01:47`, `yesterday`, `22 Nov`. */
export function dayOrClock(date, now = new Date()) {
  if (sameDay(date, now)) return format(date, CLOCK);
  return sameDay(date, dayBefore(now)) ? words.letters.yesterday : format(date, DAY);
}

/** `24 Nov, 17:01:47` */
export function dayAndClock(date) {
  return format(date, { ...DAY, ...CLOCK });
}

/** `at 17:01:47` today, else `on 24 Nov at 17:01:47`. */
export function when(date, now = new Date()) {
  const { at, onDay } = words.letters;
  const time = format(date, CLOCK);
  return sameDay(date, now) ? at(time) : onDay(format(date, DAY), time);
}

/** `17:01:47.310` today, else with its day. */
export function exact(date, now = new Date()) {
  return format(date, { ...(sameDay(date, now) ? {} : DAY), ...CLOCK, fractionalSecondDigits: 3 });
}

function dayBefore(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - 1);
}

function sameDay(one, other) {
  return one.toDateString() === other.toDateString();
}

function format(date, options) {
  return new Intl.DateTimeFormat(words.locale, options).format(date);
}
