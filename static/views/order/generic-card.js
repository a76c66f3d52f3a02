// The card of any other document: scalars of the root first, then one section per object and one
// table per array of objects, named as in the document.

import { isScalar } from "../../json.js";
import { Facts } from "../../parts/facts.js";
import { html } from "../../vendor/preact.js";
import { words } from "../../words.js";
import { FIRST_ROWS, cut, fact, namedFacts, numberCell, quiet, rest, show, stored, textOf } from "./values.js";

/** Columns that fit beside each other; wider rows become lists. */
const WIDEST = 6;

/** The sections of the card of a document, whatever it holds. */
export function GenericCard({ root }) {
  const members = root.kind === "object" ? root.members : [];
  const own = members.filter(({ value }) => isScalar(value)).map(named);
  const parts = members.filter(({ value }) => !isScalar(value)).slice(0, FIRST_ROWS);
  if (members.length === 0) own.push({ name: words.order.document, value: root });
  return html`${own.length > 0 && section(words.order.ownFields, namedFacts(own))}${parts.map(part)}`;
}

function part({ key, value }) {
  const name = stored(key.text);
  if (value.kind === "object") return section(name, namedFacts(leaves(value)));
  const { items } = value;
  const title = [name, `, ${items.length}`];
  if (items.length === 0) return section(title, quiet(words.order.empty));
  return section(title, items.every((item) => item.kind === "object") ? table(items) : list(items));
}

function section(title, content) {
  return html`<section><h3>${title}</h3>${content}</section>`;
}

/** Members of inner objects by their path, `place.city`. */
function leaves(object, prefix = "") {
  return object.members.flatMap(({ key, value }) => {
    const name = prefix + key.text;
    return value.kind === "object" && value.members.length > 0 ? leaves(value, `${name}.`) : [{ name, value }];
  });
}

function table(items) {
  const rows = items.slice(0, FIRST_ROWS).map((item) => new Map(item.members.map(({ key, value }) => [key.text, value])));
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  if (names.length > WIDEST) return [rows.map((_, n) => namedFacts(leaves(items[n]))), rest(items.length)];
  const figures = names.map((name) => rows.every((row) => [undefined, "number"].includes(row.get(name)?.kind)));
  const head = names.map((name, n) => html`<th scope="col" class=${figures[n] ? "number" : undefined}>${stored(name)}</th>`);
  const body = rows.map((row) => html`<tr role="row">${names.map((name, n) => cell(name, row.get(name), figures[n]))}</tr>`);
  return html`<table class="items" role="table"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${rest(items.length)}`;
}

function cell(name, value, isFigure) {
  const look = isFigure ? numberCell(textOf(value) ?? "") : undefined;
  return html`<td class=${look} role="cell" data-label=${name}>${value && show(value)}</td>`;
}

function list(items) {
  return html`<${Facts} beside>${items.slice(0, FIRST_ROWS).map((item, n) => fact(String(n + 1), show(item)))}${cut(items.length)}<//>`;
}

function named({ key, value }) {
  return { name: key.text, value };
}
