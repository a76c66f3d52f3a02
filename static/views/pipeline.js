// What the pipeline does right now, and did in the last five minutes.

import { useLive } from "../live.js";
import { Skeleton } from "../parts/skeleton.js";
import { html } from "../vendor/preact.js";
import { words } from "../words.js";
import { useServerNow } from "./clock.js";
import { Charts } from "./pipeline/charts.js";
import { Flow } from "./pipeline/flow.js";
import { Latency } from "./pipeline/latency.js";
import { Ledger } from "./pipeline/ledger.js";
import { Sentence, Unseen } from "./pipeline/sentence.js";
import { processes } from "./pipeline/state.js";
import { Table } from "./pipeline/table.js";
import { Workers } from "./pipeline/workers.js";
import { Wrong } from "./pipeline/wrong.js";

export default function Pipeline() {
  const { state, status } = useLive();
  const now = useServerNow(status, state);
  const title = (sentence) => html`<header class="title"><div><h1>${words.pipeline.title}</h1><p class="quiet">${sentence}</p></div></header>`;
  if (!status) return html`${title("\u00a0")}<div class="panel"><${Skeleton} /></div>`;
  return html`
    ${title(html`<${Sentence} status=${status} live=${state} now=${now} />`)}
    <${Unseen} backlog=${status.backlog} />
    <${Wrong} status=${status} />
    <${Flow} status=${status} stale=${state === "stale"} now=${now} />
    ${processes(status) && html`<${Work} status=${status} live=${state} now=${now} />`}
    <${Table} status=${status} now=${now} />`;
}

function Work({ status, live, now }) {
  return html`
    <${Ledger} ledger=${status.ledger} started=${status.started} />
    <div class="two">
      <${Charts} status=${status} live=${live} />
      <div class="stack"><${Latency} status=${status} now=${now} /><${Workers} workers=${status.workers} /></div>
    </div>`;
}
