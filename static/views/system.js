// What runs here, with which settings, and a way to try it.

import { useLive } from "../live.js";
import { html } from "../vendor/preact.js";
import { words } from "../words.js";
import { useServerNow } from "./clock.js";
import { troubleText } from "./pipeline/sentence.js";
import { About } from "./system/about.js";
import { Config } from "./system/config.js";
import { Links } from "./system/links.js";
import { Send } from "./system/send.js";

export default function System() {
  const { state, status } = useLive();
  const now = useServerNow(status, state);
  return html`
    <header class="title"><div><h1>${words.system.title}</h1><p class="quiet">${status ? sentence(status, state, now) : "\u00a0"}</p></div></header>
    <div class="two settings">
      <${Config} started=${status?.started} />
      <div class="stack"><${About} status=${status} now=${now} /><${Send} status=${status} /><${Links} /></div>
    </div>`;
}

function sentence(status, live, now) {
  if (live === "stale") return words.pipeline.stale;
  const { ready, answers } = words.system;
  const trouble = troubleText(status, now);
  if (trouble) return trouble;
  const has = (role) => status.stages.some((stage) => stage.role === role);
  return `${ready} ${has("source") ? answers.both : has("sink") ? answers.sink : ""}`;
}
