// The newest documents, live; older ones page by page.

import { get } from "../../api.js";
import { useLive } from "../../live.js";
import { PassingButton } from "../../parts/passing.js";
import { Skeleton } from "../../parts/skeleton.js";
import { html, useRef, useState } from "../../vendor/preact.js";
import { ago, group, words } from "../../words.js";
import { useServerNow } from "../clock.js";
import { useHeld } from "../held.js";
import { Row, when } from "./row.js";

const ROWS = 12;

export function Newest({ current }) {
  const { state, status, newest } = useLive();
  const now = useServerNow(status, state);
  const [page, setPage] = useState();
  if (newest?.length === 0) return null;
  if (newest === null) return html`<${Unlisted} />`;

  async function older(before) {
    const { ok, body } = await get(`/api/documents?limit=${ROWS}&before=${before}`);
    if (ok && body.documents.length > 0) setPage(body);
  }

  return html`
    <section class="newest" aria-labelledby="newest">
      <header class="title"><h2 id="newest">${words.order.newest}</h2><span class="quiet">${newest && group(newest[0].id)}</span></header>
      <div class="panel">
        ${!newest ? html`<${Skeleton} lines=${29} />` : page
          ? html`<${Rows} documents=${page.documents} current=${current} stale=${state === "stale"} time=${when} />`
          : html`<${Live} documents=${newest.slice(0, ROWS)} current=${current} stale=${state === "stale"} now=${new Date(now)} />`}
        ${newest && html`<${End} page=${page} newest=${newest} older=${older} back=${() => setPage(undefined)} />`}
      </div>
    </section>`;
}

function Unlisted() {
  return html`
    <section class="newest" aria-labelledby="newest">
      <header class="title"><h2 id="newest">${words.order.newest}</h2></header>
      <div class="panel"><p class="quiet empty">${words.order.unlisted}</p></div>
    </section>`;
}

/** Rows that came after the first ones fade in. */
function Live({ documents, now, ...rest }) {
  const first = useRef(documents[0].id);
  const [held, hold] = useHeld(documents);
  return html`<${Rows} documents=${held} hold=${hold} fresh=${(id) => id > first.current} time=${(stored) => ago(stored, now)} ...${rest} />`;
}

function Rows({ documents, current, stale, fresh, time, hold }) {
  const row = (entry) => html`<${Row} key=${entry.id} entry=${entry} time=${entry.stored === null ? "" : time(new Date(entry.stored))} current=${String(entry.id) === current} fresh=${fresh?.(entry.id)} />`;
  return html`<ol class=${stale ? "rows stale" : "rows"} onPointerMove=${hold} onPointerDown=${hold} onFocusIn=${hold}>${documents.map(row)}</ol>`;
}

function End({ page, newest, older, back }) {
  const shown = page?.documents ?? newest.slice(0, ROWS);
  const more = page ? page.next !== null : newest.length > ROWS;
  if (!page && !more) return null;
  return html`
    <p class="end">
      ${page && html`<${PassingButton} heir=${firstRow} kind="plain" onClick=${back}>${words.order.backToNewest}<//>`}
      ${more && html`<${PassingButton} heir=${firstRow} kind="plain" onClick=${() => older(shown.at(-1).id)}>${words.order.older}<//>`}
    </p>`;
}

function firstRow(place) {
  return place.closest(".panel").querySelector(".rows a");
}
