// The page: which view stands on the screen, and what stands around all of them.

import { Bar, Foot } from "./frame.js";
import { useLater } from "./later.js";
import { startLive, useLive } from "./live.js";
import { Banner } from "./parts/banner.js";
import { Skeleton } from "./parts/skeleton.js";
import { followLinks, useRoute } from "./route.js";
import { titleOf, useTitle } from "./title.js";
import { html, render, useEffect, useErrorBoundary, useRef, useState } from "./vendor/preact.js";
import Order from "./views/order.js";
import { chooseLanguage, learnMore, words } from "./words.js";

const LATER = {
  pipeline: () => withWords(import("./views/pipeline.js")),
  letters: () => withWords(import("./views/letters.js")),
  system: () => withWords(import("./views/system.js")),
  locked: () => withWords(import("./views/locked.js")),
};

function App() {
  const { view, query } = useRoute();
  const shown = useLive().state === "locked" ? "locked" : view;
  const [, turn] = useState(0);
  const turned = () => turn((count) => count + 1);
  const main = useRef();
  useEffect(() => {
    learnMore().then(turned, () => {}); // Who needs them asks again.
  }, []);
  return html`
    <a class="skip" href="#main">${words.frame.skip}</a>
    <${Bar} view=${view} turned=${turned} />
    <main id="main" class=${shown === "order" ? "rail" : undefined} tabindex="-1" ref=${main}>
      <${View} key=${shown} view=${shown} query=${query} main=${main} />
    </main>
    <${Foot} />`;
}

function View({ view, query, main }) {
  const { content, failed } = useLater(LATER[view]);
  const Content = view === "order" ? Order : content;
  const [broken] = useErrorBoundary((error) => console.error(error));
  useArrival(view, main, Boolean(Content));
  if (broken || failed) return html`<${Broken} />`;
  return Content ? html`<${Content} query=${query} />` : html`<div class="panel"><${Skeleton} /></div>`;
}

let here;
/** The keyboard follows to a new view that did not take it itself, except to the first of a visit; the other views name themselves. */
function useArrival(view, main, ready) {
  const { status } = useLive();
  useTitle(view === "order" ? undefined : titleOf(view, status));
  useEffect(() => {
    if (!ready || here === view) return;
    const first = here === undefined;
    here = view;
    if (first) return;
    scrollTo(0, 0);
    if (main.current.querySelector(":focus")) return;
    const heading = main.current.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    (heading ?? main.current).focus();
  }, [view, ready]);
}

function Broken() {
  const again = () => location.reload();
  return html`<${Banner} tone="bad"><b>${words.frame.broken}</b><br /><button class="button" type="button" onClick=${again}>${words.frame.reload}</button><//>`;
}

async function withWords(view) {
  const [module] = await Promise.all([view, learnMore()]);
  return module.default;
}

chooseLanguage();
followLinks();
startLive();
render(html`<${App} />`, document.getElementById("page"));
