// The items of an order: one row each, their exact sum below.

import { isScalar, member } from "../../json.js";
import { html } from "../../vendor/preact.js";
import { plural, words } from "../../words.js";
import { AMOUNT_PLACES, amount, itemsTotal, percent, plain } from "./amounts.js";
import { FIRST_ROWS, figure, numberCell, phrase, rest, separated, show, textOf } from "./values.js";

export function ItemTable({ items }) {
  const counted = items.some((item) => isScalar(member(item, "quantity")));
  const columns = [
    ...(counted ? [["quantity", words.order.quantity, plain]] : []),
    ["price", words.order.price, amount],
    ["sale", words.order.sale, percent],
    ["total_price", words.order.sum, amount],
  ];
  const head = columns.map(([, title]) => html`<th scope="col" class="number">${title}</th>`);
  return html`
    <table class="items" role="table">
      <thead><tr><th scope="col">${words.order.item}</th>${head}</tr></thead>
      <tbody>${items.slice(0, FIRST_ROWS).map((item) => itemRow(item, columns))}</tbody>
      <tfoot>${totalRow(items, columns.length)}</tfoot>
    </table>
    ${rest(items.length)}`;
}

function itemRow(item, columns) {
  const size = textOf(member(item, "size"));
  const below = [textOf(member(item, "brand")), size && words.order.size(size)].filter(Boolean);
  const cells = columns.map(([name, label, write]) => {
    const value = member(item, name);
    return html`<td class=${numberCell(textOf(value) ?? "")} role="cell" data-label=${label}>${write(value)}</td>`;
  });
  return html`
    <tr role="row">
      <td role="cell">${show(item.kind === "object" ? member(item, "name") : item)} ${below.length > 0 && html`<small>${separated(below.map(phrase))}</small>`}</td>
      ${cells}
    </tr>`;
}

function totalRow(items, span) {
  const total = itemsTotal(items);
  return html`
    <tr role="row">
      <td role="cell" colspan=${span}>${plural(items.length, words.order.items)}</td>
      <td class=${numberCell(total ?? "")} role="cell">${total && figure(total, AMOUNT_PLACES)}</td>
    </tr>`;
}
