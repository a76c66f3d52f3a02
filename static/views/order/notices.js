// What every visitor of the page should know: the pipeline cannot work, or strangers can read.

import { useLive } from "../../live.js";
import { Banner } from "../../parts/banner.js";
import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { clock, words } from "../../words.js";
import { storesDespite } from "../pipeline/state.js";
import { worthTelling } from "../reasons.js";

export function Notices() {
  const { status, state } = useLive();
  const reasons = state === "stale" ? [] : worthTelling(status?.reasons ?? []);
  const open = status?.exposed && status.operate === "closed";
  if (reasons.length === 0 && !open) return null;
  return html`
    <div class="notices">
      ${reasons.length > 0 && html`<${Banner} tone="warn" role="status">${reasons.map((reason, n) => html`<${Reason} key=${n} reason=${reason} meanwhile=${n === 0 && meanwhileText(status, reason)} />`)}<//>`}
      ${open && html`<${Banner} tone="warn"><b>${words.frame.exposed(location.host)}</b> ${words.frame.closed}<//>`}
    </div>`;
}

function meanwhileText(status, reason) {
  const { waiting, storing } = words.wrong;
  return storesDespite(status, reason) ? storing : waiting;
}

function Reason({ reason: { stage, code, message, since }, meanwhile }) {
  const { stages, troubles, unworkable } = words.wrong;
  const proof = [message, code, words.frame.since(clock(new Date(since)))].filter(Boolean).join(" · ");
  return html`<p><b>${stages[stage] ?? stage} ${troubles[code] ?? unworkable}</b>${meanwhile && ` ${meanwhile}`}<br /><small><${Stored} text=${proof} /></small></p>`;
}
