// Amounts of an order: digits grouped, never rounded; what is no number is shown as it is.

import { digits, sum } from "../../decimal.js";
import { member } from "../../json.js";
import { figure, show, unixTime } from "./values.js";

export const AMOUNT_PLACES = 2;

/** The exact sum of the items; undefined when one states no sum. */
export function itemsTotal(items) {
  const sums = items.map((item) => digits(member(item, "total_price")));
  return sums.length === 0 || sums.includes(undefined) ? undefined : sum(sums);
}

export function amount(value) {
  const number = digits(value);
  return number === undefined ? show(value) : figure(number, AMOUNT_PLACES);
}

export function plain(value) {
  const number = digits(value);
  return number === undefined ? show(value) : figure(number);
}

export function percent(value) {
  const number = digits(value);
  return number === undefined ? show(value) : [figure(number), "\u00a0%"];
}

export function paidAt(value) {
  return unixTime(digits(value)) ?? show(value);
}
