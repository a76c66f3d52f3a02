// What came of a replay or a discard, in the letter and in its row.

import { Banner } from "../../parts/banner.js";
import { Stored } from "../../parts/stored.js";
import { Token } from "../../parts/token.js";
import { html } from "../../vendor/preact.js";
import { words } from "../figures.js";
import { when } from "./times.js";

/** The result in the letter; `again` does what the token was missing for. */
export function Outcome({ letter, outcome, again }) {
  if (outcome?.failure) return html`<${Failure} answer=${outcome.failure} again=${again} />`;
  const said = outcome ? acted(outcome) : decided(letter);
  if (!said) return null;
  const rejected = outcome?.result === "rejected";
  return html`<${Banner} role="status" tone=${rejected ? "bad" : undefined} icon=${rejected ? "warn" : "check"}>${said}<//>`;
}

function acted({ result, document, same, detail, at }) {
  const texts = words.letters;
  const time = when(at);
  switch (result) {
    case "stored": return link(texts.stored(time), document);
    case "duplicate": return link(texts.duplicate(time), document);
    case "discarded": return texts.discardedAt(time);
    default: return same ? texts.sameReason(time) : html`${texts.otherReason(time)}<br /><small><${Stored} text=${detail} /></small>`;
  }
}

/** A letter that was decided before this visit. */
function decided({ state, decided: at, document }) {
  const texts = words.letters;
  if (state === "waiting") return undefined;
  const time = when(new Date(at));
  if (state === "discarded") return texts.discardedAt(time);
  return document === null ? texts.storedSomewhere(time) : link(texts.stored(time), document);
}

function link(text, document) {
  return html`${text}<a href=${`/?id=${document}`}>${document}</a>.`;
}

/** Why the server did not do it; a missing token is asked for in place. */
export function Failure({ answer, again }) {
  const { decidedMeanwhile, refused, unavailable, gone, request } = words.letters;
  if (answer.status === 401) return html`<${Token} again=${again} />`;
  if (answer.gone) return html`<${Banner} tone="warn">${gone}<//>`;
  if (answer.status === 409) return html`<${Banner}>${decidedMeanwhile}<//>`;
  const { code, message, request_id: id } = answer.error ?? {};
  const heals = answer.status >= 500;
  return html`
    <${Banner} tone=${heals ? "warn" : "bad"}><b>${heals ? unavailable : refused}</b> <${Stored} text=${message ?? ""} /><br />
      <small translate=${false}>${code}${id && ` · ${request(id)}`}</small><//>`;
}

/** The line in the letter's row: what became of it, else what is wrong. */
export function Line({ letter, outcome }) {
  const texts = words.letters;
  if (letter.state === "discarded") return texts.discarded;
  if (letter.state === "replayed") return letter.document === null ? texts.replayed : texts.replayedAs + letter.document;
  if (outcome?.result === "rejected") return texts.rejectedAgain(when(outcome.at));
  return html`<${Stored} text=${letter.detail} />`;
}
