// The stages as a picture: what stands between two of them is a wire that tells the state.

import { Fact, Facts } from "../../parts/facts.js";
import { html } from "../../vendor/preact.js";
import { between, group, micros, millis, number, rate, seconds, words } from "../figures.js";
import { ago } from "../../words.js";
import { asOf } from "./age.js";
import { oldest, stageState, storesDespite, trouble } from "./state.js";

const BAR = 120;

export function Flow({ status, stale, now }) {
  const { stages, letters, ledger } = status;
  const keeps = letters !== null || ledger.buried > 0;
  const has = (role) => stages.some((stage) => stage.role === role);
  return html`
    <h2 class="hidden">${words.pipeline.stages}</h2>
    <ol class=${`flow stages-${stages.length}${has("validate") ? "" : " unchecked"}${stale ? " stale" : ""}`}>
      ${stages.map((stage) => html`<${Stage} key=${stage.role} stage=${stage} status=${status} now=${now} />`)}
      ${has("sink") && keeps && html`
        <li class="stage letters"><h3>${words.pipeline.letters} <span>${words.pipeline.buried(group(ledger.buried))}</span></h3></li>`}
    </ol>`;
}

function Stage({ stage: { role, kind }, status, now }) {
  const state = stageState(status, role, now);
  const Own = FACTS[role];
  return html`
    <li class=${state === "running" ? "stage" : `stage ${state}`}>
      <h3>${words.pipeline.stageNames[role] ?? role} <span translate=${false}>${kind}</span></h3>
      <${Figure} role=${role} state=${state} status=${status} now=${now} />
      ${Own && html`<${Own} status=${status} now=${now} />`}
    </li>`;
}

function Figure({ role, state, status, now }) {
  const [figure, note] = figureOf(role, state, status, now);
  return html`<p class="figure">${figure} <small>${note}</small></p>`;
}

function figureOf(role, state, status, now) {
  const { perSecond, idle, waiting } = words.pipeline;
  if (state === "stalled") return stalledFigure(trouble(status, role), now);
  if (role === "query") return [rate(status.rates.requests), perSecond];
  if (state === "idle") return [idle, role === "source" ? lastText(status.last_stored, now) : ""];
  if (role === "source" && isBlocked(status)) return [group(status.backlog.waiting), waiting];
  const passing = rate(role === "sink" ? status.rates.stored : status.rates.delivered);
  return [passing, state === "impaired" ? `${perSecond} · ${troubleWord(trouble(status, role))}` : perSecond];
}

/** Nothing passes while a stage cannot work: what waits says more than a rate. */
function isBlocked({ backlog, ...status }) {
  const reason = oldest(status.reasons);
  return reason !== undefined && backlog !== null && !storesDespite(status, reason);
}

function stalledFigure(reason, now) {
  return [seconds(between(Date.parse(reason.since), now)), troubleWord(reason)];
}

function troubleWord({ code }) {
  const { trouble: texts } = words.pipeline;
  return texts[code] ?? texts.other;
}

function lastText(last, now) {
  return last === null ? words.pipeline.noneYet : words.pipeline.last(ago(new Date(last), new Date(now)));
}

const FACTS = {
  source: ({ status: { backlog }, now }) => {
    const { lag, ackPending, redelivered } = words.pipeline.facts;
    if (!backlog) return null;
    return facts([lag, html`${group(backlog.waiting)} <small>${asOf(backlog, now)}</small>`], [ackPending, group(backlog.in_flight)], [redelivered, group(backlog.redelivered)]);
  },
  validate: ({ status: { checks } }) => {
    const { rejected, perDocument } = words.pipeline.facts;
    return facts([rejected, group(checks.rejected)], [perDocument, known(checks.micros, micros)]);
  },
  sink: ({ status: { ledger, writes, given_back: givenBack } }) => {
    const { inHand, batch, write, givenBack: again } = words.pipeline.facts;
    const size = (documents) => number(documents, documents < 10 ? 1 : 0);
    const rest = givenBack > 0 ? [[again, group(givenBack)]] : [];
    return facts([inHand, group(ledger.in_hand)], [batch, known(writes.batch, size)], [write, known(writes.millis, millis)], ...rest);
  },
  query: ({ status: { cache } }) => {
    const { facts: names, of, cacheOff } = words.pipeline;
    if (!cache.capacity) return facts([names.cache, cacheOff]);
    const share = cache.hits / (cache.hits + cache.misses);
    const hits = Number.isFinite(share) ? `${number(share * 100, 0)}\u00a0%` : "–";
    const full = of(group(cache.entries), group(cache.capacity));
    return html`${facts([names.hits, hits], [names.cache, full])}<${Bar} share=${cache.entries / cache.capacity} />`;
  },
};

function facts(...pairs) {
  return html`<${Facts}>${pairs.map(([name, value]) => html`<${Fact} key=${name} label=${name}>${value}<//>`)}<//>`;
}

function known(value, write) {
  return value === null ? "–" : write(value);
}

/** A bar; its words stand beside it. */
export function Bar({ share }) {
  return html`
    <svg class="bars" viewBox="0 0 ${BAR} 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width=${BAR} height="8" /><rect class="fill" width=${BAR * Math.min(1, share)} height="8" />
    </svg>`;
}
