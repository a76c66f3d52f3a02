// One letter in full: what is wrong, what to do about it, where it came from, its payload.

import { Fact, Facts } from "../../parts/facts.js";
import { Skeleton } from "../../parts/skeleton.js";
import { Stored } from "../../parts/stored.js";
import { html, useEffect, useRef } from "../../vendor/preact.js";
import { plural } from "../../words.js";
import { words } from "../figures.js";
import { Actions } from "./actions.js";
import { faultOf } from "./fault.js";
import { Headers } from "./headers.js";
import { Outcome } from "./outcome.js";
import { Payload } from "./payload.js";
import { dayAndClock, exact } from "./times.js";

/** `full` has payload and headers and comes later than `letter`. `called` focuses the title. */
export function Letter({ letter, full, deed, act, closed, called }) {
  const title = useRef();
  useEffect(() => {
    if (called) title.current.focus();
  }, [letter.id, called]);
  useEffect(() => {
    if (deed && document.activeElement === document.body) title.current.focus();
  }, [deed]);
  const outcome = deed?.outcome;
  return html`
    <article class="panel" aria-labelledby="letter">
      <header>
        <h2 id="letter" tabindex="-1" ref=${title}>${words.letters.reasons[letter.reason] ?? letter.reason}</h2>
        <time class="quiet" datetime=${letter.buried}>${dayAndClock(new Date(letter.buried))}</time>
      </header>
      <section class="stack">
        <${Detail} text=${letter.detail} />
        ${letter.state === "waiting" && html`<${Actions} busy=${deed?.busy} act=${act} closed=${closed} />`}
      </section>
      ${(outcome || letter.state !== "waiting") && html`
        <section><${Outcome} letter=${letter} outcome=${outcome} again=${() => act(outcome.deed)} /></section>`}
      <${Origin} letter=${letter} />
      ${full ? html`<${Headers} text=${full.headers} /><${Payload} letter=${full} />` : html`<${Skeleton} />`}
    </article>`;
}

function Detail({ text }) {
  const fault = faultOf(text);
  if (!fault?.pointer) return html`<p><${Stored} text=${text} /></p>`;
  return html`<p><code translate=${false}><${Stored} text=${fault.pointer} /></code> <${Stored} text=${fault.text} /></p>`;
}

function Origin({ letter }) {
  const { key, stream, subject, published, delivered, size, none, once, times, bytes } = words.letters;
  const { key: found, stream: name, sequence, subject: about, published: at, deliveries, size: length } = letter;
  const stored = (text) => (text === null ? html`<span class="quiet">${none}</span>` : html`<${Stored} text=${text} />`);
  return html`
    <section class="fields">
      <${Facts} beside>
        ${fact(key, stored(found))}
        ${fact(stream, stored(`${name}, ${sequence}`))}
        ${fact(subject, stored(about))}
      <//>
      <${Facts} beside>
        ${fact(published, at === null ? stored(null) : html`<time datetime=${at}>${exact(new Date(at))}</time>`)}
        ${fact(delivered, deliveries === 1 ? once : plural(deliveries, times))}
        ${fact(size, plural(length, bytes))}
      <//>
    </section>`;
}

function fact(name, value) {
  return html`<${Fact} label=${name}>${value}<//>`;
}
