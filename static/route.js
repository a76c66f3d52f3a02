// Which view and which question the address names. `popstate` tells every change, ours too.

import { useEffect, useState } from "./vendor/preact.js";

const VIEWS = { "/": "order", "/pipeline": "pipeline", "/dead-letters": "letters", "/system": "system" };

export const PATHS = Object.fromEntries(Object.entries(VIEWS).map(([path, view]) => [view, path]));

/** {view, query} of the address. */
export function useRoute() {
  const [route, setRoute] = useState(routeNow);
  useEffect(() => {
    const moved = () => setRoute(routeNow());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  return route;
}

/** Goes to an address of the page; `replace` leaves no way back to the present one. */
export function navigate(href, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", href);
  else if (href !== location.pathname + location.search) history.pushState(null, "", href);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Follows links between the views without loading the page anew. */
export function followLinks() {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button > 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.hash || link.origin !== location.origin) return;
    if (!Object.hasOwn(VIEWS, link.pathname)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

function routeNow() {
  return { view: VIEWS[location.pathname] ?? "order", query: new URLSearchParams(location.search) };
}
