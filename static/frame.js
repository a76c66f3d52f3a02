// What stands around every view: the bar above and the foot below.

import { useLive } from "./live.js";
import { Icon } from "./parts/icon.js";
import { PATHS } from "./route.js";
import { letterCount } from "./title.js";
import { html } from "./vendor/preact.js";
import { degradedWord } from "./views/degraded.js";
import { clock, switchLanguage, words, zone } from "./words.js";

/** `turned` is called after a switch of the language. */
export function Bar({ view, turned }) {
  const { status, state, since } = useLive();
  return html`
    <header class="bar">
      <a class="brand" href="/" aria-label=${status ? undefined : words.frame.home}><${Icon} name="mark" /><span translate=${false}>${status?.pipeline ?? "\u00a0"}</span></a>
      <nav aria-label=${words.frame.nav}>${Object.keys(PATHS).map((name) => html`<${Tab} key=${name} name=${name} current=${name === view} status=${status} />`)}</nav>
      <${Condition} status=${status} state=${state} />
      <${LiveBadge} state=${state} since=${since} />
      <${LanguageButton} turned=${turned} />
    </header>`;
}

export function Foot() {
  return html`<footer class="foot">${words.frame.foot(zone())}</footer>`;
}

function Tab({ name, current, status }) {
  const count = name === "letters" && letterCount(status);
  return html`<a href=${PATHS[name]} aria-current=${current ? "page" : undefined}>${words.frame.views[name]}${count && html` <span class="count">${count}<span class="hidden"> ${words.frame.undecided}</span></span>`}</a>`;
}

function Condition({ status, state }) {
  const word = degradedWord(status, state);
  return html`<p id="condition" role="status">${word && html`<a class="badge warn" href=${PATHS.pipeline}>${word}</a>`}</p>`;
}

function LiveBadge({ state, since }) {
  const text = state === "stale" ? words.frame.stale(clock(since)) : words.frame[state];
  return html`<p id="live" class=${state === "live" ? "live" : `live ${state}`} role="status">${text}</p>`;
}

function LanguageButton({ turned }) {
  const { code, short, name } = words.frame.other;
  const turn = () => {
    switchLanguage();
    turned();
  };
  return html`<button class="button plain" type="button" lang=${code} aria-label=${`${short}, ${name}`} onClick=${turn}>${short}</button>`;
}
