// A document as an article: title, cache badges, card and JSON.

import { copyButton, h, stored } from "./dom.js";
import { documentPath } from "./ask.js";
import { instant, textOf } from "./facts.js";
import { genericCard } from "./generic.js";
import { isScalar, member, parseJson } from "./json.js";
import { isOrder, orderCard } from "./order.js";
import { askAgainButton, notJsonBanner } from "./states.js";
import { foldAll, jsonTree, plainText } from "./tree.js";
import { milliseconds, words } from "./words.js";

/** What is to be shown of a stored text: `json` is undefined where it is no JSON. */
export function readDocument(id, text) {
  let json;
  try {
    json = parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  const order = json !== undefined && isOrder(json);
  const title = order ? textOf(member(json, "track_number")) : undefined;
  return { id, text, json, order, title };
}

/** The article; `answers` are the latest answers of the cache, oldest first. */
export function documentArticle(shown, answers, askAgain) {
  return h("article", { class: "document" }, titleRow(shown, answers, askAgain), card(shown), jsonPanel(shown));
}

/** Hit or Miss of the answer before and of the last one. */
export function cacheBadges(answers) {
  return answers.map(({ cache, duration }, n) => {
    const last = n === answers.length - 1;
    const look = cache === "Hit" && last ? "badge hit" : "badge";
    return h("span", { class: look, title: last ? undefined : words.before }, [cache, milliseconds(duration)].filter(Boolean).join(" "));
  });
}

function titleRow(shown, answers, askAgain) {
  const number = words.documentId(shown.id);
  const created = shown.order ? member(shown.json, "date_created") : undefined;
  const time = created?.kind === "string" ? instant(created.text) : undefined;
  const heading = shown.title ? h("h1", { translate: "no" }, stored(shown.title)) : h("h1", {}, number);
  const below = [shown.title && number, time && [words.created, " ", time]].filter(Boolean);
  return h("header", { class: "title" },
    h("div", {}, heading, below.length > 0 ? h("p", { class: "quiet" }, below.flatMap((part, n) => (n > 0 ? [", ", part] : [part]))) : undefined),
    h("p", { class: "actions", id: "cache", role: "status" }, cacheBadges(answers)),
    askAgainButton(askAgain));
}

function card({ json, order }) {
  if (json === undefined) return notJsonBanner();
  return h("div", { class: "panel" },
    h("h2", { class: "hidden" }, words.document),
    order ? orderCard(json) : genericCard(json));
}

function jsonPanel({ id, text, json }) {
  const tree = json === undefined || isScalar(json) ? plainText(text) : jsonTree(json);
  const path = documentPath(id);
  const host = location.protocol === "http:" ? location.host : location.origin;
  const curl = `curl '${host}${path}'`;
  return h("section", { class: "panel", "aria-label": "JSON" },
    h("header", {},
      h("h2", {}, "JSON"),
      foldButton(tree),
      copyButton(text, { ...words, label: words.copy }),
      h("a", { class: "button plain", href: path }, words.raw)),
    h("div", { class: "command" }, h("code", { translate: "no" }, curl), copyButton(curl, { ...words, label: words.copyCurl }, "copy")),
    tree);
}

function foldButton(tree) {
  if (!tree.querySelector("details")) return undefined;
  const button = h("button", { class: "button plain", type: "button", click: () => {
    button.textContent = foldAll(tree) ? words.unfoldAll : words.foldAll;
  } }, words.foldAll);
  return button;
}
