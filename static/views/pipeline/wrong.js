// What goes wrong: why stages cannot work, and what goes wrong although they do.

import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { clock, dateTime, isToday, plural } from "../../words.js";
import { symptomsOf } from "../degraded.js";
import { words } from "../figures.js";
import { programOf } from "../program.js";
import { worthTelling } from "../reasons.js";

/** So many are seen at once; the others are one click away. */
const FIRST = 3;

export function Wrong({ status }) {
  const all = [...worthTelling(status.reasons).map(ofReason), ...symptomsOf(status).map(ofSymptom)];
  if (all.length === 0) return null;
  const program = programOf(status);
  const [first, others] = [all.slice(0, FIRST), all.slice(FIRST)];
  return html`
    <section class="panel" aria-labelledby="wrong">
      <header><h2 id="wrong">${words.wrong.title}</h2></header>
      <${List} items=${first} program=${program} />
      ${others.length > 0 && html`<details class="more"><summary>${words.wrong.more(others.length)}</summary><${List} items=${others} program=${program} /></details>`}
    </section>`;
}

function ofReason({ stage, code, message, since }) {
  const { stages, troubles, unworkable } = words.wrong;
  return { code, since, said: `${stages[stage] ?? stage} ${troubles[code] ?? unworkable}`, cause: message };
}

function ofSymptom({ code, cause, messages, since }) {
  const { symptoms } = words.wrong;
  const counted = messages === null ? undefined : plural(messages, words.pipeline.messages);
  return { code, since, said: symptoms[code] ?? symptoms.other, cause, counted };
}

function List({ items, program }) {
  return html`<ul class="wrong">${items.map((item) => html`<${Item} key=${`${item.code} ${item.said} ${item.cause}`} program=${program} ...${item} />`)}</ul>`;
}

function Item({ program, code, said, cause, counted, since }) {
  const date = new Date(since);
  const from = words.frame.since(isToday(date) ? clock(date) : dateTime(date));
  return html`
    <li>
      <p>${said}</p>
      <code><${Stored} text=${cause} /></code>
      <code class="quiet"><${Stored} text=${`${program} explain ${code}`} /></code>
      <small>${counted && `${counted} · `}<time datetime=${since}>${from}</time></small>
    </li>`;
}
