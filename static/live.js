// What the server tells by itself: a stream of events, or questions every few seconds in its place.
// All values are absolute: a gap counts nothing twice.

import { get, hasToken, needsToken } from "./api.js";
import { useEffect, useState } from "./vendor/preact.js";

const EVENTS = "/api/events";
const SILENCE = 8000;
const EVERY = 5000;
const PATIENCE = 4000;
const LEAST_BETWEEN = 500;

let live = { state: "connecting", since: undefined, status: undefined, newest: undefined };
const listeners = new Set();
let stream;
let silence;
let poll;
/** The question on its way; undefined while none is. */
let asking;
/** True from the moment the stream went silent until it is heard again. */
let fallen = false;
let heard;
let told = -LEAST_BETWEEN;
let telling;

/**
 * {state: "connecting"|"live"|"polling"|"stale"|"locked", since, status, newest}
 *   since   when the server was last heard, while stale
 *   status  as of /api/status; newest: the newest documents as of /api/documents, null if the sink does not list them
 */
export function useLive() {
  const [, look] = useState(live);
  useEffect(() => {
    const changed = () => look(live);
    changed(); // It may have changed between the first drawing and now.
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, []);
  return live;
}

/** Listens while the page is seen, and tells every `useLive`. */
export function startLive() {
  const seen = () => (document.hidden ? stop() : connect());
  document.addEventListener("visibilitychange", seen);
  seen();
}

export function startAgain() {
  tell({ state: "connecting" });
  connect();
}

function connect() {
  stop();
  fallen = false;
  openStream();
  watch();
}

function stop() {
  closeStream();
  clearTimeout(silence);
  stopAsking();
}

function closeStream() {
  stream?.close();
  stream = undefined;
}

function stopAsking() {
  clearTimeout(poll);
  asking?.abort();
  asking = undefined;
}

function openStream() {
  closeStream();
  if (!hasToken()) {
    follow(new EventSource(EVENTS));
    return;
  }
  const place = { close() {} };
  stream = place;
  import("./stream.js").then((it) => stream === place && follow(it.openEvents(EVENTS)), () => {});
}

function follow(opened) {
  stream = opened;
  opened.addEventListener("status", (event) => hear({ status: JSON.parse(event.data) }));
  opened.addEventListener("newest", (event) => hear({ newest: JSON.parse(event.data).documents }));
  opened.addEventListener("error", () => {
    if (opened !== stream) return;
    closeStream();
    if (!fallen) lost();
  });
}

function hear(news) {
  heard = new Date();
  fallen = false;
  stopAsking();
  tell({ ...news, state: "live", since: undefined });
  watch();
}

/** The status comes every 5 s: who is silent for longer is lost. */
function watch() {
  clearTimeout(silence);
  silence = setTimeout(lost, SILENCE);
}

function lost() {
  stop();
  fallen = true;
  ask();
}

/** Asks, and again after a while; an answer also opens the stream anew. */
async function ask() {
  const question = new AbortController();
  const { signal } = question;
  asking = question;
  const [status, newest] = await Promise.all(["/api/status", "/api/documents"].map((path) => get(path, { signal, patience: PATIENCE })));
  if (asking !== question) return;
  if (needsToken(status)) {
    tell({ state: "locked", status: undefined, newest: undefined });
    return;
  }
  if (status.ok) {
    heard = new Date();
    tell({ state: "polling", since: undefined, status: status.body, newest: documentsOf(newest) });
    openStream();
  } else {
    tell({ state: "stale", since: live.since ?? heard ?? new Date() });
  }
  poll = setTimeout(ask, EVERY);
}

/** Null where the sink does not list documents; the last known if there is no answer. */
function documentsOf({ body, error }) {
  return error?.code === "not_listed" ? null : body?.documents ?? live.newest;
}

/** Keeps the news; draws at most twice a second, a change of state at once. */
function tell(news) {
  const turned = news.state !== live.state;
  live = { ...live, ...news };
  const wait = turned ? 0 : Math.max(0, told + LEAST_BETWEEN - performance.now());
  if (turned) clearTimeout(telling);
  else if (telling) return;
  telling = setTimeout(() => {
    telling = undefined;
    told = performance.now();
    for (const changed of listeners) changed();
  }, wait);
}
