// The letters, newest first; a decided one goes grey and stays.

import { Button } from "../../parts/button.js";
import { printable, Stored } from "../../parts/stored.js";
import { html, useState } from "../../vendor/preact.js";
import { words } from "../figures.js";
import { Line } from "./outcome.js";
import { dayOrClock } from "./times.js";

export function List({ letters, next, older, chosen, deeds }) {
  return html`
    <section class="panel" aria-label=${words.letters.list}>
      <ol class="rows">${letters.map((letter) => html`
        <${Row} key=${letter.id} letter=${letter} outcome=${deeds.of(letter.id)?.outcome} current=${letter.id === chosen} />`)}</ol>
      ${next !== null && html`<p class="end"><${Older} older=${older} /></p>`}
    </section>`;
}

function Row({ letter, outcome, current }) {
  const { id, reason, buried, preview, state } = letter;
  return html`
    <li class=${state === "waiting" ? undefined : "done"}>
      <a href=${`/dead-letters?letter=${id}`} aria-current=${current ? "true" : undefined}>
        <span>${words.letters.reasons[reason] ?? reason}</span>
        <time datetime=${buried}>${dayOrClock(new Date(buried))}</time>
        <small><${Line} letter=${letter} outcome=${outcome} /></small>
        <code translate=${false}>${printable(preview)}</code>
      </a>
    </li>`;
}

function Older({ older }) {
  const [busy, setBusy] = useState(false);
  const { older: text, loading } = words.letters;
  const read = async () => {
    setBusy(true);
    await older();
    setBusy(false);
  };
  return html`<${Button} kind="plain" disabled=${busy} onClick=${read}>${busy ? loading : text}<//>`;
}
