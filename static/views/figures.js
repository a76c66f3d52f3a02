// Figures as the views write them: rates, durations, shares, round ends of scales.

import { milliseconds, words } from "../words.js";

export { clock, group, milliseconds as millis, words } from "../words.js";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const KIB = 1024;
const ROUND = [1, 1.2, 1.6, 2, 4, 6, 8, 10];

/** `104`, `3.5`: a place only below 10. */
export function rate(perSecond) {
  return number(perSecond, perSecond < 9.95 ? 1 : 0);
}

/** At most so many places, digits grouped. */
export function number(value, places) {
  return new Intl.NumberFormat(words.numbers, { maximumFractionDigits: places }).format(value);
}

/** `0.7 µs` */
export function micros(value) {
  return value < 1000 ? `${number(value, value < 100 ? 1 : 0)}\u00a0${words.pipeline.microseconds}` : milliseconds(value / 1000);
}

/** `14 s`, `3 min`, `2 h 14 min`, `5 d 3 h` of whole seconds. */
export function seconds(total) {
  if (total < MINUTE) return unit(total, "s");
  if (total < HOUR) return unit(Math.floor(total / MINUTE), "min");
  if (total < DAY) return pair(total, HOUR, "h", MINUTE, "min");
  return pair(total, DAY, "d", HOUR, "h");
}

/** `41 MiB` */
export function bytes(count) {
  const { sizes } = words.system;
  const power = count < KIB ? 0 : Math.min(Math.floor(Math.log2(count) / 10), sizes.length - 1);
  const size = count / KIB ** power;
  return `${number(size, power > 0 && size < 10 ? 1 : 0)}\u00a0${sizes[power]}`;
}

/** `14:48` in the reader's zone. */
export function hourMinute(date) {
  return new Intl.DateTimeFormat(words.locale, { hour: "2-digit", minute: "2-digit" }).format(date);
}

/** Seconds between two times in ms, never negative. */
export function between(from, to) {
  return Math.max(0, Math.floor((to - from) / 1000));
}

/** A round number that is at least the value, with a whole half: 2, 4, 20, 400, … */
export function roundUp(value, least) {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ROUND.map((step) => step * power).find((step) => step >= wanted);
}

function pair(total, large, largeUnit, small, smallUnit) {
  const rest = Math.floor((total % large) / small);
  const first = unit(Math.floor(total / large), largeUnit);
  return rest > 0 ? `${first} ${unit(rest, smallUnit)}` : first;
}

function unit(text, name) {
  return `${text}\u00a0${words.frame.units[name]}`;
}
