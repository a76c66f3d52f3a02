// What was delivered is what became of it: an addition that must come out.

import { Icon } from "../../parts/icon.js";
import { html } from "../../vendor/preact.js";
import { group, hourMinute, words } from "../figures.js";
import { missing } from "./state.js";

export function Ledger({ ledger, started }) {
  const texts = words.pipeline;
  const terms = [
    ["stored", texts.stored],
    ["duplicate", texts.duplicate],
    ["buried", texts.buriedWord],
    ["returned", texts.returned],
    ["in_hand", texts.inHand],
  ];
  const shown = terms.filter(([name]) => name !== "returned" || ledger.returned > 0);
  return html`
    <section class="panel" aria-labelledby="ledger">
      <header><h2 id="ledger">${texts.ledger}</h2><small>${texts.sinceStart(hourMinute(new Date(started)))}</small></header>
      <div class="pad"><ul class="ledger">
        <${Term} name=${texts.delivered} count=${ledger.delivered} />
        ${shown.map(([name, text], index) => html`
          <li key=${`sign ${name}`} class="sign" aria-hidden="true">${index === 0 ? "=" : "+"}</li>
          <${Term} key=${name} name=${text} count=${ledger[name]} />`)}
        <${Proof} lacks=${missing(ledger)} />
      </ul></div>
    </section>`;
}

function Term({ name, count }) {
  return html`<li><small>${name}</small><b>${group(count)}</b></li>`;
}

function Proof({ lacks }) {
  const { balances, missing: lost, tooMany } = words.pipeline;
  const good = lacks === 0;
  const text = good ? balances : lacks > 0 ? lost(group(lacks)) : tooMany(group(-lacks));
  return html`<li class=${good ? "proof" : "proof bad"}><b><${Icon} name=${good ? "check" : "warn"} /> ${text}</b></li>`;
}
