// Stored text: only ever a text node, and what cannot be seen in it is named.

import { html } from "../vendor/preact.js";

/** Characters that are invisible or change the direction of what follows. */
const HIDDEN = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb])\1*/g;
const HIDDEN_RUN = new RegExp(`(?:${HIDDEN.source})+`, "g");
/** Pieces of one text; more would make a page that does not answer. */
const MOST = 200;

/** Stored text, kept apart from the direction and the language of the page. */
export function Stored({ text }) {
  return html`<bdi translate=${false}>${visible(text)}</bdi>`;
}

/** The text in pieces: strings, and a badge for every run of one hidden character up to `MOST`. */
export function visible(text) {
  const pieces = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (pieces.length >= MOST) break;
    if (found.index > from) pieces.push(text.slice(from, found.index));
    pieces.push(html`<span class="badge">${codePoint(found[1], found[0].length)}</span>`);
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push(printable(text.slice(from)));
  return pieces;
}

/** The text with a mark where hidden characters are, for places that take no elements. */
export function printable(text) {
  return text.replace(HIDDEN_RUN, "\ufffd");
}

function codePoint(character, times) {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return times > 1 ? `U+${code} ×${times}` : `U+${code}`;
}
