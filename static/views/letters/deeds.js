// Replay and discard, and what came of them for each letter.

import { post } from "../../api.js";
import { useState } from "../../vendor/preact.js";

/**
 * {of, act}: `of(id)` is {busy: "replay"|"discard"}, {outcome} or undefined; `act(letter, deed)` does
 * it. An outcome is {deed, at, result, same, document} or {deed, at, failure: <the answer>}.
 */
export function useDeeds({ put, readAgain }) {
  const [deeds, setDeeds] = useState({});
  const note = (id, deed) => setDeeds((before) => ({ ...before, [id]: deed }));

  async function act(letter, deed) {
    note(letter.id, { busy: deed });
    const answer = await post(`/api/dead-letters/${letter.id}/${deed}`);
    note(letter.id, { outcome: { deed, at: new Date(), ...outcomeOf(answer, letter) } });
    if (answer.ok) put(answer.body.letter);
    readAgain();
  }

  return { of: (id) => deeds[id], act };
}

function outcomeOf(answer, letter) {
  if (!answer.ok) return { failure: answer };
  const { result, document, reason, detail } = answer.body;
  return { result, document, reason, detail, same: reason === letter.reason && detail === letter.detail };
}
