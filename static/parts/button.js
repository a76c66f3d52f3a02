import { html } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/** `kind` is "main", "danger" or "plain"; `icon` stands before the words; while `busy` it does nothing but keeps the keyboard. */
export function Button({ kind, icon, busy, onClick, children, ...rest }) {
  return html`<button class=${kind ? `button ${kind}` : "button"} type="button" aria-disabled=${busy ? "true" : undefined} onClick=${busy ? undefined : onClick} ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children}</button>`;
}
