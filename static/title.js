// The title of the tab: what is shown, of which pipeline, and whether something goes wrong with that.

import { useLive } from "./live.js";
import { useEffect } from "./vendor/preact.js";
import { degradedWord } from "./views/degraded.js";
import { group, words } from "./words.js";

/** The server counts so far and no further. */
const MOST_COUNTED = 1000;

/** Names the tab; undefined leaves it to another part, "" is the pipeline alone. */
export function useTitle(text) {
  const { status, state } = useLive();
  const named = [degradedWord(status, state), text, status?.pipeline ?? "l0-runtime"].filter(Boolean).join(" · ");
  const title = status?.ready === false ? `⚠ ${named}` : named;
  useEffect(() => {
    if (text !== undefined) document.title = title;
  }, [text, title]);
}

/** `Dead letters (3)` */
export function titleOf(view, status) {
  const name = words.frame.views[view];
  const letters = view === "letters" && letterCount(status);
  return letters ? words.frame.counted(name, letters) : name;
}

/** The undecided letters as text; undefined where there are none or none are kept. */
export function letterCount(status) {
  const count = status?.letters;
  if (!count) return undefined;
  return count >= MOST_COUNTED ? `${group(MOST_COUNTED)}+` : group(count);
}
