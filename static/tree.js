// The document as highlighted JSON, exactly as it was written, folded by <details>.

import { h, visible } from "./dom.js";
import { count, words } from "./words.js";

/** Lines written at once. What lies below is written when it is unfolded or asked for. */
const LINES = 2000;
const MORE = 500;

/** The lines of a value. */
export function jsonTree(value) {
  const tree = h("div", { class: "json", role: "group", "aria-label": "JSON", translate: "no" });
  const budget = { left: LINES };
  const [open, close] = brackets(value);
  if (size(value) === 0) tree.append(line([], value, ""));
  else tree.append(h("p", {}, open), children(value, budget), h("p", {}, close));
  return tree;
}

/** Text that is no JSON, as it is. */
export function plainText(text) {
  return h("div", { class: "json", translate: "no" }, h("p", {}, h("b", {}, visible(text))));
}

/** Folds or unfolds every part; returns whether it folded. */
export function foldAll(tree) {
  const parts = [...tree.querySelectorAll("details")];
  const fold = parts.some((part) => part.open);
  for (const part of parts) part.open = !fold;
  return fold;
}

function children(value, budget) {
  const block = h("div");
  const entries = value.kind === "object" ? value.members : value.items.map((item) => ({ value: item }));
  writeFrom(0, LINES);
  return block;

  function writeFrom(start, most) {
    const end = Math.min(entries.length, start + most);
    for (let n = start; n < end; n += 1) {
      const comma = n + 1 < entries.length ? "," : "";
      block.append(entry(entries[n], comma, budget, value.kind === "array" && n > 0));
    }
    if (end < entries.length) block.append(moreButton(end));
  }

  function moreButton(start) {
    const next = Math.min(MORE, entries.length - start);
    const button = h("button", { class: "button plain", type: "button", click: () => {
      button.remove();
      writeFrom(start, MORE);
    } }, words.showMore(next));
    return button;
  }
}

function entry({ key, value }, comma, budget, folded) {
  budget.left -= 1;
  const name = key ? [visible(key.source), ": "] : [];
  return size(value) > 0 ? fold(name, value, comma, budget, folded) : line(name, value, comma);
}

/** After its first element an array's elements start folded: they look alike. */
function fold(name, value, comma, budget, folded) {
  const [open, close] = brackets(value);
  const summary = h("summary", {}, name, open, h("span", {}, ` ${sizeText(value)} ${close}${comma}`));
  const part = h("details", { open: !folded && budget.left > 0 }, summary);
  const fill = () => part.append(children(value, budget), h("p", {}, close + comma));
  if (budget.left > 0) {
    fill();
  } else {
    part.addEventListener("toggle", () => {
      budget.left = MORE;
      fill();
    }, { once: true });
  }
  return part;
}

function line(name, value, comma) {
  return h("p", {}, name, leaf(value), comma);
}

function leaf(value) {
  switch (value.kind) {
    case "string": return h("b", {}, visible(value.source));
    case "object": return "{}";
    case "array": return "[]";
    default: return h("i", {}, value.source);
  }
}

function brackets(value) {
  return value.kind === "object" ? ["{", "}"] : ["[", "]"];
}

function size(value) {
  return value.kind === "object" ? value.members.length : value.kind === "array" ? value.items.length : 0;
}

function sizeText(value) {
  return count(size(value), value.kind === "object" ? "fieldCount" : "elementCount");
}
