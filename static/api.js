// Questions to the server. Nothing is thrown: an answer says what became of it.

const TOKEN = "token";

/**
 * {ok, status, body, text, headers, error, retryAfter, gone}
 *   body        the JSON, undefined where there is none
 *   error       {code, message, request_id} unless ok
 *   retryAfter  seconds, where the server names them
 *   gone        true if nobody answered, or `signal` ended the question
 */
export function get(path, { signal } = {}) {
  // The browser's own cache would hide what the server has.
  return ask(path, { cache: "no-store", signal });
}

export function post(path, { signal } = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  return ask(path, { method: "POST", headers, signal });
}

/** The token that later writes carry, as long as this tab lives. */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

async function ask(path, options) {
  try {
    const response = await fetch(path, options);
    return answer(response, await response.text());
  } catch {
    return { ok: false, gone: true, error: { code: "gone", message: "" } };
  }
}

function answer({ ok, status, headers }, text) {
  const body = json(text);
  // A proxy's own page has no error object: its status says enough.
  const error = ok ? undefined : { code: String(status), message: "", ...body?.error };
  const retryAfter = Number(headers.get("Retry-After")) || undefined;
  return { ok, status, body, text, headers, error, retryAfter };
}

function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
