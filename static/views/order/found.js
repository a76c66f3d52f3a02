// What a search brought when it was not one document.

import { Banner } from "../../parts/banner.js";
import { printable, Stored } from "../../parts/stored.js";
import { useTitle } from "../../title.js";
import { html, useEffect } from "../../vendor/preact.js";
import { plural, words } from "../../words.js";
import { AskAgain } from "./ask-again.js";
import { Row, when } from "./row.js";
import { titleOf } from "./search.js";

/** The server lists so many and no more. */
const MOST = 20;

/** Dead letters with the key that was asked for, and what is known besides. */
export function Found({ question, outcome, letters, ask, say }) {
  return html`
    ${letters.map((letter) => html`<${LetterBanner} key=${letter.id} letter=${letter} />`)}
    ${outcome.kind === "nothing" && html`<${NotSeen} question=${question} outcome=${outcome} ask=${ask} say=${say} />`}
    ${outcome.kind === "several" && html`<${Several} question=${question} documents=${outcome.documents} say=${say} />`}`;
}

/** More than one document: a list to choose from. */
function Several({ question: { id, text }, documents, say }) {
  const heading = severalText(documents);
  useTitle(printable(id ?? text));
  useEffect(() => say(heading), [heading]);
  const { found } = words;
  return html`
    <section class="panel" aria-labelledby="found">
      <header><h1 class="small" id="found">${heading}</h1>
        ${documents.length >= MOST && html`<small>${found.firstFound(documents.length)}</small>`}</header>
      <ol class="rows">${documents.map((entry) => html`<${Row} key=${entry.id} entry=${entry} time=${entry.stored === null ? "" : when(new Date(entry.stored))} />`)}</ol>
    </section>`;
}

/** `3 documents share this order_uid` */
function severalText(documents) {
  const { share, match, atLeast, documents: forms } = words.found;
  const listed = plural(documents.length, forms);
  const count = documents.length < MOST ? listed : atLeast(listed);
  const [field, ...others] = new Set(documents.map(({ by }) => by));
  return field && others.length === 0 ? share(count, field) : match(count);
}

/** Nothing is known yet: how far the pipeline is, and that the page looks again. */
function NotSeen({ question: { id, text }, outcome: { newest, ahead }, ask, say }) {
  const { found } = words;
  useEffect(() => say(id === undefined ? found.notSeen + printable(text) : found.notFound(id)), [words.locale]);
  useTitle(titleOf({ id, text }));
  const said = [
    newest === null ? found.noneStored : found.newestIs(newest),
    id !== undefined && found.notKey,
    ahead !== null && (ahead > 0 ? found.ahead(plural(ahead, found.messages)) : found.noneAhead),
    found.asksItself,
  ];
  return html`
    <div class="panel"><div class="empty">
      <h1 class="small">${id === undefined ? html`${found.notSeen}<${Stored} text=${text} />` : found.notFound(id)}</h1>
      <p class="quiet">${said.filter(Boolean).join(" ")}</p>
      <${AskAgain} ask=${ask} />
    </div></div>`;
}

function LetterBanner({ letter: { id, state, key, reason, detail } }) {
  const waits = state === "waiting";
  const { withKey, isLetter, wasLetter, letterKept, openLetter } = words.found;
  return html`
    <${Banner} tone=${waits ? "bad" : undefined} role=${waits ? "alert" : "status"}>
      <b>${withKey}<${Stored} text=${key ?? ""} />${waits ? isLetter : wasLetter}</b> ${letterKept}<a href=${`/dead-letters?letter=${id}`}>${openLetter}</a>.<br />
      <small>${words.letters.reasons[reason] ?? reason} · <${Stored} text=${detail} /></small>
    <//>`;
}
