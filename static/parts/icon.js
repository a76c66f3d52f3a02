import { html } from "../vendor/preact.js";

/** A symbol of index.html beside a word; it says nothing itself. */
export function Icon({ name }) {
  return html`<svg class="icon" aria-hidden="true"><use href=${`#i-${name}`} /></svg>`;
}
