// A real headless Chromium and what a visit to the page left behind.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const QUESTIONS = /^\/(get-json$|api\/)/;
const SHOTS = new URL("shots/", import.meta.url);

export const VIEWS = { order: "/", pipeline: "/pipeline", letters: "/dead-letters", system: "/system" };

export function launch(...more) {
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...more] });
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

/** A visitor for the time of `body(page)`, who must find a quiet console and no request to another host. */
export async function visiting(browser, base, path, options, body) {
  const visitor = await visit(browser, base, path, options);
  try {
    await body(visitor.page);
    assert.deepEqual(visitor.errors, []);
    assert.deepEqual([...visitor.hosts], [new URL(base).host]);
  } finally {
    await visitor.close();
  }
}

/** `pageTest(name, path, options, body)`: a test with a visitor. `place()` is {browser, base} when it runs. */
export function pageTests(place) {
  return (name, path, { timeout = 60_000, ...options }, body) =>
    test(name, { timeout }, () => {
      const { browser, base } = place();
      return visiting(browser, base, path, options, body);
    });
}

export async function search(page, text) {
  await page.locator("#find").fill(text);
  await page.keyboard.press("Enter");
}

/** The page of this view has drawn what it will draw at first, and is live. */
export async function settled(page) {
  await page.locator("#live:not(.connecting)").waitFor();
  await page.locator("main :is(h1, .banner)").first().waitFor();
  await page.waitForFunction(() => !document.querySelector("main .skeleton, main [aria-busy]"));
}

/** To be done before a visit: the page has to ask for the status, and the server's is changed by this. */
export function changeStatus(change) {
  return async (page) => {
    await page.route("**/api/events", (route) => route.abort());
    await page.route("**/api/status", async (route) => route.fulfill({ json: { ...(await (await route.fetch()).json()), ...change } }));
  };
}

/** How wide the page is on a screen of 320 px, once it is drawn there. */
export async function widthAt320(page) {
  await page.setViewportSize({ width: 320, height: 800 });
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  return page.evaluate(() => document.documentElement.scrollWidth);
}

export async function shoot(page, name, options) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: new URL(name, SHOTS).pathname, ...options });
}

/** Chromium itself writes a line for every question that was refused or not answered. */
function isRefusedAnswer(message) {
  const asked = message.location().url;
  return message.text().startsWith("Failed to load resource") && URL.canParse(asked) && QUESTIONS.test(new URL(asked).pathname);
}
