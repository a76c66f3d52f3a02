// Sends test orders and looks for each until it is stored, refused, or too late.

import { get, post } from "../../api.js";
import { useEffect, useRef, useState } from "../../vendor/preact.js";

const PAUSE = 400;
const PATIENCE = 30000;

/**
 * [state, send]. The state is {} at rest, else {busy}, {failure: <the answer>} or
 * {fresh: <how many>, ids, letters, over}: `over` once nothing more will be found out.
 */
export function useSending() {
  const [state, setState] = useState({});
  const leave = useRef(new AbortController());
  useEffect(() => () => leave.current.abort(), []);

  async function send() {
    const { signal } = leave.current;
    setState({ busy: true });
    const answer = await post("/api/produce");
    if (signal.aborted) return;
    if (answer.ok) await follow(answer.body.fresh, signal, setState);
    else setState({ failure: answer });
  }

  return [state, send];
}

async function follow(fresh, signal, say) {
  const end = Date.now() + PATIENCE;
  const found = { ids: [], letters: 0 };
  let open = fresh;
  while (!signal.aborted) {
    open = await lookFor(open, found, signal);
    const over = open.length === 0 || Date.now() > end;
    const ids = found.ids.toSorted((one, other) => one - other);
    if (!signal.aborted) say({ busy: !over, fresh: fresh.length, ids, letters: found.letters, over });
    if (over) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Asks for each text once; returns those that are neither stored nor refused yet. */
async function lookFor(texts, found, signal) {
  const answers = await Promise.all(texts.map((text) => get(`/api/find?q=${encodeURIComponent(text)}`, { signal })));
  return texts.filter((_, index) => {
    const { documents = [], letters = [] } = answers[index].body ?? {};
    if (documents.length > 0) found.ids.push(documents[0].id);
    else if (letters.length > 0) found.letters += 1;
    else return true;
    return false;
  });
}
