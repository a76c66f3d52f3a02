// The headers a message came with, when it came with some.

import { Fact, Facts } from "../../parts/facts.js";
import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { words } from "../figures.js";

const VERSION = /^NATS\/\d/;

export function Headers({ text }) {
  const lines = headerLines(text);
  if (lines.length === 0) return null;
  return html`
    <details class="more"><summary>${words.letters.headers} <span class="quiet">${lines.length}</span></summary>
      <${Facts} beside>${lines.map(([name, value], index) => html`
        <${Fact} key=${index} label=${html`<${Stored} text=${name} />`}><${Stored} text=${value} /><//>`)}<//>
    </details>`;
}

/** [name, value] of each line; the line of the protocol's version is no header. */
function headerLines(text) {
  const lines = (text ?? "").split(/\r?\n/).filter((line) => line.trim() !== "" && !VERSION.test(line));
  return lines.map((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}
