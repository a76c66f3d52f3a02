// What of a document's tree is written at first.

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

/** What an object or array holds: {key, value}, without keys in an array; nothing in a scalar. */
export function entriesOf({ members, items = [] }) {
  return members ?? items.map((item) => ({ value: item }));
}

/** How much it holds; 0 for what has no parts. */
export function size({ members, items }) {
  return (members ?? items)?.length ?? 0;
}
