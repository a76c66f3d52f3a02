import { html } from "../vendor/preact.js";

/** Names and values; `beside` sets the values left, at one distance. */
export function Facts({ beside, children }) {
  return html`<dl class=${beside ? "facts beside" : "facts"}>${children}</dl>`;
}

export function Fact({ label, look, children }) {
  return html`<div class=${look}><dt>${label}</dt><dd>${children}</dd></div>`;
}
