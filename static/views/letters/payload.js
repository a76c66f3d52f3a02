// A payload as it was published: JSON with the fault at its line, else text, else hex.

import { parseJson } from "../../json.js";
import { Json, PlainText } from "../../parts/json.js";
import { html, useMemo } from "../../vendor/preact.js";
import { plural } from "../../words.js";
import { words } from "../figures.js";
import { faultOf, markedIn } from "./fault.js";
import { hexLines } from "./hex.js";

const TEXT_LIMIT = 65536;
const HEX_LIMIT = 4096;

export function Payload({ letter }) {
  const { payload, payload_base64: base64 } = letter;
  return html`
    <section class="flush" aria-label=${words.letters.payload}>
      ${payload === null ? html`<${Binary} base64=${base64} />` : html`<${Text} text=${payload} detail=${letter.detail} />`}
    </section>`;
}

function Text({ text, detail }) {
  const value = useMemo(() => parsed(text), [text]);
  const marked = useMemo(() => value && markedIn(value, faultOf(detail)), [value, detail]);
  if (value) return html`<${Json} value=${value} marked=${marked} label=${words.letters.payload} />`;
  const shown = text.slice(0, TEXT_LIMIT);
  return html`
    <p class="note quiet about">${words.letters.notJson}${shown.length < text.length && ` ${words.letters.cut(shown.length, text.length)}`}</p>
    <${PlainText} text=${shown} />`;
}

function parsed(text) {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function Binary({ base64 }) {
  const bytes = useMemo(() => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)), [base64]);
  const { binary, binaryPart, bytes: noun } = words.letters;
  const size = plural(bytes.length, noun);
  const note = bytes.length > HEX_LIMIT ? binaryPart(size, plural(HEX_LIMIT, noun)) : binary(size);
  return html`
    <p class="note quiet about">${note}</p>
    <div class="json" role="group" aria-label=${words.letters.payload} translate=${false}>
      ${hexLines(bytes.subarray(0, HEX_LIMIT)).map((line) => html`<p key=${line}>${line}</p>`)}
    </div>`;
}
