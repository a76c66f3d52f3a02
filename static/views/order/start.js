// Nothing asked yet: what will appear, and how to bring it.

import { Later } from "../../later.js";
import { useLive } from "../../live.js";
import { CopyButton } from "../../parts/copy.js";
import { useTitle } from "../../title.js";
import { html } from "../../vendor/preact.js";
import { words } from "../../words.js";

const send = async () => (await import("./send.js")).Send;
const PRODUCE = "make producer";

export function Start() {
  const { status, newest } = useLive();
  const { order } = words;
  useTitle(order.title);
  const empty = newest?.length === 0;
  const can = status?.produce && status.operate !== "closed";
  return html`
    <div class="answer">
      <div class="panel">
        <div class="empty">
          <h1 class="small">${empty ? order.emptyTitle : order.startTitle}</h1>
          <p class="quiet">${empty ? order.emptyText : order.startText}</p>
          ${empty && can && html`<${Later} load=${send} />`}
        </div>
        <div class="command foot-line"><code translate=${false}>${PRODUCE}</code><${CopyButton} text=${PRODUCE} label=${order.copyCommand} icon /></div>
      </div>
    </div>`;
}
