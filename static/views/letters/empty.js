// No letters, none to be had, and none with this id.

import { Button } from "../../parts/button.js";
import { html } from "../../vendor/preact.js";
import { words } from "../figures.js";

/** Without a status the list is merely empty; with one, this instance cannot show letters. */
export function Empty({ status }) {
  const { emptyTitle, emptyText, offTitle } = words.letters;
  return html`
    <div class="panel"><div class="empty">
      <h2>${status ? offTitle : emptyTitle}</h2><p class="quiet">${status ? whatLacks(status) : emptyText}</p>
    </div></div>`;
}

function whatLacks({ stages }) {
  const sink = stages.find(({ role }) => role === "sink");
  const kind = sink?.kind ?? "*";
  const [before, section, after] = words.letters.offText(`[sink.${kind}.dead_letters]`);
  return html`${before}<code translate=${false}>${section}</code>${after}`;
}

export function Unknown({ id, error, again }) {
  const { unknownTitle, unknownText, failedTitle, failedText, again: text } = words.letters;
  const absent = error.code === "letter_not_found";
  return html`
    <div class="empty">
      <h2>${absent ? unknownTitle(id) : failedTitle}</h2><p class="quiet">${absent ? unknownText : failedText}</p>
      ${!absent && html`<${Button} onClick=${again}>${text}<//>`}
    </div>`;
}
