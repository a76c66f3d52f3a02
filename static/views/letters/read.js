// The letters as the server has them: the pages that were opened, and the one that is open.

import { get } from "../../api.js";
import { useEffect, useRef, useState } from "../../vendor/preact.js";

const PAGE = 50;
/** Rows that are read again automatically; after that, further rows must be opened again. */
const MOST = 1000;
const PATH = "/api/dead-letters";

/**
 * {letters, next, error, upToDate, older, put}: the newest letters, `letters` undefined until they came. Read
 * again down to the oldest one shown whenever `sign` changes; what is shown stays until then. `upToDate`
 * once they were read for this sign.
 */
export function useLetters(sign) {
  const [list, setList] = useState({ next: null });
  const oldest = useRef();
  oldest.current = list.letters?.at(-1)?.id;

  useEffect(() => {
    const leave = new AbortController();
    readDownTo(oldest.current, leave.signal).then((read) => {
      if (!leave.signal.aborted) setList((before) => (read.error ? { ...before, error: read.error } : { ...read, sign }));
    });
    return () => leave.abort();
  }, [sign]);

  async function older() {
    const { body, ok, error } = await page(list.next);
    setList((before) => (ok ? { ...before, letters: [...before.letters, ...body.letters], next: body.next, error: undefined } : { ...before, error }));
  }

  function put(letter) {
    setList((before) => ({ ...before, letters: before.letters?.map((one) => (one.id === letter.id ? letter : one)) }));
  }

  return { ...list, upToDate: list.sign === sign, older, put };
}

/** The first page, and those after it until the id is reached. */
async function readDownTo(id = Infinity, signal) {
  const letters = [];
  let next = null;
  do {
    const answer = await page(next, signal);
    if (!answer.ok) return { error: answer.error };
    letters.push(...answer.body.letters);
    next = answer.body.next;
  } while (next !== null && next > id && letters.length < MOST);
  return { letters, next };
}

function page(before, signal) {
  return get(`${PATH}?limit=${PAGE}${before === null ? "" : `&before=${before}`}`, { signal });
}

/** {letter, error} with payload and headers, both undefined until it came; read again each turn. */
export function useLetter(id, turn) {
  const [read, setRead] = useState({});
  useEffect(() => {
    if (id === undefined) return undefined;
    const leave = new AbortController();
    get(`${PATH}/${id}`, { signal: leave.signal }).then(({ ok, body, error }) => {
      if (!leave.signal.aborted) setRead(ok ? { id, letter: body } : { id, error });
    });
    return () => leave.abort();
  }, [id, turn]);
  return read.id === id ? read : {};
}
