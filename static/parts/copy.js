// A button that copies a text and says so for two seconds.

import { html, useEffect, useState } from "../vendor/preact.js";
import { words } from "../words.js";
import { Icon } from "./icon.js";

const SHOWN = 2000;

/** With an `icon` the button shows no word. */
export function CopyButton({ text, label, icon }) {
  const [done, setDone] = useState();
  useEffect(() => {
    if (done === undefined) return undefined;
    const timer = setTimeout(() => setDone(undefined), SHOWN);
    return () => clearTimeout(timer);
  }, [done]);
  const said = done === undefined ? "" : done ? words.frame.copied : words.frame.notCopied;
  const symbol = done === undefined ? "copy" : done ? "check" : "warn";
  return html`
    <button class="button plain" type="button" aria-label=${icon ? label : undefined} onClick=${async () => setDone(await copy(text))}>${icon ? html`<${Icon} name=${symbol} />` : said || label}</button>
    <span class="hidden" role="status">${said}</span>`;
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
  const area = Object.assign(document.createElement("textarea"), { className: "hidden", readOnly: true, value: text });
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
