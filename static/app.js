// The page: which document is asked for, and what stands on the screen for it.

import { ask } from "./ask.js";
import { cacheBadges, documentArticle, readDocument } from "./document.js";
import { h, printable } from "./dom.js";
import { watchReadiness } from "./live.js";
import { badIdBanner, notFoundPanel, refusedBanner, skeleton, startPanel, troubleBanner, unreadyBanner } from "./states.js";
import { chooseLanguage, clock, switchLanguage, words, zone } from "./words.js";

const SKELETON_AFTER = 150;
const NAME = "orders";
const element = (id) => document.getElementById(id);

/** All that is shown. `shown` and `answers` stay while the same document is asked for again. */
const state = { id: "", shown: undefined, answers: [], outcome: undefined, readiness: undefined };
let asking = new AbortController();
let retry;

function start() {
  chooseLanguage();
  renderFrame();
  element("language").addEventListener("click", () => {
    switchLanguage();
    render();
  });
  element("search").addEventListener("submit", (event) => {
    event.preventDefault();
    go(element("find").value.trim());
  });
  addEventListener("popstate", () => open(idInAddress()));
  watchReadiness((readiness) => {
    state.readiness = readiness;
    renderReadiness();
  });
  open(idInAddress());
}

function idInAddress() {
  return (new URLSearchParams(location.search).get("id") ?? "").trim();
}

/** Opens a document under an address of its own. */
function go(id) {
  if (id !== idInAddress()) history.pushState(null, "", id ? `/?id=${encodeURIComponent(id)}` : "/");
  open(id);
}

function open(id) {
  if (id !== state.id) Object.assign(state, { id, shown: undefined, answers: [], outcome: undefined });
  element("find").value = id;
  if (id) return askNow();
  stopAsking();
  renderAnswer();
}

async function askNow() {
  stopAsking();
  const { signal } = asking;
  const waiting = state.outcome ? undefined : setTimeout(() => element("answer").replaceChildren(skeleton()), SKELETON_AFTER);
  try {
    take(await ask(state.id, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(waiting);
  }
}

/** Ends the question on its way and the one that was to follow. */
function stopAsking() {
  asking.abort();
  asking = new AbortController();
  clearInterval(retry);
}

function take(outcome) {
  const before = state.outcome;
  state.outcome = outcome;
  if (outcome.kind === before?.kind) outcome.since = before.since;
  if (outcome.kind !== "document") return renderAnswer();
  state.answers = [...state.answers, outcome].slice(-2);
  // What stands there already keeps its folds.
  if (before?.kind === "document" && outcome.text === state.shown.text) return renderBadges();
  state.shown = readDocument(state.id, outcome.text);
  renderAnswer();
}

function render() {
  renderFrame();
  renderAnswer();
}

/** All that does not depend on the document. */
function renderFrame() {
  for (const part of document.querySelectorAll("[data-word]")) part.textContent = words[part.dataset.word];
  const { other } = words;
  const language = element("language");
  language.textContent = other.short;
  language.lang = other.code;
  language.setAttribute("aria-label", other.name);
  element("find").placeholder = words.findHint;
  element("foot").textContent = words.foot(zone());
  renderReadiness();
}

function renderAnswer() {
  clearInterval(retry);
  const { id, shown, outcome } = state;
  const article = shown && documentArticle(shown, state.answers, askNow);
  const parts = {
    document: () => [article],
    notFound: () => [notFoundPanel(id, askNow)],
    badId: () => [badIdBanner(id)],
    refused: () => [refusedBanner(outcome), article],
    failed: () => [troubleWithRetry(outcome), article],
    gone: () => [troubleWithRetry(outcome), article],
  };
  const content = outcome ? parts[outcome.kind]() : id ? [] : [startPanel()];
  replace(element("answer"), content.filter(Boolean));
  document.title = [shown?.title ? printable(shown.title) : id && words.documentId(id), NAME].filter(Boolean).join(" · ");
  element("said").textContent = outcome?.kind === "notFound" ? words.notFound(id) : outcome?.kind === "document" ? document.title : "";
}

function renderBadges() {
  element("cache").replaceChildren(...cacheBadges(state.answers).flatMap((badge, n) => (n > 0 ? [" ", badge] : [badge])));
}

/** A banner that asks again by itself when its seconds have run out. */
function troubleWithRetry(outcome) {
  outcome.since ??= new Date();
  let seconds = outcome.retryAfter;
  const countdown = h("span", { "aria-live": "off" }, words.nextTry(seconds));
  retry = setInterval(() => {
    seconds -= 1;
    countdown.textContent = words.nextTry(Math.max(seconds, 0));
    if (seconds <= 0) askNow();
  }, 1000);
  return troubleBanner(outcome, outcome.since, countdown, askNow);
}

function renderReadiness() {
  const live = element("live");
  const { kind, since, reasons } = state.readiness ?? {};
  const troubled = kind === "gone" || kind === "unready";
  say(live, kind === "gone" ? words.stale(clock(since)) : kind === "unready" ? words.unready : kind ? words.polling : "");
  live.className = troubled ? "live stale" : "live polling";
  // The same reasons are not written again: a screen reader would read them every 5 seconds.
  const written = JSON.stringify([kind === "unready" && reasons, words.locale]);
  const place = element("readiness");
  if (place.dataset.written === written) return;
  place.dataset.written = written;
  place.replaceChildren(...(kind === "unready" ? [unreadyBanner(reasons)] : []));
}

/** Keeps the keyboard where it was: a button that has gone hands its focus to the one that comes. */
function replace(place, content) {
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...content);
  if (focused) place.querySelector("button")?.focus();
}

function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

start();
