// Elements without innerHTML: text only ever becomes a text node.

/** Characters that are invisible or change the direction of what follows. */
const HIDDEN = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb])\1*/g;

/** An element. A function among the attributes is a listener; false and undefined are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined));
  return element;
}

/** An icon beside a word; it says nothing itself. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Stored text, kept apart from the direction and the language of the page. */
export function stored(text) {
  return h("bdi", { translate: "no" }, visible(text));
}

/** The text in pieces: strings, and a badge for every run of one hidden character. */
export function visible(text) {
  const pieces = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (found.index > from) pieces.push(text.slice(from, found.index));
    pieces.push(h("span", { class: "badge" }, codePoint(found[1], found[0].length)));
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** The text without hidden characters, for places that take no elements. */
export function printable(text) {
  return text.replace(HIDDEN, "\ufffd");
}

function codePoint(character, times) {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return times > 1 ? `U+${code} ×${times}` : `U+${code}`;
}

/** A button that copies a text and says so for two seconds; with an icon it shows no word. */
export function copyButton(text, { label, copied, notCopied }, symbol) {
  const said = h("span", { class: "hidden", role: "status" });
  const face = (word, name) => (symbol ? icon(name) : word);
  const button = h("button", { class: "button plain", type: "button", "aria-label": symbol && label }, face(label, symbol));
  button.addEventListener("click", async () => {
    const done = await copy(text);
    said.textContent = done ? copied : notCopied;
    button.replaceChildren(face(said.textContent, done ? "check" : "warn"));
    setTimeout(() => {
      said.textContent = "";
      button.replaceChildren(face(label, symbol));
    }, 2000);
  });
  return [button, said];
}

/** The clipboard interface exists only on https and loopback; elsewhere the older command serves. */
async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Permission refused: the older command may still be allowed.
    }
  }
  const area = h("textarea", { class: "hidden", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
