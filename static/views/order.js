// One document: asked for, shown as a card and as JSON, beside the newest ones.

import { Later } from "../later.js";
import { useLive } from "../live.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { learnMore } from "../words.js";
import { Answer } from "./order/answer.js";
import { Newest } from "./order/newest.js";
import { questionIn, Search } from "./order/search.js";
import { Start } from "./order/start.js";

const notices = async () => {
  const [{ Notices }] = await Promise.all([import("./order/notices.js"), learnMore()]);
  return Notices;
};

export default function Order({ query }) {
  const question = questionIn(query);
  const asked = question.id ?? question.text ?? "";
  const [known, keep] = useState();
  const [said, say] = useState("");
  const { status } = useLive();
  const notable = status && (status.reasons.length > 0 || status.exposed);
  useTop(asked);
  const letters = known && known.id === question.id ? known.letters : [];
  return html`
    <${Search} asked=${asked} />
    ${notable && html`<${Later} load=${notices} />`}
    ${asked === "" ? html`<${Start} />` : html`<${Answer} key=${asked} question=${question} letters=${letters} keep=${keep} say=${say} />`}
    <p class="hidden" role="status">${said}</p>
    <${Newest} current=${question.id} />`;
}

/** Another answer is seen from its beginning, wherever it was chosen. */
function useTop(asked) {
  const seen = useRef(asked);
  useEffect(() => {
    if (seen.current !== asked) scrollTo(0, 0);
    seen.current = asked;
  }, [asked]);
}
