import { html, useEffect, useState } from "../vendor/preact.js";
import { words } from "../words.js";

const AFTER = 150;

/** Lines where text will be; nothing at first, since most answers come sooner. */
export function Skeleton({ lines = 6, look = "" }) {
  const late = useLate();
  const content = late && Array.from({ length: lines }, () => html`<i />`);
  return html`<div class=${`pad skeleton ${look}`} role="status" aria-busy="true" aria-label=${late ? words.frame.loading : undefined}>${content}</div>`;
}

/** True once the wait is long enough to be shown. */
export function useLate() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), AFTER);
    return () => clearTimeout(timer);
  }, []);
  return late;
}
