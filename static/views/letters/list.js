// The letters, newest first; a decided one goes grey and stays.

import { PassingButton } from "../../parts/passing.js";
import { printable } from "../../parts/stored.js";
import { html, useState } from "../../vendor/preact.js";
import { words } from "../figures.js";
import { useHeld } from "../held.js";
import { Line } from "./outcome.js";
import { dayOrClock } from "./times.js";

export function List({ letters, next, older, chosen, deeds }) {
  const [newest, hold] = useHeld(letters[0]?.id);
  const shown = letters.filter(({ id }) => id <= newest);
  return html`
    <section class="panel" aria-label=${words.letters.list}>
      <ol class="rows" onPointerMove=${hold} onPointerDown=${hold} onFocusIn=${hold}>${shown.map((letter) => html`
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
  return html`<${PassingButton} heir=${lastRow} kind="plain" busy=${busy} onClick=${read}>${busy ? loading : text}<//>`;
}

function lastRow(place) {
  return place.closest(".panel").querySelector(".rows li:last-child a");
}
