// A stored text as what is to be shown of it.

import { member, parseJson } from "../../json.js";
import { isOrder } from "./order-card.js";
import { textOf } from "./values.js";

/** {id, text, json, order}: `json` is undefined where the text is no JSON. */
export function readDocument(id, text) {
  const json = parsed(text);
  return { id, text, json, order: json !== undefined && isOrder(json) };
}

/** The text a document goes by: an order's track number, else the value of the key column. */
export function nameOf({ json, order }, key) {
  const column = order ? "track_number" : key;
  return column ? textOf(member(json, column)) : undefined;
}

function parsed(text) {
  try {
    return parseJson(text);
  } catch (error) {
    // A RangeError is a document nested deeper than the parser can follow.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
