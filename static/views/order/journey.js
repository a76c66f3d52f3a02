// The way of a document: published, delivered, stored, read. What is not known is left out.

import { get } from "../../api.js";
import { html, useEffect, useState } from "../../vendor/preact.js";
import { dateTime, duration, isToday, plural, preciseClock, words } from "../../words.js";

/** Looked up again with every answer: `asked` is the last one. */
export function Journey({ id, asked }) {
  const entry = useEntry(id, asked);
  if (entry === null) return null;
  const steps = entry ? stepsOf(entry) : Array.from({ length: 4 }, () => ["\u00a0", "\u00a0"]);
  if (steps.length === 0) return null;
  return html`
    <section aria-busy=${entry ? undefined : "true"}>
      <h3>${words.order.journey}</h3>
      <ol class="trace">${steps.map(([name, detail], n) => html`<li key=${n}>${name} <small>${detail}</small></li>`)}</ol>
    </section>`;
}

/** What the server knows of the document; undefined until it came, null where it does not say. */
function useEntry(id, asked) {
  const [entry, setEntry] = useState();
  useEffect(() => {
    const leave = new AbortController();
    get(`/api/documents/${encodeURIComponent(id)}`, { signal: leave.signal }).then(({ ok, body }) => {
      if (!leave.signal.aborted) setEntry((before) => (ok ? body : before ?? null));
    });
    return () => leave.abort();
  }, [id, asked]);
  return entry;
}

function stepsOf({ published, deliveries, stored, cache }) {
  const { order } = words;
  return [
    published && [order.published, moment(published)],
    deliveries && [order.delivered, deliveries === 1 ? order.once : plural(deliveries, order.times)],
    stored && [order.stored, published ? order.later(duration(Math.max(0, new Date(stored) - new Date(published)))) : moment(stored)],
    cache && [order.read, cache.kept ? order.cached(plural(cache.reads, order.times)) : order.notCached],
  ].filter(Boolean);
}

/** To the millisecond today, else with its day. */
function moment(text) {
  const date = new Date(text);
  const shown = isToday(date) ? preciseClock(date) : dateTime(date);
  return html`<time datetime=${text} title=${text}>${shown}</time>`;
}
