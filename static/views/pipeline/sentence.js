// The one sentence below the title, and the one thing that must not be missed.

import { Banner } from "../../parts/banner.js";
import { html } from "../../vendor/preact.js";
import { plural } from "../../words.js";
import { isDegraded } from "../degraded.js";
import { between, seconds, words } from "../figures.js";
import { isBehind, isIdle, oldest, processes } from "./state.js";

export function Sentence({ status, live, now }) {
  if (live === "stale") return words.pipeline.stale;
  const reason = oldest(status.reasons);
  if (reason) return troubleText(reason, now);
  const running = words.pipeline.running(seconds(between(Date.parse(status.started), now)));
  return `${running} ${progress(status, now, words.pipeline)}`;
}

function progress(status, now, texts) {
  if (isDegraded(status)) return texts.degraded;
  if (!processes(status)) return texts.queryOnly;
  if (isIdle(status, now)) return texts.idleNow;
  return isBehind(status) ? texts.behind(messages(status.backlog.waiting)) : texts.keepingUp;
}

/** `The database has not answered for 12 s; what the stream holds waits there.` */
export function troubleText({ stage, code, since }, now) {
  const { who, does, forTime, meanwhile } = words.pipeline;
  const lasted = seconds(between(Date.parse(since), now));
  return `${forTime(who[stage] ?? who.other, does[code] ?? does.other, lasted)} ${meanwhile[stage] ?? meanwhile.other}`;
}

/** Messages that the stream dropped before anybody processed them are the one real loss. */
export function Unseen({ backlog }) {
  if (!backlog?.removed_unseen) return null;
  return html`<${Banner} tone="bad" role="status">${words.pipeline.unseen(messages(backlog.removed_unseen))}<//>`;
}

function messages(count) {
  return plural(count, words.pipeline.messages);
}
