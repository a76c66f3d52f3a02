// How long from being published to being there for a question, and how long the oldest has waited that is not.

import { Fact, Facts } from "../../parts/facts.js";
import { html } from "../../vendor/preact.js";
import { between, group, millis, number, roundUp, seconds, words } from "../figures.js";
import { asOf } from "./age.js";
import { Bar } from "./flow.js";

const SHARES = { p50: 0.5, p95: 0.95, p99: 0.99 };
/** The bars end where the longest has some room left. */
const ROOM = 1.25;

export function Latency({ status: { latency, backlog }, now }) {
  const texts = words.pipeline;
  const end = latency ? roundUp(latency.p99 * ROOM, 1) : 1;
  return html`
    <section class="panel" aria-labelledby="latency">
      <header><h2 id="latency">${texts.latency}</h2><small>${texts.lastMinute}</small></header>
      <div class="pad">
        <dl class="latency">${Object.keys(SHARES).map((share) => html`<${Row} key=${share} share=${share} latency=${latency} end=${end} />`)}</dl>
        <p class="note quiet">${latency ? note(latency, end) : texts.nothingStored}</p>
        ${backlog && html`<${Facts}><${Fact} label=${texts.oldestWaiting}>${oldest(backlog, now)}<//><//>`}
      </div>
    </section>`;
}

function Row({ share, latency, end }) {
  const known = latency && !isEarly(latency, share);
  return html`<dt>${share}</dt><dd><${Bar} share=${known ? latency[share] / end : 0} /><b>${valueText(latency, share)}</b></dd>`;
}

function valueText(latency, share) {
  const { clocksDiffer, over } = words.pipeline;
  if (!latency) return "–";
  if (isEarly(latency, share)) return clocksDiffer;
  return isBeyond(latency, share) ? over(longest(latency)) : millis(latency[share]);
}

function note(latency, end) {
  const { early, beyond, sentence } = words.pipeline;
  if (latency.early > 0) return early(group(latency.early), group(latency.documents));
  return isBeyond(latency, "p99") ? beyond(longest(latency)) : sentence(millis(latency.p99), millis(end));
}

/** So many were stored before they were published that this quantile is one of them: it is not a time. */
function isEarly({ early, documents }, share) {
  return early > 0 && early >= SHARES[share] * documents;
}

/** Longer times are not told apart. */
function isBeyond(latency, share) {
  return latency[share] >= latency.longest;
}

function longest(latency) {
  return `${number(latency.longest / 1000, 0)}\u00a0${words.frame.units.s}`;
}

/** How long the oldest message had waited when the source was looked at. */
function oldest(backlog, now) {
  if (backlog.oldest === null) return "–";
  const waited = seconds(between(Date.parse(backlog.oldest), backlog.looked_at ? Date.parse(backlog.looked_at) : now));
  return html`${waited} <small>${asOf(backlog, now)}</small>`;
}
