// The effective configuration, each value with its origin; a secret is never sent.

import { get } from "../../api.js";
import { Button } from "../../parts/button.js";
import { Skeleton } from "../../parts/skeleton.js";
import { Stored } from "../../parts/stored.js";
import { html, useEffect, useState } from "../../vendor/preact.js";
import { words } from "../figures.js";

/** Read again when another process answers, which `started` tells. */
export function Config({ started }) {
  const [answer, setAnswer] = useState();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leave = new AbortController();
    get("/api/config", { signal: leave.signal }).then(({ body }) => !leave.signal.aborted && setAnswer({ settings: body?.settings }));
    return () => leave.abort();
  }, [started, turn]);
  const { config, origin } = words.system;
  return html`
    <section class="panel" aria-labelledby="config">
      <header><h2 id="config">${config}</h2><small>${origin}</small></header>
      <${Body} answer=${answer} again=${() => setTurn(turn + 1)} />
    </section>`;
}

function Body({ answer, again }) {
  if (!answer) return html`<${Skeleton} />`;
  if (answer.settings) return html`<div class="pad"><${Table} settings=${answer.settings} /></div>`;
  return html`<div class="empty"><p class="quiet">${words.system.unread}</p><${Button} onClick=${again}>${words.system.again}<//></div>`;
}

function Table({ settings }) {
  const { key, value, origin } = words.system.columns;
  return html`
    <table class="config" role="table">
      <thead><tr><th scope="col">${key}</th><th scope="col">${value}</th><th scope="col">${origin}</th></tr></thead>
      <tbody>${settings.map((setting) => html`
        <tr key=${setting.key} role="row">
          <td role="cell"><code translate=${false}>${setting.key}</code></td>
          <td role="cell"><${Value} value=${setting.value} secret=${setting.secret} /></td>
          <td role="cell" class="quiet"><${Stored} text=${setting.origin} /></td>
        </tr>`)}</tbody>
    </table>`;
}

function Value({ value, secret }) {
  const { hidden, none, empty } = words.system;
  if (secret) return html`<span class="badge">${hidden}</span>`;
  if (value === null || value === "") return html`<span class="quiet">${value === null ? none : empty}</span>`;
  return html`<code translate=${false}><${Stored} text=${value} /></code>`;
}
