// The document as it was written, and how to ask for it without the page.

import { isScalar } from "../../json.js";
import { Button } from "../../parts/button.js";
import { CopyButton } from "../../parts/copy.js";
import { foldAll, Json, PlainText } from "../../parts/json.js";
import { html, useRef, useState } from "../../vendor/preact.js";
import { words } from "../../words.js";
import { documentPath } from "./ask.js";

export function JsonPanel({ shown: { id, text, json } }) {
  const panel = useRef();
  const path = documentPath(id);
  const plain = json === undefined || isScalar(json);
  return html`
    <section class="panel" aria-label="JSON" ref=${panel}>
      <header>
        <h2>JSON</h2>
        ${!plain && hasFolds(json) && html`<${FoldButton} panel=${panel} />`}
        <${CopyButton} text=${text} label=${words.order.copy} />
        <a class="button plain" href=${path}>${words.order.raw}</a>
      </header>
      <${Curl} path=${path} />
      ${plain ? html`<${PlainText} text=${text} />` : html`<${Json} value=${json} />`}
    </section>`;
}

function FoldButton({ panel }) {
  const [folded, setFolded] = useState(false);
  const fold = () => setFolded(foldAll(panel.current));
  return html`<${Button} kind="plain" onClick=${fold}>${folded ? words.order.unfoldAll : words.order.foldAll}<//>`;
}

function Curl({ path }) {
  const host = location.protocol === "http:" ? location.host : location.origin;
  const curl = `curl '${host}${path}'`;
  return html`<div class="command"><code translate=${false}>${curl}</code><${CopyButton} text=${curl} label=${words.order.copyCurl} icon /></div>`;
}

function hasFolds(json) {
  const values = json.kind === "object" ? json.members.map(({ value }) => value) : json.items;
  return values.some((value) => (value.members ?? value.items)?.length > 0);
}
