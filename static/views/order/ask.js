// What becomes of a question: a document by its id, or whatever a text is known as.

import { get } from "../../api.js";

const RETRY_SECONDS = 5;

/**
 * Answers {id} or {text} with one of
 *   {kind: "document", text, cache, duration}     cache is "Hit" or "Miss", duration in ms
 *   {kind: "one", id, letters}                    another id has what was asked for
 *   {kind: "several", documents, letters}
 *   {kind: "nothing", letters, newest, ahead}     null if there is none, or it is not known
 *   {kind: "failed"|"gone", error, retryAfter} | {kind: "refused", error}
 */
export async function answerTo({ id, text }, signal) {
  const document = id === undefined ? undefined : await askDocument(id, signal);
  return document ?? find(id ?? text, id, signal);
}

export function documentPath(id) {
  return `/get-json?id=${encodeURIComponent(id)}`;
}

/** Undefined where no document has the id. */
async function askDocument(id, signal) {
  const started = performance.now();
  const answer = await get(documentPath(id), { signal });
  if (answer.error?.code === "documents_not_kept") return askRow(id, started, signal);
  if (answer.status === 404 || answer.status === 400) return undefined;
  if (!answer.ok) return refusal(answer);
  const timing = /(?:^|,)\s*cache\s*;[^,]*\bdur=([\d.]+)/.exec(answer.headers.get("Server-Timing"));
  return {
    kind: "document",
    text: answer.text,
    cache: answer.headers.get("X-Cache-Status"),
    duration: timing ? Number(timing[1]) : performance.now() - started,
  };
}

async function askRow(id, started, signal) {
  const answer = await get(`/api/documents/${encodeURIComponent(id)}`, { signal });
  if (answer.status === 404 || answer.status === 400) return undefined;
  if (!answer.ok) return refusal(answer);
  return { kind: "document", row: answer.body, duration: performance.now() - started };
}

async function find(query, asked, signal) {
  const answer = await get(`/api/find?q=${encodeURIComponent(query)}`, { signal });
  if (!answer.ok) return refusal(answer);
  const { documents, letters, newest, ahead } = answer.body;
  if (documents.length > 1) return { kind: "several", documents, letters };
  // The document asked for has come in between: the next question will have it.
  const other = documents.find(({ id }) => String(id) !== asked);
  return other ? { kind: "one", id: String(other.id), letters } : { kind: "nothing", letters, newest, ahead };
}

function refusal({ gone, status, error, retryAfter = RETRY_SECONDS }) {
  if (gone) return { kind: "gone", retryAfter };
  return { kind: status >= 500 || status === 429 ? "failed" : "refused", error, retryAfter };
}
