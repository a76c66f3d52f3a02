// What stands in the place of a document while there is none.

import { copyButton, h, icon, stored } from "./dom.js";
import { clock, words } from "./words.js";

const PRODUCE = "make producer";

/** Nothing asked yet: what will appear and the command that brings it. */
export function startPanel() {
  return h("div", { class: "panel" },
    h("div", { class: "empty" }, h("h2", {}, words.startTitle), h("p", { class: "quiet" }, words.startText)),
    h("div", { class: "command foot-line" }, h("code", { translate: "no" }, PRODUCE),
      copyButton(PRODUCE, { ...words, label: words.copyCommand }, "copy")));
}

/** Two panels of about the final size. */
export function skeleton() {
  const lines = (number) => Array.from({ length: number }, () => h("i"));
  const panel = (look, number) => h("div", { class: "panel" }, h("div", { class: `pad skeleton ${look}` }, lines(number)));
  return h("div", { class: "document", role: "status", "aria-busy": "true", "aria-label": words.loading }, panel("tall", 16), panel("", 24));
}

export function notFoundPanel(id, askAgain) {
  return h("div", { class: "panel" }, h("div", { class: "empty" },
    h("h2", {}, words.notFound(id)),
    h("p", { class: "quiet" }, words.notFoundText),
    askAgainButton(askAgain)));
}

export function badIdBanner(id) {
  const [asked, ours] = words.badId(id);
  return banner("bad", "alert", [h("b", {}, stored(asked), ours), " ", words.badIdText]);
}

/** The answer that failed for a while; `countdown` is the element whose text is the next try. */
export function troubleBanner(trouble, since, countdown, tryNow) {
  const gone = trouble.kind === "gone";
  const proof = [words.since(clock(since)), trouble.code, trouble.request && words.request(trouble.request)];
  return banner("warn", "status", [
    h("b", {}, gone ? words.gone : words.failed), " ", gone ? words.goneText : words.failedText, " ", countdown,
    h("br"), h("small", {}, stored(proof.filter(Boolean).join(" · "))), h("br"),
    h("button", { class: "button", type: "button", click: tryNow }, words.tryNow),
  ]);
}

export function refusedBanner({ code, request }) {
  const proof = [code, request && words.request(request)].filter(Boolean).join(" · ");
  return banner("bad", "alert", [h("b", {}, words.refused), h("br"), h("small", {}, stored(proof))]);
}

/** Why the pipeline cannot work at present. */
export function unreadyBanner(reasons) {
  return banner("warn", undefined, reasons.map(reasonLines));
}

export function notJsonBanner() {
  return banner("warn", "status", [words.notJson]);
}

export function askAgainButton(click) {
  return h("button", { class: "button", type: "button", click }, icon("again"), words.askAgain);
}

function reasonLines({ stage, code, message, since }, n) {
  const what = `${words.stages[stage] ?? stage} ${words.reasons[code] ?? words.unworkable}`;
  const proof = [message, code, words.since(clock(new Date(since)))].filter(Boolean).join(" · ");
  return h("p", {}, h("b", {}, what), n === 0 ? ` ${words.waiting}` : "", h("br"), h("small", {}, stored(proof)));
}

function banner(tone, role, content) {
  return h("div", { class: `banner ${tone}`, role }, icon("warn"), h("div", {}, content));
}
