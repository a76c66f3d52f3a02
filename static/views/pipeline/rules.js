// The rules of the database that refuse documents: what happens, which rule, how many, since when.

import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { clock, dateTime, isToday, plural } from "../../words.js";
import { words } from "../figures.js";
import { rulesOf } from "../degraded.js";

/** So many are seen at once; the others are one click away. */
const FIRST = 3;

export function Rules({ status }) {
  const rules = rulesOf(status);
  if (rules.length === 0) return null;
  const [first, others] = [rules.slice(0, FIRST), rules.slice(FIRST)];
  return html`
    <section class="panel" aria-labelledby="rules">
      <header><h2 id="rules">${words.pipeline.rules}</h2><small>${plural(rules.length, words.pipeline.rulesCount)}</small></header>
      <${List} rules=${first} />
      ${others.length > 0 && html`<details class="more"><summary>${words.pipeline.moreRules(others.length)}</summary><${List} rules=${others} /></details>`}
    </section>`;
}

function List({ rules }) {
  return html`<ul class="rules">${rules.map((rule) => html`<${Rule} key=${`${rule.code} ${rule.cause}`} ...${rule} />`)}</ul>`;
}

function Rule({ code, cause, messages, since }) {
  const { refused, refusedDocuments } = words.pipeline;
  const date = new Date(since);
  const from = words.frame.since(isToday(date) ? clock(date) : dateTime(date));
  return html`
    <li>
      <p>${refused[code] ?? refused.other}</p>
      <code><${Stored} text=${cause} /></code>
      <small>${messages !== null && `${plural(messages, refusedDocuments)} · `}<time datetime=${since}>${from}</time></small>
    </li>`;
}
