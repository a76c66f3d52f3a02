// The title of the view: how many letters wait, and what to do about all of them.

import { letterCount } from "../../title.js";
import { html } from "../../vendor/preact.js";
import { words } from "../figures.js";

/** `some` tells an empty list from one whose letters are all decided. */
export function Title({ status, some, action }) {
  return html`
    <header class="title">
      <div><h1>${words.letters.title}</h1><p class="quiet">${sentence(status, some) ?? "\u00a0"}</p></div>
      ${action}
    </header>`;
}

function sentence(status, some) {
  const { wait, kept, noneWaits } = words.letters;
  const count = letterCount(status);
  if (count) return `${count} ${wait[new Intl.PluralRules(words.numbers).select(status.letters)]} ${kept}`;
  return some ? `${noneWaits} ${kept}` : undefined;
}
