// The same as the picture, for reading aloud and for copying.

import { html } from "../../vendor/preact.js";
import { symptomsOf } from "../degraded.js";
import { group, rate, words } from "../figures.js";
import { stageState, trouble } from "./state.js";

export function Table({ status, now }) {
  const { table, columns } = words.pipeline;
  return html`
    <details class="panel more"><summary>${table}</summary>
      <table>
        <thead><tr>
          <th scope="col">${columns.stage}</th><th scope="col">${columns.kind}</th><th scope="col">${columns.state}</th>
          <th scope="col" class="number">${columns.rate}</th>
          <th scope="col" class="number">${columns.waiting}</th>
          <th scope="col" class="number">${columns.errors}</th>
        </tr></thead>
        <tbody>${status.stages.map((stage) => html`<${Row} key=${stage.role} stage=${stage} status=${status} now=${now} />`)}</tbody>
      </table>
    </details>`;
}

function Row({ stage: { role, kind }, status, now }) {
  const [perSecond, waiting, errors] = NUMBERS[role]?.(status) ?? [];
  const write = (count) => (count === undefined ? "–" : group(count));
  return html`
    <tr>
      <td>${words.pipeline.stageNames[role] ?? role}</td><td translate=${false}>${kind}</td><td>${stateText(status, role, now)}</td>
      <td class="number">${perSecond === undefined ? "–" : words.pipeline.rate(rate(perSecond))}</td>
      <td class="number">${write(waiting)}</td><td class="number">${write(errors)}</td>
    </tr>`;
}

function stateText(status, role, now) {
  const { states, trouble: troubles, inPart } = words.pipeline;
  const [state, reason] = [stageState(status, role, now), trouble(status, role)];
  const why = reason && (troubles[reason.code] ?? troubles.other);
  if (why) return state === "impaired" ? inPart(why) : why;
  return symptomsOf(status).some(({ code }) => STAGES[code] === role) ? states.degraded : states[state];
}

/** Whose symptom it is, where the code alone tells. */
const STAGES = { given_back: "sink", buried: "sink", kept_out: "sink", source_full: "source" };

/** Rate, waiting, errors of a stage. */
const NUMBERS = {
  source: ({ rates, backlog }) => [rates.delivered, backlog?.waiting, backlog?.removed_unseen],
  validate: ({ rates, workers, checks }) => [rates.delivered, inState(workers, "check"), checks.rejected],
  sink: ({ rates, ledger, writes }) => [rates.stored, ledger.in_hand, writes.retries],
  query: ({ rates }) => [rates.requests],
};

function inState(workers, state) {
  return workers.filter((worker) => worker.state === state).reduce((sum, worker) => sum + worker.documents, 0);
}
