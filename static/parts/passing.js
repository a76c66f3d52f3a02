// Where the keyboard goes when the part that has it goes.

import { html, useEffect, useRef } from "../vendor/preact.js";
import { Button } from "./button.js";

/** The ref of the part; `heir(place)` is the element that has the keyboard after it. */
export function useHeir(heir) {
  const place = useRef();
  useEffect(() => () => {
    if (place.current?.contains(document.activeElement)) heir(place.current)?.focus();
  }, []);
  return place;
}

/** A button that goes once it has done its work. */
export function PassingButton({ heir, ...rest }) {
  return html`<span ref=${useHeir(heir)}><${Button} ...${rest} /></span>`;
}
