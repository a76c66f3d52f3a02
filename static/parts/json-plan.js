// What of a document's tree is written at first, and where its fault lies.

/** Lines written at once; more would make a page that does not answer. */
const LINES = 1000;
const DEEPEST = 64;

/** For every object and array near the top {written, open}. `path` are parts that must be open. */
export function planOf(root, path = []) {
  const plan = new Map();
  let left = LINES;
  visit(root, 0);
  return plan;

  function visit(value, depth) {
    for (const [index, { value: child }] of entriesOf(value).entries()) {
      if (left <= 0 && !path.includes(child)) continue;
      left -= 1;
      if (size(child) === 0) continue;
      // After its first element an array's elements start folded: they look alike.
      const folded = value.kind === "array" && index > 0;
      const written = path.includes(child) || (left > 0 && depth < DEEPEST);
      plan.set(child, { written, open: path.includes(child) || (written && !folded) });
      if (written) visit(child, depth + 1);
    }
  }
}

/** {value, path}: the value a JSON pointer names or the nearest above it, and all that holds it. */
export function faultIn(root, pointer) {
  const path = [root];
  for (const token of pointer.split("/").slice(1)) {
    const next = step(path.at(-1), token.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (next === undefined) break;
    path.push(next);
  }
  return { value: path.at(-1), path };
}

/** What an object or array holds: {key, value}, without keys in an array. */
export function entriesOf(value) {
  return value.kind === "object" ? value.members : value.items.map((item) => ({ value: item }));
}

/** How much it holds; 0 for what has no parts. */
export function size(value) {
  return value.kind === "object" ? value.members.length : value.kind === "array" ? value.items.length : 0;
}

function step(value, token) {
  if (value.kind === "array") return value.items[Number(token)];
  if (value.kind === "object") return value.members.findLast(({ key }) => key.text === token)?.value;
  return undefined;
}
