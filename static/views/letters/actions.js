// Replay or discard one letter. Discard asks once, in place.

import { Button } from "../../parts/button.js";
import { Icon } from "../../parts/icon.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.js";
import { words } from "../figures.js";

export function Actions({ busy, act, closed }) {
  const [asking, setAsking] = useState(false);
  const texts = words.letters;
  const acting = busy !== undefined;
  const discard = () => {
    setAsking(false);
    act("discard");
  };
  return html`
    <div class="actions">
      <${Button} kind="main" disabled=${closed} busy=${acting} aria-describedby="replay-note" onClick=${() => act("replay")}>
        ${busy === "replay" ? texts.replaying : texts.replay}
      <//>
      <${Button} kind="danger" disabled=${closed} busy=${acting || asking} aria-describedby="replay-note" onClick=${() => setAsking(true)}>
        ${busy === "discard" ? texts.discarding : texts.discard}
      <//>
      <small id="replay-note">${closed ? texts.closed : texts.replayNote}</small>
    </div>
    ${asking && html`<${Ask} yes=${discard} no=${() => setAsking(false)} />`}`;
}

function Ask({ yes, no }) {
  const { ask, discardForGood, cancel } = words.letters;
  const least = useRef();
  useEffect(() => {
    const before = document.activeElement;
    least.current.focus();
    return () => before.focus();
  }, []);
  const escape = ({ key }) => key === "Escape" && no();
  return html`
    <div class="banner warn" role="group" aria-label=${ask} onKeyDown=${escape}><${Icon} name="warn" /><div>
      <p>${ask}</p>
      <div class="actions">
        <${Button} kind="danger" onClick=${yes}>${discardForGood}<//>
        <button class="button" type="button" ref=${least} onClick=${no}>${cancel}</button>
      </div>
    </div></div>`;
}
