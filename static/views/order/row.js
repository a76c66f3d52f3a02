// One document in a list.

import { printable } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { clock, dateTime, isToday } from "../../words.js";

/** `time` is what stands beside the id; `fresh` lets the row fade in. */
export function Row({ entry: { id, key, stored }, time, current, fresh }) {
  return html`
    <li class=${fresh ? "new" : undefined}>
      <a href=${`/?id=${id}`} aria-current=${current ? "true" : undefined}>
        <span>${id}</span>
        <time datetime=${stored ?? undefined}>${time}</time>
        <code translate=${false}>${key === null ? "\u00a0" : printable(key)}</code>
      </a>
    </li>`;
}

/** `17:02:11` today, else with its day. */
export function when(date) {
  return isToday(date) ? clock(date) : dateTime(date);
}
