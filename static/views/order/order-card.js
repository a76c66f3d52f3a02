// The card of a shop order. It shows what was published and corrects nothing.

import { digits, equal, group } from "../../decimal.js";
import { isScalar, member } from "../../json.js";
import { Facts } from "../../parts/facts.js";
import { html } from "../../vendor/preact.js";
import { words } from "../../words.js";
import { AMOUNT_PLACES, amount, itemsTotal, paidAt } from "./amounts.js";
import { ItemTable } from "./item-table.js";
import { fact, namedFacts, phrase, quiet, separated, show, stored, textOf } from "./values.js";

/** Fields that have a place of their own on the card or in its title. */
const PLACED = { track_number: isScalar, date_created: isScalar, delivery: isObject, payment: isObject, items: isArray };

export function isOrder(value) {
  return ["order_uid", "track_number"].every((name) => isScalar(member(value, name)));
}

/** The sections of an order's card. */
export function OrderCard({ root }) {
  const items = elements(member(root, "items"));
  return html`
    ${people(member(root, "delivery"))}
    <section>${items.length > 0 ? html`<${ItemTable} items=${items} />` : html`<h3>${words.order.itemsTitle}</h3>${quiet(words.order.none)}`}</section>
    ${money(member(root, "payment"), items)}`;
}

/** What has no place of its own, folded. */
export function OtherFields({ order }) {
  const members = order.members.filter(({ key, value }) => !PLACED[key.text]?.(value));
  if (members.length === 0) return null;
  return html`
    <details class="more">
      <summary>${words.order.otherFields} ${quiet(String(members.length))}</summary>
      ${namedFacts(members.map(({ key, value }) => ({ name: key.text, value })))}
    </details>`;
}

function people(delivery) {
  const field = (name) => textOf(member(delivery, name));
  const customer = [[field("name")], [field("phone")], [field("email")]];
  const place = [[field("address")], [field("city"), field("region")], [field("zip")]];
  return html`<section class="fields">${address(words.order.customer, customer)}${address(words.order.deliverTo, place)}</section>`;
}

function address(title, lines) {
  const written = lines.map((line) => line.filter(Boolean)).filter((line) => line.length > 0);
  const text = written.map((line, n) => html`${n > 0 && html`<br />`}${separated(line.map(stored))}`);
  return html`<div><h3>${title}</h3><address translate=${false}>${written.length > 0 ? text : quiet(words.order.none)}</address></div>`;
}

function money(payment, items) {
  const currency = textOf(member(payment, "currency"));
  const { order } = words;
  const paid = [["payment_dt", order.paid, paidAt], ["provider", order.provider, show], ["bank", order.bank, show]];
  const sums = [
    ["goods_total", order.goods, amount],
    ["delivery_cost", order.delivery, amount],
    ["custom_fee", order.customsFee, amount],
    ["amount", order.total, amount, "sum"],
  ];
  return html`
    <section class="fields">
      <div><h3>${order.payment}</h3>${facts(payment, paid)}</div>
      <div><h3>${currency ? phrase(order.sumIn(currency)) : order.sum}</h3>${facts(payment, sums)}</div>
      ${difference(member(payment, "goods_total"), itemsTotal(items))}
    </section>`;
}

function facts(object, rows) {
  const known = rows.filter(([name]) => member(object, name) !== undefined);
  if (known.length === 0) return quiet(words.order.none);
  return html`<${Facts}>${known.map(([name, label, write, look]) => fact(label, write(member(object, name)), look))}<//>`;
}

/** A note where the items and the order disagree; none where one of them is not known. */
function difference(goods, total) {
  const stated = digits(goods);
  if (stated === undefined || total === undefined || equal(stated, total)) return undefined;
  const [items, order] = [total, stated].map((number) => group(number, words.numbers, AMOUNT_PLACES));
  return html`<p class="note quiet">${words.order.mismatch(items, order)}</p>`;
}

function elements(value) {
  return value?.kind === "array" ? value.items : [];
}

function isObject(value) {
  return value.kind === "object";
}

function isArray(value) {
  return value.kind === "array";
}
