// What the page says and how it writes times and counts, in the language in use.

export * from "./format.js";
export { chooseLanguage, learnMore, switchLanguage, words } from "./language.js";
