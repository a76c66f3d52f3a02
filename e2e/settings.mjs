// Variables: those of .env.example, and references to them.

import { readFile } from "node:fs/promises";

export const ROOT = new URL("../", import.meta.url);

export const read = (path) => readFile(new URL(path, ROOT), "utf8");

/** The variables of .env.example with their values. */
export async function exampleSettings() {
  const lines = (await read(".env.example")).split("\n").filter((line) => /^[A-Z]/.test(line));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
}

// Also the escape, so that what follows it is not taken for a reference.
const REFERENCE = /\$\$|\$\{(?<name>\w+)(?<rest>[^}]*)\}/g;

/** Each `${NAME}` of a text: its name and its default, if it has one. */
export function references(text) {
  const found = [...text.matchAll(REFERENCE)].filter(({ groups }) => groups.name);
  return found.map(({ groups: { name, rest } }) => ({ name, fallback: rest.startsWith(":-") ? rest.slice(2) : undefined }));
}

/** The text with its references replaced, as Compose replaces them. */
export function expand(text, settings) {
  return text.replace(REFERENCE, (reference, name) => (reference === "$$" ? "$" : (settings[name] ?? reference)));
}
