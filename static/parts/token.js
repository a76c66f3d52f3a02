// Asks for the token that writes need, and then does again what was refused.

import { keepToken } from "../api.js";
import { html, useState } from "../vendor/preact.js";
import { words } from "../words.js";

export function Token({ again }) {
  const [token, setToken] = useState("");
  const { token: texts } = words.frame;
  const use = (event) => {
    event.preventDefault();
    keepToken(token.trim());
    again();
  };
  return html`
    <form class="token" onSubmit=${use}>
      <label for="token">${texts.label}</label>
      <input id="token" type="password" autocomplete="off" spellcheck=${false} required value=${token} onInput=${({ target }) => setToken(target.value)} />
      <button class="button" type="submit">${texts.use}</button>
      <small>${texts.kept}</small>
    </form>`;
}
