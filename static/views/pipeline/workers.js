// What each worker does at this instant.

import { html } from "../../vendor/preact.js";
import { plural } from "../../words.js";
import { group, words } from "../figures.js";

const TONES = { wait: "wait", retry: "retry" };

export function Workers({ workers }) {
  const { workers: title, documents } = words.pipeline;
  const inHand = workers.reduce((sum, worker) => sum + worker.documents, 0);
  return html`
    <section class="panel" aria-labelledby="workers">
      <header><h2 id="workers">${title}</h2><small>${plural(inHand, documents)}</small></header>
      <div class="pad"><ol class="workers">${workers.map((worker, index) => html`
        <${Worker} key=${index} number=${index + 1} worker=${worker} />`)}</ol></div>
    </section>`;
}

function Worker({ number, worker: { state, documents } }) {
  return html`
    <li class=${TONES[state] ?? "busy"}>
      <small>${number}</small><b>${words.pipeline.worker[state] ?? state}</b><small>${documents > 0 ? group(documents) : ""}</small>
    </li>`;
}
