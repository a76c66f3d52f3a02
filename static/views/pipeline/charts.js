// The last five minutes: what was stored each second, and the lag below it.

import { Chart } from "../../chart.js";
import { html } from "../../vendor/preact.js";
import { group, rate, roundUp, words } from "../figures.js";
import { spans, summary } from "./away.js";
import { SECONDS, useHistory } from "./history.js";

const MINUTES = [4, 3, 2, 1];

export function Charts({ status, live }) {
  const texts = words.pipeline;
  const history = useHistory(status, live) ?? { end: Date.parse(status.now) / 1000, stored: [], lag: [], away: [], known: true };
  return html`
    <section class="panel" aria-labelledby="chart">
      <header><h2 id="chart">${texts.chart}</h2><small>${history.known ? summary(history) : texts.noHistory}</small></header>
      <div class="pad chart">
        <${Stored} history=${history} />
        ${status.backlog && html`<${Lag} history=${history} />`}
        <p aria-hidden="true">
          <span>−5 ${words.frame.units.min}</span>${MINUTES.map((minute) => html`<span key=${minute}>−${minute}</span>`)}<span>${texts.now}</span>
        </p>
      </div>
    </section>`;
}

function Stored({ history }) {
  const { storedPerSecond, storedLine } = words.pipeline;
  const [now, most] = ends(history.stored);
  const top = roundUp(most, 2);
  return html`
    <small class="caption">${storedPerSecond}</small>
    <${Axis} texts=${[top, top / 2, 0]} />
    <${Chart} ...${drawing(history, history.stored, top, 3)} tint label=${storedLine(rate(now), rate(most))} />`;
}

function Lag({ history }) {
  const { lag, lagLine } = words.pipeline;
  const [now, most] = ends(history.lag);
  const top = roundUp(most, 10);
  return html`
    <small class="caption">${lag}</small>
    <${Axis} texts=${[top, 0]} />
    <${Chart} ...${drawing(history, history.lag, top, 2)} low label=${lagLine(group(now), group(most))} />`;
}

function drawing(history, values, top, lines) {
  return { values, top, lines, end: history.end, seconds: SECONDS, spans: spans(history) };
}

function Axis({ texts }) {
  return html`<ul aria-hidden="true">${texts.map((value) => html`<li key=${value}>${group(value)}</li>`)}</ul>`;
}

/** The last and the largest value. */
function ends(values) {
  const known = values.filter((value) => value !== null);
  return [known.at(-1) ?? 0, Math.max(0, ...known)];
}
