// Values of a document as people read them, in the parts that all cards share.

import { group } from "../../decimal.js";
import { isNull } from "../../json.js";
import { Fact, Facts } from "../../parts/facts.js";
import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { dateTime, plural, words } from "../../words.js";

// RFC 3339; how long the month is, and the rest, is for Date to say.
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt ](?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const WRAPS_ABOVE = 20;

/** Rows shown at first; a document can have more than a page can draw at once. */
export const FIRST_ROWS = 200;

/** A value in one line; what has parts is counted, the JSON beside it shows them. */
export function show(value) {
  if (value === undefined || isNull(value)) return quiet(words.order.none);
  switch (value.kind) {
    case "string": return value.text === "" ? quiet(words.order.empty) : instant(value.text) ?? stored(value.text);
    case "object": return quiet(plural(value.members.length, words.frame.fields));
    case "array": return quiet(plural(value.items.length, words.frame.elements));
    default: return stored(value.source);
  }
}

/** The text of a scalar that has one; undefined for null, "" and what has parts. */
export function textOf(value) {
  const text = value?.kind === "string" ? value.text : isNull(value) ? undefined : value?.source;
  return text || undefined;
}

export function quiet(text) {
  return html`<span class="quiet">${text}</span>`;
}

/** A time in the reader's zone, or undefined where the text is no RFC 3339 time. */
export function instant(text) {
  const [, day] = INSTANT.exec(text) ?? [];
  if (day === undefined || !exists(day)) return undefined;
  const date = new Date(text.toUpperCase());
  return Number.isNaN(date.getTime()) ? undefined : timeElement(date, text);
}

/** A time given in seconds since 1970, or undefined where it is not one. */
export function unixTime(digits) {
  const date = /^\d{1,11}$/.test(digits ?? "") ? new Date(Number(digits) * 1000) : new Date(NaN);
  return Number.isNaN(date.getTime()) ? undefined : timeElement(date, date.toISOString());
}

/** Digits grouped for the reader. */
export function figure(digits, places) {
  return html`<bdi translate=${false}>${group(digits, words.numbers, places)}</bdi>`;
}

/** Stored text. */
export function stored(text) {
  return html`<${Stored} text=${text} />`;
}

/** One row of the facts. */
export function fact(label, value, look) {
  return html`<${Fact} label=${label} look=${look}>${value}<//>`;
}

/** Rows named as in the document. */
export function namedFacts(members) {
  return html`<${Facts} beside>${members.slice(0, FIRST_ROWS).map(({ name, value }) => fact(stored(name), show(value)))}${cut(members.length)}<//>`;
}

/** What is left out of a long list; the JSON has it. */
export function cut(length) {
  return length > FIRST_ROWS && fact("…", quiet(`+${length - FIRST_ROWS}`));
}

/** The same below a table. */
export function rest(length) {
  return length > FIRST_ROWS && html`<${Facts}>${cut(length)}<//>`;
}

/** A phrase of ours around a stored text: ["size ", "M"]. A bare string is stored text. */
export function phrase(parts) {
  if (typeof parts === "string") return stored(parts);
  const [ours, text] = parts;
  return [ours, stored(text)];
}

/** Parts with commas between. */
export function separated(parts) {
  return parts.flatMap((part, n) => (n > 0 ? [", ", part] : [part]));
}

/** The classes of a cell with a figure. */
export function numberCell(text) {
  return text.length > WRAPS_ABOVE ? "number long" : "number";
}

/** Date takes 30 February for 2 March. */
function exists(day) {
  const date = new Date(day);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function timeElement(date, exact) {
  return html`<time datetime=${exact} title=${exact}>${dateTime(date)}</time>`;
}
