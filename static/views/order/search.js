// One box for an id, a key or any field that can be searched.

import { useLive } from "../../live.js";
import { Icon } from "../../parts/icon.js";
import { printable } from "../../parts/stored.js";
import { navigate } from "../../route.js";
import { html, useEffect, useState } from "../../vendor/preact.js";
import { words } from "../../words.js";

/** As ids are written: `007` is a text that a document may go by. */
const ID = /^(?:0|[1-9]\d*)$/;

export function Search({ asked }) {
  const { status } = useLive();
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  const fields = [...new Set([...(status?.search ?? []), status?.key].filter(Boolean))];
  const submit = (event) => {
    event.preventDefault();
    navigate(addressOf(text.trim()));
  };
  return html`
    <form class="search" role="search" action="/" onSubmit=${submit}>
      <${Icon} name="search" />
      <label class="hidden" for="find">${words.order.findLabel}</label>
      <input id="find" name="find" value=${text} placeholder=${words.order.findHint(fields)} autocomplete="off" autocapitalize="off" spellcheck=${false} onInput=${({ target }) => setText(target.value)} />
      <button class="button plain" type="submit">${words.order.find}</button>
    </form>`;
}

/** {id} of a number, {text} of anything else, {} of nothing. */
export function questionIn(query) {
  const text = (query.get("id") ?? query.get("find") ?? "").trim();
  if (text === "") return {};
  return ID.test(text) ? { id: text } : { text };
}

function addressOf(text) {
  if (text === "") return "/";
  return `/?${ID.test(text) ? "id" : "find"}=${encodeURIComponent(text)}`;
}

/** The name of the tab as long as the answer has none. */
export function titleOf({ id, text }) {
  return id === undefined ? printable(text) : words.order.documentId(id);
}
