// Try it: a button, and in one line what became of what it sent.

import { Button } from "../../parts/button.js";
import { Token } from "../../parts/token.js";
import { html } from "../../vendor/preact.js";
import { plural } from "../../words.js";
import { words } from "../figures.js";
import { useSending } from "./sending.js";

export function Send({ status }) {
  const [state, send] = useSending();
  const { tryIt, send: text, sending } = words.system;
  const off = status && reasonOff(status);
  return html`
    <section class="panel" aria-labelledby="send">
      <header><h2 id="send">${tryIt}</h2></header>
      <div class="pad actions">
        <${Button} kind="main" disabled=${!status || off} busy=${state.busy} aria-describedby="sent" onClick=${send}>
          ${state.busy ? sending : text}
        <//>
        <p id="sent" role="status">${off || said(state)}</p>
      </div>
      ${state.failure?.status === 401 && html`<div class="pad"><${Token} again=${send} /></div>`}
    </section>`;
}

function reasonOff({ operate, produce }) {
  if (!produce) return html`${words.system.cannot}<code translate=${false}>[produce]</code>.`;
  return operate === "closed" ? words.system.closed : undefined;
}

function said({ failure, fresh, ids, letters, over }) {
  const { sent, awaiting, notYet } = words.system;
  if (failure) return failureText(failure);
  if (fresh === undefined) return "";
  const rest = fresh - ids.length - letters;
  const parts = [
    rest === 0 && ids.length > 0 && stored(ids),
    rest > 0 && awaiting(ids.length, fresh),
    letters > 0 && refused(letters),
    rest > 0 && over && notYet,
  ];
  return [sent, ...parts.filter(Boolean).flatMap((part) => [" ", part])];
}

function failureText({ status, gone, error }) {
  const { gone: silent, sourceAway, failed, request } = words.system;
  if (status === 401) return "";
  if (gone) return silent;
  if (status === 503) return sourceAway;
  return html`${failed} ${error.message} <small translate=${false}>${error.code} · ${request(error.request_id)}</small>`;
}

/** `Stored as 128433 to 128437.` when they follow one another, else each. */
function stored(ids) {
  const { storedAs, to } = words.system;
  const row = ids.at(-1) - ids[0] === ids.length - 1;
  const parts = row && ids.length > 2 ? [link(ids[0]), to, link(ids.at(-1))] : ids.flatMap((id, index) => (index > 0 ? [", ", link(id)] : [link(id)]));
  return html`${storedAs}${parts}.`;
}

function link(id) {
  return html`<a href=${`/?id=${id}`}>${id}</a>`;
}

function refused(letters) {
  const { refusedSome, openLetters } = words.system;
  return html`${plural(letters, refusedSome)}: <a href="/dead-letters">${openLetters}</a>.`;
}
