import { html } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/** `kind` is "main", "danger" or "plain"; `icon` stands before the words. */
export function Button({ kind, icon, children, ...rest }) {
  return html`<button class=${kind ? `button ${kind}` : "button"} type="button" ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children}</button>`;
}
