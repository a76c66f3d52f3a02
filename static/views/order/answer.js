// The answer to one question, asked again for as long as there is none.

import { Later } from "../../later.js";
import { Skeleton, useLate } from "../../parts/skeleton.js";
import { navigate } from "../../route.js";
import { useTitle } from "../../title.js";
import { html, useEffect, useMemo, useRef, useState } from "../../vendor/preact.js";
import { learnMore, words } from "../../words.js";
import { Article } from "./article.js";
import { answerTo } from "./ask.js";
import { readDocument, readRow } from "./read.js";
import { titleOf } from "./search.js";
import { Refused, Trouble } from "./trouble.js";

const foundPanels = async () => {
  const [{ Found }] = await Promise.all([import("./found.js"), learnMore()]);
  return Found;
};
const REPEAT = 3000;

/**
 * `letters` are known of the question already, `keep({id, letters})` hands them to the next one;
 * `say(text)` tells a screen reader what came.
 */
export function Answer({ question, letters, keep, say }) {
  const [{ outcome, text, row, answers }, ask] = useAnswer(question);
  const shown = useMemo(() => {
    if (row) return readRow(row);
    return text === undefined ? undefined : readDocument(question.id, text);
  }, [text, row]);
  useEffect(() => {
    if (outcome?.kind !== "one") return;
    keep({ id: outcome.id, letters: outcome.letters });
    navigate(`/?id=${outcome.id}`, { replace: true });
  }, [outcome]);
  useEffect(() => () => say(""), []);
  const found = outcome?.kind === "nothing" || outcome?.kind === "several";
  useTitle(shown || found ? undefined : titleOf(question));
  if (!outcome) return html`<${Waiting} />`;
  const special = found || letters.length > 0 || outcome.letters?.length > 0;
  return html`
    <div class="answer">
      ${!shown && !found && html`<h1 class="hidden">${titleOf(question)}</h1>`}
      ${special && html`<${Later} load=${foundPanels} question=${question} outcome=${outcome} letters=${outcome.letters ?? letters} ask=${ask} say=${say} />`}
      ${outcome.kind === "refused" && html`<${Refused} error=${outcome.error} />`}
      ${(outcome.kind === "failed" || outcome.kind === "gone") && html`<${Trouble} outcome=${outcome} ask=${ask} />`}
      ${shown && html`<${Article} shown=${shown} answers=${answers} ask=${ask} say=${say} />`}
    </div>`;
}

/** [{outcome, text, row, answers}, ask]. The document and its last two answers stay while others fail. */
function useAnswer(question) {
  const [state, setState] = useState({ answers: [] });
  const asking = useRef(new AbortController());

  async function ask() {
    asking.current.abort();
    const { signal } = (asking.current = new AbortController());
    const outcome = await answerTo(question, signal);
    if (!signal.aborted) setState((before) => taken(before, outcome));
  }

  useEffect(() => {
    ask();
    return () => asking.current.abort();
  }, []);
  useEffect(() => {
    if (state.outcome?.kind !== "nothing") return undefined;
    const timer = setInterval(() => {
      if (document.hidden) return;
      clearInterval(timer);
      ask();
    }, REPEAT);
    return () => clearInterval(timer);
  }, [state.outcome]);
  return [state, ask];
}

function taken(before, outcome) {
  outcome.since = outcome.kind === before.outcome?.kind ? before.outcome.since : new Date();
  if (outcome.kind !== "document") return { ...before, outcome };
  return { outcome, text: outcome.text, row: outcome.row, answers: [...before.answers, outcome].slice(-2) };
}

/** Two panels of about the final size. */
function Waiting() {
  const late = useLate();
  if (!late) return html`<div class="answer" />`;
  return html`<div class="answer"><div class="document" role="status" aria-label=${words.frame.loading}>
    <div class="panel"><${Skeleton} lines=${16} look="tall" /></div><div class="panel"><${Skeleton} lines=${24} /></div>
  </div></div>`;
}
