// The words in use, in the language of the browser or the one chosen last.

import frame from "./words/frame.js";
import order from "./words/order.js";

const parts = { frame, order };
const LOCALES = { en: "en-GB", ru: "ru-RU" };
const REMEMBERED = "language";

/**
 * {locale, numbers, frame, order}, and {found, letters, pipeline, system, token, wrong} once `learnMore` is done;
 * replaced as a whole by both and by a switch.
 */
export let words = wordsIn("en");

/** Takes the remembered language, else the browser's, else English. */
export function chooseLanguage() {
  const wanted = [recall(), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  use(wanted.find((code) => Object.hasOwn(LOCALES, code)) ?? "en");
}

/** The other language, from now on. */
export function switchLanguage() {
  const { code } = words.frame.other;
  use(code);
  try {
    localStorage.setItem(REMEMBERED, code);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

/** Loads the words of what is not on the first screen. */
export async function learnMore() {
  Object.assign(parts, await import("./words/later.js"));
  use(words.numbers);
}

function use(code) {
  words = wordsIn(code);
  document.documentElement.lang = code;
}

function wordsIn(code) {
  const known = Object.entries(parts).map(([name, languages]) => [name, languages[code]]);
  return { locale: LOCALES[code], numbers: code, ...Object.fromEntries(known) };
}

function recall() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}
