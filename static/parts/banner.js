import { html } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/** `tone` "warn" heals by itself, "bad" needs a person, none is a plain result. */
export function Banner({ tone, icon = "warn", role = tone === "bad" ? "alert" : undefined, children }) {
  return html`<div class=${tone ? `banner ${tone}` : "banner"} role=${role}><${Icon} name=${icon} /><div>${children}</div></div>`;
}
