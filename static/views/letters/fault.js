// Where a letter's detail points to: the validator and the mapping begin with a JSON pointer.

import { member } from "../../json.js";

const FORMS = [
  /^(?:key )?`(\/[^`]*)` (.+)$/s, // `/items/0/price` (column `price`) must be integer
  /^(\/\S*?): (.+)$/s, //             /items/0/price: expected number (type)
  /^(\/\S*) (.+)$/s, //               /items/0/price must be a number
];

const WHOLE = /^document: (.+)$/s; //   document: order_uid is missing (required)

/** {pointer, text} of a detail that names a place, else undefined. The whole document is "". */
export function faultOf(detail) {
  const whole = WHOLE.exec(detail);
  if (whole) return { pointer: "", text: whole[1] };
  const found = FORMS.map((form) => form.exec(detail)).find(Boolean);
  return found && { pointer: found[1], text: found[2] };
}

/** The fault's place in a parsed document for `Json`, or the nearest that exists; undefined without one. */
export function markedIn(root, fault) {
  if (!fault) return undefined;
  const path = [root];
  for (const token of fault.pointer.split("/").slice(1)) {
    const next = step(path.at(-1), token.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (next === undefined) break;
    path.push(next);
  }
  return { value: path.at(-1), path, text: fault.text };
}

function step(value, token) {
  if (value.kind === "array") return value.items[Number(token)];
  return member(value, token);
}
