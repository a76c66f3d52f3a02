// Sends test orders; what becomes of them shows in the list.

import { post } from "../../api.js";
import { Button } from "../../parts/button.js";
import { Token } from "../../parts/token.js";
import { html, useState } from "../../vendor/preact.js";
import { words } from "../../words.js";

export function Send() {
  const [answer, setAnswer] = useState();
  const [busy, setBusy] = useState(false);
  const { order } = words;
  const send = async () => {
    setBusy(true);
    setAnswer(await post("/api/produce"));
    setBusy(false);
  };
  return html`
    <${Button} kind="main" busy=${busy} onClick=${send}>${busy ? order.sending : order.send}<//>
    ${answer?.status === 401 && html`<${Token} again=${send} />`}
    <p role="status">${said(answer)}</p>`;
}

function said(answer) {
  if (!answer || answer.status === 401) return "";
  if (answer.ok) return words.order.sent;
  const { code, request_id: request } = answer.error;
  return html`${words.order.sendFailed} <small>${[code, request && words.frame.request(request)].filter(Boolean).join(" · ")}</small>`;
}
