// Instead of every view, where reading needs the token.

import { startAgain } from "../live.js";
import { Token } from "../parts/token.js";
import { html } from "../vendor/preact.js";
import { words } from "../words.js";

export default function Locked() {
  return html`
    <section class="panel">
      <h1>${words.token.locked}</h1>
      <${Token} again=${startAgain} label=${words.token.reads} />
    </section>`;
}
