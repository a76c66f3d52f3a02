// What could not be stored waits here for a decision.

import { useLive } from "../live.js";
import { Banner } from "../parts/banner.js";
import { Button } from "../parts/button.js";
import { Skeleton } from "../parts/skeleton.js";
import { html, useState } from "../vendor/preact.js";
import { words } from "./figures.js";
import { ReplayAllButton, ReplayAllResult, useReplayAll } from "./letters/all.js";
import { useCalm } from "./letters/calm.js";
import { useChosen } from "./letters/chosen.js";
import { useDeeds } from "./letters/deeds.js";
import { Empty, Unknown } from "./letters/empty.js";
import { Letter } from "./letters/letter.js";
import { List } from "./letters/list.js";
import { useLetter, useLetters } from "./letters/read.js";
import { Title } from "./letters/title.js";
import { trouble } from "./pipeline/state.js";

/** A flood of bad messages changes the counts twice a second: the list follows slower. */
const PAUSE = 2000;

export default function Letters() {
  const { status, state } = useLive();
  if (!status) return html`<${Title} /><div class="panel"><${Skeleton} /></div>`;
  if (status.letters === null) return html`<${Title} />${trouble(status, "sink") ? html`<${Failed} />` : html`<${Empty} status=${status} />`}`;
  return html`<${Kept} status=${status} live=${state} />`;
}

function Kept({ status, live }) {
  const [turn, setTurn] = useState(0);
  const readAgain = () => setTurn((before) => before + 1);
  const counts = useCalm(`${status.letters} ${status.ledger.buried}`, PAUSE);
  const since = awaySince(status, live);
  const list = useLetters(`${counts} ${turn} ${since}`);
  const unread = Boolean(list.error) || (since !== undefined && !list.upToDate);
  const all = useReplayAll(readAgain);
  const closed = status.operate === "closed";
  const action = status.letters > 0 && html`<${ReplayAllButton} status=${status} all=${all} closed=${closed} />`;
  return html`
    <${Title} status=${status} some=${!unread && list.letters?.length > 0} action=${action} />
    <${ReplayAllResult} all=${all} />
    ${unread && html`<${Failed} again=${list.error && readAgain} />`}
    <${Pair} list=${list} unread=${unread} turn=${turn} readAgain=${readAgain} closed=${closed} />`;
}

/** Since when the server or the sink is away: what was read before says nothing of the time after; undefined while both are there. */
function awaySince(status, live) {
  return live === "stale" ? live : trouble(status, "sink")?.since;
}

function Failed({ again }) {
  const { failedTitle, failedText, again: text } = words.letters;
  return html`
    <${Banner} tone="warn">
      <b>${failedTitle}.</b> ${failedText} ${again && html`<${Button} kind="plain" onClick=${again}>${text}<//>`}
    <//>`;
}

/** The list and the open letter. A list that could not be read is not empty. */
function Pair({ list, unread, turn, readAgain, closed }) {
  const deeds = useDeeds({ put: list.put, readAgain });
  const [id, called] = useChosen(list.letters);
  const { letter: full, error } = useLetter(id, turn);
  if (!list.letters) return unread ? null : html`<div class="panel"><${Skeleton} /></div>`;
  const letter = list.letters.find((one) => one.id === id) ?? full;
  if (list.letters.length === 0 && !letter && !error) return unread ? null : html`<${Empty} />`;
  const act = (deed) => deeds.act(letter, deed);
  return html`
    <div class="two list">
      <${List} ...${list} chosen=${id} deeds=${deeds} />
      ${letter
        ? html`<${Letter} key=${id} letter=${letter} full=${full} deed=${deeds.of(id)} act=${act} closed=${closed} called=${called} />`
        : html`<div class="panel">${error ? html`<${Unknown} id=${id} error=${error} again=${readAgain} />` : html`<${Skeleton} />`}</div>`}
    </div>`;
}
