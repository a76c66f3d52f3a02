// Questions to the server. Nothing is thrown: an answer says what became of it.

const TOKEN = "token";
/** The server itself gives up sooner: who is silent for longer is gone. In ms. */
const PATIENCE = { GET: 10_000, POST: 30_000 };

/**
 * {ok, status, body, text, headers, error, retryAfter, gone}
 *   body        the JSON, undefined where there is none; integers that a number would round are texts
 *   error       {code, message, request_id} unless ok
 *   retryAfter  seconds, where the server names them
 *   gone        true if no answer came in `patience` ms, or `signal` ended the request
 */
export function get(path, { signal, patience = PATIENCE.GET } = {}) {
  // The browser's own cache would hide what the server has.
  return ask(path, { cache: "no-store", headers: authorization() }, patience, signal);
}

export function post(path) {
  return ask(path, { method: "POST", headers: authorization() }, PATIENCE.POST);
}

export function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Whether the token is missing or wrong. */
export function needsToken({ status, error }) {
  return status === 401 || error?.code === "too_many_attempts";
}

/** Whether questions carry a token. */
export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** The token that later questions carry, as long as this tab lives. */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

async function ask(path, options, patience, signal) {
  const question = new AbortController();
  const end = () => question.abort();
  const late = setTimeout(end, patience);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  try {
    const response = await fetch(path, { ...options, signal: question.signal });
    return answer(response, await response.text());
  } catch {
    return { ok: false, gone: true, error: { code: "gone", message: "" } };
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", end);
  }
}

function answer({ ok, status, headers }, text) {
  // A proxy's own page has no error object: its status says enough.
  const error = ok ? undefined : { code: String(status), message: "", ...json(text)?.error };
  const retryAfter = Number(headers.get("Retry-After")) || undefined;
  return { ok, status, text, headers, error, retryAfter, get body() { return json(text); } };
}

function json(text) {
  try {
    return JSON.parse(text, exact);
  } catch {
    return undefined;
  }
}

/** Browsers before 2025 do not tell the source: there it is rounded. */
function exact(_, value, context) {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? context?.source ?? value : value;
}
