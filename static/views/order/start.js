// Nothing asked yet: what will appear, and how to bring it.

import { Later } from "../../later.js";
import { useLive } from "../../live.js";
import { CopyButton } from "../../parts/copy.js";
import { useTitle } from "../../title.js";
import { html } from "../../vendor/preact.js";
import { learnMore, words } from "../../words.js";
import { programOf } from "../program.js";

const send = async () => {
  const [{ Send }] = await Promise.all([import("./send.js"), learnMore()]);
  return Send;
};
/** How documents come in, by the kind of the source. */
const PRODUCE = { http: (program) => `${program} produce --demo`, nats: () => "make producer" };

export function Start() {
  const { status, newest } = useLive();
  const { order } = words;
  useTitle(order.title);
  const empty = newest?.length === 0;
  const can = status?.produce && status.operate !== "closed";
  const kind = status?.stages.find(({ role }) => role === "source")?.kind;
  const produce = PRODUCE[kind] ?? (status ? undefined : PRODUCE.nats);
  const command = produce?.(programOf(status));
  return html`
    <div class="answer">
      <div class="panel">
        <div class="empty">
          <h1 class="small">${empty ? order.emptyTitle : order.startTitle}</h1>
          <p class="quiet">${empty ? order.emptyText : order.startText} ${command && !empty && order.commandText}</p>
          ${empty && can && html`<${Later} load=${send} />`}
        </div>
        ${command && html`<div class="command foot-line"><code translate=${false}>${command}</code><${CopyButton} text=${command} label=${order.copyCommand} icon /></div>`}
      </div>
    </div>`;
}
