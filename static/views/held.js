// Rows that stand still while a person is about to choose one, because a moving row is hard to hit.

import { useEffect, useRef, useState } from "../vendor/preact.js";

const HELD = 2000;

/** [value, hold]: the value, or what it was when `hold` heard of a pointer just now or of the keyboard that is still on the rows. */
export function useHeld(value) {
  const [held, setHeld] = useState();
  const release = useRef();
  const wait = (rows) => {
    clearTimeout(release.current);
    release.current = setTimeout(() => (rows.querySelector(":focus-visible") ? wait(rows) : setHeld(undefined)), HELD);
  };
  const hold = ({ currentTarget: rows }) => {
    setHeld((before) => before ?? value);
    wait(rows);
  };
  useEffect(() => () => clearTimeout(release.current), []);
  return [held ?? value, hold];
}
