// Asks for the token that writes need, or all, and then does again what was refused.

import { hasToken, keepToken } from "../api.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { words } from "../words.js";
import { useHeir } from "./passing.js";

export function Token({ again, label }) {
  const [token, setToken] = useState("");
  const [wrong] = useState(hasToken);
  const form = useHeir(mainButton);
  useEffect(() => form.current.querySelector("input").focus(), []);
  const texts = words.token;
  const use = (event) => {
    event.preventDefault();
    keepToken(token.trim());
    again();
  };
  return html`
    <form class="token" ref=${form} onSubmit=${use}>
      <label for="token">${label ?? texts.label}</label>
      <input id="token" type="password" autocomplete="off" spellcheck=${false} required aria-describedby="token-note" value=${token} onInput=${({ target }) => setToken(target.value)} />
      <button class="button" type="submit">${texts.use}</button>
      <small id="token-note">${wrong && `${texts.wrong} `}${texts.kept}</small>
    </form>`;
}

function mainButton(form) {
  return form.closest(".panel")?.querySelector(".button.main") ?? document.getElementById("main");
}
