// A document as highlighted JSON, exactly as it was written, folded by <details>.

import { html, useMemo, useState } from "../vendor/preact.js";
import { plural, words } from "../words.js";
import { entriesOf, planOf, size } from "./json-plan.js";
import { visible } from "./stored.js";

/** Entries of one object or array that are written at once. */
const FIRST = 500;
const MORE = 500;

/**
 * The lines of a value as parsed by `parseJson`. `marked` is {value, path, text}: the line of that
 * value is marked, with the text below it; `path` are it and all that holds it.
 */
export function Json({ value, marked, label = "JSON" }) {
  const tree = useMemo(() => {
    const context = { marked, plan: planOf(value, marked?.path) };
    return size(value) > 0 ? root(value, context) : line(undefined, value, "", context);
  }, [value, marked, words.locale]);
  return html`<div class="json" role="group" aria-label=${label} translate=${false}>${tree}</div>`;
}

/** Text that is no JSON, as it is. */
export function PlainText({ text }) {
  return html`<div class="json" translate=${false}><p><b>${visible(text)}</b></p></div>`;
}

/** Folds or unfolds every part below an element; returns whether it folded. */
export function foldAll(element) {
  const parts = [...element.querySelectorAll("details")];
  const fold = parts.some((part) => part.open);
  for (const part of parts) part.open = !fold;
  return fold;
}

function root(value, context) {
  const [open, close] = brackets(value);
  return html`<p>${open}</p>${reason(value, context)}<${Children} value=${value} context=${context} /><p>${close}</p>`;
}

function Children({ value, context }) {
  const entries = useMemo(() => entriesOf(value), [value]);
  const [shown, setShown] = useState(FIRST);
  const left = entries.length - shown;
  const more = () => setShown(shown + MORE);
  const lines = entries.slice(0, shown).map(({ key, value: child }, index) => {
    const comma = index + 1 < entries.length ? "," : "";
    return size(child) > 0 ? html`<${Fold} name=${key} value=${child} comma=${comma} context=${context} />` : line(key, child, comma, context);
  });
  return html`<div>${lines}${left > 0 && html`<button class="button plain" type="button" onClick=${more}>${words.frame.showMore(Math.min(MORE, left))}</button>`}</div>`;
}

/** What lies in a part that is not planned is written when it is unfolded. */
function Fold({ name, value, comma, context }) {
  const { open, written } = context.plan.get(value) ?? {};
  const [full, setFull] = useState(written);
  const [first, last] = brackets(value);
  const fill = ({ target }) => target.open && setFull(true);
  return html`
    <details open=${Boolean(open)} onToggle=${fill}>
      <summary>${label(name)}${first}<span> ${sizeText(value)} ${last}${comma}</span></summary>
      ${full && html`${reason(value, context)}<${Children} value=${value} context=${context} /><p>${last}${comma}</p>`}
    </details>`;
}

function line(name, value, comma, { marked }) {
  if (marked?.value !== value) return html`<p>${label(name)}${leaf(value)}${comma}</p>`;
  return html`<p class="fault">${label(name)}<mark>${visible(value.source ?? brackets(value).join(""))}</mark>${comma} <em>${marked.text}</em></p>`;
}

/** The reason of a fault that lies in an object or array as a whole. */
function reason(value, { marked }) {
  return marked?.value === value && html`<p class="fault"><em>${marked.text}</em></p>`;
}

function label(name) {
  return name && [visible(name.source), ": "];
}

function leaf(value) {
  switch (value.kind) {
    case "string": return html`<b>${visible(value.source)}</b>`;
    case "number": case "literal": return html`<i>${value.source}</i>`;
    default: return brackets(value).join("");
  }
}

function brackets(value) {
  return value.kind === "object" ? ["{", "}"] : ["[", "]"];
}

function sizeText(value) {
  return plural(size(value), value.kind === "object" ? words.frame.fields : words.frame.elements);
}
