// The card of a shop order. It shows what was published and corrects nothing.

import { digits, equal, group, sum } from "./decimal.js";
import { h, stored } from "./dom.js";
import { FIRST_ROWS, fact, figure, namedFacts, numberCell, quiet, rest, show, textOf, unixTime } from "./facts.js";
import { isScalar, member } from "./json.js";
import { count, words } from "./words.js";

const AMOUNT_PLACES = 2;
/** Fields that have a place of their own on the card or in its title. */
const PLACED = { track_number: isScalar, date_created: isScalar, delivery: isObject, payment: isObject, items: isArray };

export function isOrder(value) {
  return ["order_uid", "track_number"].every((name) => isScalar(member(value, name)));
}

/** The sections of an order's card. */
export function orderCard(order) {
  const items = elements(member(order, "items"));
  return [
    people(member(order, "delivery")),
    h("section", {}, items.length > 0 ? itemTable(items) : [h("h3", {}, words.itemsTitle), quiet(words.none)]),
    money(member(order, "payment"), items),
    otherFields(order),
  ];
}

function people(delivery) {
  const field = (name) => textOf(member(delivery, name));
  const customer = [[field("name")], [field("phone")], [field("email")]];
  const place = [[field("address")], [field("city"), field("region")], [field("zip")]];
  return h("section", { class: "fields" }, address(words.customer, customer), address(words.deliverTo, place));
}

function address(title, lines) {
  const written = lines.map((line) => line.filter(Boolean)).filter((line) => line.length > 0);
  const text = written.flatMap((line, n) => [n > 0 ? h("br") : [], separated(line.map(stored))]);
  return h("div", {}, h("h3", {}, title), h("address", { translate: "no" }, written.length > 0 ? text : quiet(words.none)));
}

function itemTable(items) {
  const counted = items.some((item) => isScalar(member(item, "quantity")));
  const columns = [
    ...(counted ? [["quantity", words.quantity, plain]] : []),
    ["price", words.price, amount],
    ["sale", words.sale, percent],
    ["total_price", words.sum, amount],
  ];
  const head = columns.map(([, title]) => h("th", { scope: "col", class: "number" }, title));
  return [h("table", { class: "items", role: "table" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words.item), head)),
    h("tbody", {}, items.slice(0, FIRST_ROWS).map((item) => itemRow(item, columns))),
    h("tfoot", {}, totalRow(items, columns.length))), rest(items.length)];
}

function itemRow(item, columns) {
  const size = textOf(member(item, "size"));
  const below = [textOf(member(item, "brand")), size && words.size(size)].filter(Boolean);
  const title = h("td", { role: "cell" }, show(item.kind === "object" ? member(item, "name") : item), " ",
    below.length > 0 ? h("small", {}, separated(below.map(phrase))) : undefined);
  const cells = columns.map(([name, label, write]) => {
    const value = member(item, name);
    return h("td", { class: numberCell(textOf(value) ?? ""), role: "cell", "data-label": label }, write(value));
  });
  return h("tr", { role: "row" }, title, cells);
}

function totalRow(items, span) {
  const total = itemsTotal(items);
  return h("tr", { role: "row" },
    h("td", { role: "cell", colspan: span }, count(items.length, "itemCount")),
    h("td", { class: numberCell(total ?? ""), role: "cell" }, total && figure(total, AMOUNT_PLACES)));
}

function money(payment, items) {
  const currency = textOf(member(payment, "currency"));
  return h("section", { class: "fields" },
    h("div", {}, h("h3", {}, words.payment), facts(payment, [["payment_dt", words.paid, paidAt], ["provider", words.provider, show], ["bank", words.bank, show]])),
    h("div", {}, h("h3", {}, currency ? phrase(words.sumIn(currency)) : words.sum), facts(payment, [
      ["goods_total", words.goods, amount],
      ["delivery_cost", words.delivery, amount],
      ["custom_fee", words.customsFee, amount],
      ["amount", words.total, amount, "sum"],
    ])),
    difference(member(payment, "goods_total"), itemsTotal(items)));
}

function facts(object, rows) {
  const known = rows.filter(([name]) => member(object, name) !== undefined);
  if (known.length === 0) return quiet(words.none);
  return h("dl", { class: "facts" }, known.map(([name, label, write, look]) => fact(label, write(member(object, name)), look)));
}

/** A note where the items and the order disagree; none where one of them is not known. */
function difference(goods, total) {
  const stated = digits(goods);
  if (stated === undefined || total === undefined || equal(stated, total)) return undefined;
  const [items, order] = [total, stated].map((number) => group(number, words.numbers, AMOUNT_PLACES));
  return h("p", { class: "note quiet" }, words.mismatch(items, order));
}

function otherFields(order) {
  const members = order.members.filter(({ key, value }) => !PLACED[key.text]?.(value));
  if (members.length === 0) return undefined;
  return h("details", { class: "more" },
    h("summary", {}, `${words.otherFields} `, quiet(String(members.length))),
    namedFacts(members.map(({ key, value }) => ({ name: key.text, value }))));
}

/** The exact sum of the items; undefined when one states no sum. */
function itemsTotal(items) {
  const sums = items.map((item) => digits(member(item, "total_price")));
  return sums.length === 0 || sums.includes(undefined) ? undefined : sum(sums);
}

function amount(value) {
  const number = digits(value);
  return number === undefined ? show(value) : figure(number, AMOUNT_PLACES);
}

function plain(value) {
  const number = digits(value);
  return number === undefined ? show(value) : figure(number);
}

function percent(value) {
  const number = digits(value);
  return number === undefined ? show(value) : [figure(number), "\u00a0%"];
}

function paidAt(value) {
  return unixTime(digits(value)) ?? show(value);
}

/** A phrase of ours around a stored text: ["size ", "M"]. A bare string is stored text. */
function phrase(parts) {
  if (typeof parts === "string") return stored(parts);
  const [ours, text] = parts;
  return [ours, stored(text)];
}

function separated(parts) {
  return parts.flatMap((part, n) => (n > 0 ? [", ", part] : [part]));
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
