// A value that changes often, seen to change at most once in a while.

import { useEffect, useRef, useState } from "../../vendor/preact.js";

/** The value, or what it was at most `pause` ms ago. */
export function useCalm(value, pause) {
  const [seen, setSeen] = useState(value);
  const changed = useRef(-Infinity);
  useEffect(() => {
    const see = () => {
      changed.current = performance.now();
      setSeen(value);
    };
    const timer = setTimeout(see, Math.max(0, changed.current + pause - performance.now()));
    return () => clearTimeout(timer);
  }, [value]);
  return seen;
}
