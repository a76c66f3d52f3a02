// A real headless Chromium and what a visit to the page left behind.

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const QUESTIONS = ["/get-json", "/readyz"];
const SHOTS = new URL("shots/", import.meta.url);

export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

/** A fresh visitor. `errors` collects what the console and the page complain of, `hosts` where requests went. */
export async function visit(browser, base, path, options = {}) {
  const { before = async () => {}, ...look } = options;
  const context = await browser.newContext({ baseURL: base, locale: "en-GB", timezoneId: "Europe/Moscow", viewport: { width: 1280, height: 900 }, ...look });
  const page = await context.newPage();
  const errors = [];
  const hosts = new Set();
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !isRefusedAnswer(message)) errors.push(message.text());
  });
  await before(page);
  await page.goto(path);
  return { page, errors, hosts, close: () => context.close() };
}

export async function shoot(page, name) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: new URL(name, SHOTS).pathname });
}

/** Chromium itself writes a line for every question that was refused or not answered. */
function isRefusedAnswer(message) {
  const asked = message.location().url;
  return message.text().startsWith("Failed to load resource") && URL.canParse(asked) && QUESTIONS.includes(new URL(asked).pathname);
}
