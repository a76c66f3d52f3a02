// One question to the server: the document with this id.

const DEFAULT_RETRY_SECONDS = 5;

/**
 * Asks for a document. Answers one of
 *   {kind: "document", text, cache, duration}   cache is "Hit" or "Miss"
 *   {kind: "notFound" | "badId"}
 *   {kind: "failed" | "refused", code, request, retryAfter}
 *   {kind: "gone", retryAfter}                  nobody answered
 * and throws only the AbortError of `signal`.
 */
export async function ask(id, signal) {
  const started = performance.now();
  try {
    // The browser's own cache would hide whether the server's had it.
    const response = await fetch(documentPath(id), { cache: "no-store", signal });
    const text = await response.text();
    if (response.ok) return found(response, text, performance.now() - started);
    return refusal(response, text);
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "gone", retryAfter: DEFAULT_RETRY_SECONDS };
  }
}

export function documentPath(id) {
  return `/get-json?id=${encodeURIComponent(id)}`;
}

function found(response, text, elapsed) {
  const timing = /(?:^|,)\s*cache\s*;[^,]*\bdur=([\d.]+)/.exec(response.headers.get("Server-Timing"));
  return {
    kind: "document",
    text,
    cache: response.headers.get("X-Cache-Status"),
    duration: timing ? Number(timing[1]) : elapsed,
  };
}

function refusal(response, text) {
  if (response.status === 404) return { kind: "notFound" };
  if (response.status === 400) return { kind: "badId" };
  const { code = String(response.status), request_id: request } = errorIn(text);
  const retryAfter = Number(response.headers.get("Retry-After")) || DEFAULT_RETRY_SECONDS;
  return { kind: response.status >= 500 || response.status === 429 ? "failed" : "refused", code, request, retryAfter };
}

function errorIn(text) {
  try {
    return JSON.parse(text).error ?? {};
  } catch {
    return {}; // A proxy's own page: its status says enough.
  }
}
