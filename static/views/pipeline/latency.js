// How long from being published to being there for a question.

import { html } from "../../vendor/preact.js";
import { millis, roundUp, words } from "../figures.js";
import { Bar } from "./flow.js";

const SHARES = ["p50", "p95", "p99"];
/** The bars end where the longest has some room left. */
const ROOM = 1.25;

export function Latency({ latency }) {
  const texts = words.pipeline;
  const end = latency ? roundUp(latency.p99 * ROOM, 1) : 1;
  return html`
    <section class="panel" aria-labelledby="latency">
      <header><h2 id="latency">${texts.latency}</h2><small>${texts.lastMinute}</small></header>
      <div class="pad">
        <dl class="latency">${SHARES.map((share) => html`<${Row} key=${share} share=${share} value=${latency?.[share]} end=${end} />`)}</dl>
        <p class="note quiet">${latency ? texts.sentence(millis(latency.p99), millis(end)) : texts.nothingStored}</p>
      </div>
    </section>`;
}

function Row({ share, value, end }) {
  const known = value !== undefined;
  return html`<dt>${share}</dt><dd><${Bar} share=${known ? value / end : 0} /><b>${known ? millis(value) : "–"}</b></dd>`;
}
