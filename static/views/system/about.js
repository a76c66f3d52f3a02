// This instance: what it is, how long it runs, what its stages talk to.

import { Fact, Facts } from "../../parts/facts.js";
import { Skeleton } from "../../parts/skeleton.js";
import { Stored } from "../../parts/stored.js";
import { html } from "../../vendor/preact.js";
import { between, bytes, seconds, words } from "../figures.js";

export function About({ status, now }) {
  return html`
    <section class="panel" aria-labelledby="about">
      <header><h2 id="about">${words.system.about}</h2></header>
      ${status ? html`<div class="pad"><${Facts}>${lines(status, now)}<//></div>` : html`<${Skeleton} />`}
    </section>`;
}

function lines(status, now) {
  const { pipeline, version, uptime, memory, unknown } = words.system;
  const { stageNames } = words.pipeline;
  const facts = [
    [pipeline, html`<${Stored} text=${status.pipeline} />`],
    [version, status.version],
    [uptime, seconds(between(Date.parse(status.started), now))],
    [memory, status.memory === null ? unknown : bytes(status.memory)],
    ...status.stages.map(({ role, summary }) => [stageNames[role] ?? role, html`<${Stored} text=${summary} />`]),
  ];
  return facts.map(([name, value]) => html`<${Fact} key=${name} label=${name}>${value}<//>`);
}
