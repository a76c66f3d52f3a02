// Where a letter's detail points to: the validator and the mapping begin with a JSON pointer.

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
