import { Button } from "../../parts/button.js";
import { html } from "../../vendor/preact.js";
import { words } from "../../words.js";

export function AskAgain({ ask }) {
  return html`<${Button} icon="again" onClick=${() => ask()}>${words.order.askAgain}<//>`;
}
