// Parts of the page that are loaded when they are needed.

import { html, useEffect, useState } from "./vendor/preact.js";

const loaded = new Map();

/** The component that `load` brings, with these properties; nothing until then. */
export function Later({ load, ...rest }) {
  const { content: Content } = useLater(load);
  return Content ? html`<${Content} ...${rest} />` : null;
}

/** {content, failed}: what `load` brings, at once where it was loaded before; {} without `load`. */
export function useLater(load) {
  const [, turn] = useState(0);
  useEffect(() => {
    if (!load || loaded.get(load)?.content) return undefined;
    let left = false;
    const set = (result) => {
      loaded.set(load, result);
      if (!left) turn((count) => count + 1);
    };
    load().then((content) => set({ content }), () => set({ failed: true }));
    return () => {
      left = true;
    };
  }, [load]);
  return loaded.get(load) ?? {};
}
