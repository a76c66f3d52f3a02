// Server-sent events by fetch: an EventSource can carry no token but in its URL, where logs would keep it.

import { authorization } from "./api.js";

/** What behaves as an EventSource and carries the token. */
export function openEvents(path) {
  const stream = new EventTarget();
  const question = new AbortController();
  stream.close = () => question.abort();
  const ended = () => stream.dispatchEvent(new Event("error"));
  read(path, question.signal, (name, data) => stream.dispatchEvent(new MessageEvent(name, { data }))).then(ended, ended);
  return stream;
}

/** Tells each event until the server ends. */
async function read(path, signal, tell) {
  const { ok, body } = await fetch(path, { cache: "no-store", headers: authorization(), signal });
  if (!ok) return;
  const texts = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await texts.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = /^event: (.*)\ndata: (.*)$/.exec(block);
      if (event) tell(event[1], event[2]);
    }
  }
}
