// A document as an article: title, cache badges, card and JSON.

import { member } from "../../json.js";
import { Later } from "../../later.js";
import { useLive } from "../../live.js";
import { Banner } from "../../parts/banner.js";
import { printable, Stored } from "../../parts/stored.js";
import { useTitle } from "../../title.js";
import { html, useEffect, useMemo } from "../../vendor/preact.js";
import { milliseconds, words } from "../../words.js";
import { AskAgain } from "./ask-again.js";
import { Journey } from "./journey.js";
import { JsonPanel } from "./json-panel.js";
import { OrderCard, OtherFields } from "./order-card.js";
import { nameOf } from "./read.js";
import { instant } from "./values.js";

/** `answers` are the latest answers of the cache, oldest first. */
export function Article({ shown, answers, ask, say }) {
  useEffect(() => say(words.order.documentId(shown.id)), []);
  const last = answers.at(-1);
  return html`
    <article class="document">
      <${Title} shown=${shown} answers=${answers} ask=${ask} />
      <${Card} shown=${shown} last=${last} />
      ${shown.key === undefined && html`<${JsonPanel} key=${shown.text} shown=${shown} />`}
    </article>`;
}

function Title({ shown, answers, ask }) {
  const { status } = useLive();
  const number = words.order.documentId(shown.id);
  const name = nameOf(shown, status?.key);
  useTitle(name ? printable(name) : number);
  const created = shown.order ? member(shown.json, "date_created") : undefined;
  const time = created?.kind === "string" ? instant(created.text) : undefined;
  const below = [name && number, time && html`${words.order.created} ${time}`].filter(Boolean);
  return html`
    <header class="title">
      <div>
        ${name ? html`<h1 translate=${false}><${Stored} text=${name} /></h1>` : html`<h1>${number}</h1>`}
        ${below.length > 0 && html`<p class="quiet">${below.flatMap((part, n) => (n > 0 ? [", ", part] : [part]))}</p>`}
      </div>
      <p class="actions" id="cache" role="status">${answers.map((answer, n) => badge(answer, n === answers.length - 1, status))}</p>
      <${AskAgain} ask=${ask} />
    </header>`;
}

/** Hit or Miss of the answer before and of the last one. */
function badge({ cache, duration }, last, status) {
  const off = status?.cache.capacity === 0;
  const look = cache === "Hit" && last ? "badge hit" : "badge";
  const text = [off ? words.order.cacheOff : cache, milliseconds(duration)].filter(Boolean).join(" ");
  return html`<span class=${look} title=${last ? undefined : words.order.before}>${text}</span>`;
}

const genericCard = async () => (await import("./generic-card.js")).GenericCard;

function Card({ shown, last }) {
  const { json, order } = shown;
  // A large document is written once, whatever else changes on the page.
  const body = useMemo(() => json !== undefined && html`<${order ? OrderCard : Later} load=${genericCard} root=${json} />`, [json, words.locale]);
  const others = useMemo(() => order && html`<${OtherFields} order=${json} />`, [json, words.locale]);
  if (json === undefined) return html`<${Banner} tone="warn">${words.order.notJson}<//>`;
  return html`
    <div class="panel">
      <h2 class="hidden">${words.order.document}</h2>
      ${body}
      <${Journey} id=${shown.id} asked=${last} />
      ${others}
    </div>`;
}
