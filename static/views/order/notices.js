// What everybody should know who looks at the page: the pipeline cannot work, or strangers can read.

import { useLive } from "../../live.js";
import { Banner } from "../../parts/banner.js";
import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { clock, words } from "../../words.js";
import { worthTelling } from "../reasons.js";

export function Notices() {
  const { status, state } = useLive();
  const reasons = state === "stale" ? [] : worthTelling(status?.reasons ?? []);
  const open = status?.exposed && status.operate === "closed";
  if (reasons.length === 0 && !open) return null;
  return html`
    <div class="notices">
      ${reasons.length > 0 && html`<${Banner} tone="warn" role="status">${reasons.map(reasonLines)}<//>`}
      ${open && html`<${Banner} tone="warn"><b>${words.frame.exposed(location.host)}</b> ${words.frame.closed}<//>`}
    </div>`;
}

function reasonLines({ stage, code, message, since }, n) {
  const { stages, troubles, unworkable, waiting } = words.wrong;
  const proof = [message, code, words.frame.since(clock(new Date(since)))].filter(Boolean).join(" · ");
  return html`<p key=${n}><b>${stages[stage] ?? stage} ${troubles[code] ?? unworkable}</b>${n === 0 && ` ${waiting}`}<br /><small><${Stored} text=${proof} /></small></p>`;
}
