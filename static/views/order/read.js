// A stored text as what is to be shown of it.

import { member, parseJson } from "../../json.js";
import { isOrder } from "./order-card.js";
import { textOf } from "./values.js";

/** {id, text, json, order}: `json` is undefined where the text is no JSON. */
export function readDocument(id, text) {
  const json = parsed(text);
  return { id, text, json, order: json !== undefined && isOrder(json) };
}

export function readRow({ id, key }) {
  return { id: String(id), text: "", json: parsed(JSON.stringify({ key })), order: false, key };
}

/**
 * The text a document goes by: an order's track number, else its key. Of a key `tenant/order_id` that
 * is both values, joined as the key is.
 */
export function nameOf({ json, order, key: known }, key) {
  if (known !== undefined) return known;
  const columns = order ? ["track_number"] : (key?.split("/") ?? []);
  const texts = columns.map((column) => textOf(member(json, column)));
  if (texts.length === 0 || texts.some((text) => text === undefined)) return undefined;
  return texts.length === 1 ? texts[0] : texts.map(escaped).join("/");
}

const escaped = (text) => text.replaceAll("~", "~0").replaceAll("/", "~1");

function parsed(text) {
  try {
    return parseJson(text);
  } catch (error) {
    // A RangeError is a document nested deeper than the parser can follow.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
