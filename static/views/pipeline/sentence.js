// The one sentence below the title, and the one thing that must not be missed.

import { Banner } from "../../parts/banner.js";
import { html } from "../../vendor/preact.js";
import { plural } from "../../words.js";
import { common, isDegraded, symptomsOf } from "../degraded.js";
import { between, rate, seconds, words } from "../figures.js";
import { asOf, lookedAgo } from "./age.js";
import { oldest, progress, stillSince, storesDespite } from "./state.js";

/** What is said besides what goes wrong. */
const BESIDES = ["queryOnly", "outdated", "still", "behind"];

export function Sentence({ status, live, now }) {
  if (live === "stale") return words.pipeline.stale;
  const said = troubleText(status, now);
  if (said) return said;
  const { running } = words.pipeline;
  const { sentences } = words.wrong;
  const does = progress(status, now);
  const wrong = isDegraded(status);
  const known = symptomsOf(status).map(({ code }) => sentences[code]);
  return [
    running(seconds(between(Date.parse(status.started), now))),
    wrong && (common(known) ?? sentences.other),
    (!wrong || BESIDES.includes(does)) && PROGRESS[does](words.pipeline, status, now),
  ].filter(Boolean).join(" ");
}

const PROGRESS = {
  queryOnly: ({ queryOnly }) => queryOnly,
  idle: ({ idleNow }) => idleNow,
  rejecting: ({ rejecting }) => rejecting,
  outdated: ({ outdated, waited }, { backlog }, now) => outdated(plural(backlog.waiting, waited), lookedAgo(backlog, now)),
  still: ({ still, wait, areInHand }, { backlog, ledger, ...status }, now) => {
    const what = backlog?.waiting > 0 ? plural(backlog.waiting, wait) : plural(ledger.in_hand, areInHand);
    return still(what, seconds(between(stillSince(status), now)));
  },
  behind: ({ behind }, { backlog }, now) => behind(messages(backlog.waiting), asOf(backlog, now)),
  keepingUp: ({ keepingUp }, { backlog }, now) => keepingUp(backlog && asOf(backlog, now)),
};

/** `The database has not answered for 12 s; what the stream holds waits there.` of an instance with a stage that cannot work. */
export function troubleText(status, now) {
  const reason = oldest(status.reasons);
  if (!reason) return undefined;
  const { who, does, forTime } = words.pipeline;
  const lasted = seconds(between(Date.parse(reason.since), now));
  return `${forTime(who[reason.stage] ?? who.other, does[reason.code] ?? does.other, lasted)} ${meanwhileText(status, reason)}`;
}

function meanwhileText(status, reason) {
  const { meanwhile, storesMeanwhile, storesSome } = words.pipeline;
  if (!storesDespite(status, reason)) return meanwhile[reason.stage] ?? meanwhile.other;
  return status.rates.stored > 0 ? storesMeanwhile(rate(status.rates.stored)) : storesSome;
}

/** Messages that the stream dropped before they were delivered are the one real loss. */
export function Unseen({ backlog }) {
  if (!backlog?.removed_unseen) return null;
  return html`<${Banner} tone="bad" role="status">${words.pipeline.unseen(messages(backlog.removed_unseen))}<//>`;
}

function messages(count) {
  return plural(count, words.pipeline.messages);
}
