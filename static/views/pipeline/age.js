// How old what the source's service said is.

import { ago } from "../../words.js";
import { words } from "../figures.js";

/** Younger figures, in ms, are as good as those of this moment. */
const FRESH = 3000;

/** `as of 8 s ago`, or undefined while the figures are fresh. */
export function asOf(backlog, now) {
  const { looked_at: looked } = backlog;
  return looked && now - Date.parse(looked) > FRESH ? words.pipeline.asOf(lookedAgo(backlog, now)) : undefined;
}

/** `8 s ago` */
export function lookedAgo({ looked_at: looked }, now) {
  return ago(new Date(looked), new Date(now));
}
