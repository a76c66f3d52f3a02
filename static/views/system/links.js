// What machines read.

import { Fact, Facts } from "../../parts/facts.js";
import { html } from "../../vendor/preact.js";
import { words } from "../figures.js";

const PATHS = { liveness: "/livez", readiness: "/readyz", metrics: "/metrics", api: "/openapi.json", status: "/api/status" };

export function Links() {
  const { machines, links } = words.system;
  return html`
    <section class="panel" aria-labelledby="links">
      <header><h2 id="links">${machines}</h2></header>
      <div class="pad"><${Facts}>${Object.entries(PATHS).map(([name, path]) => html`
        <${Fact} key=${name} label=${links[name]}><a href=${path}>${path}</a><//>`)}<//></div>
    </section>`;
}
