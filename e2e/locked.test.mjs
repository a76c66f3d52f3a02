// `protect = "all"`: the page asks for the token, and shows everything with it, live, without a token in any URL.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccessible, focused, tabs } from "./access.mjs";
import { VIEWS, launch, pageTests } from "./browser.mjs";
import { Demo, orders } from "./demo.mjs";

const TOKEN = "sesame-open-yourself";

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  const settings = { "query.http.protect": "all", "query.http.token": TOKEN };
  [browser, demo] = await Promise.all([launch(), Demo.start(settings)]);
  await demo.store(orders("SHOE", 2));
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

const live = (page) => page.locator("#live.live").filter({ hasText: "Live" }).waitFor();

async function give(page, token) {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Use it" }).click();
}

pageTest("nothing is shown before the token is given, and everything is live after it", "/", {}, async (page) => {
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.getByRole("heading", { name: "This page needs a token" }).waitFor();
  assert.equal(await page.locator(".newest").count(), 0);

  await give(page, "guess");
  await page.getByText("The server refused the last token.").waitFor();
  await give(page, TOKEN);
  await live(page);
  await page.locator(".newest .rows a").nth(1).waitFor();
  await demo.store(orders("BOOT", 1));
  await page.locator(".newest .rows a").nth(2).waitFor();
  await page.locator(".newest .rows a").first().click();
  await page.locator("article").waitFor();
  assert.ok(asked.some((url) => url.endsWith("/api/events")));
  assert.deepEqual(asked.filter((url) => url.includes("sesame")), []);

  await page.reload();
  await live(page);
});

for (const [view, path] of Object.entries(VIEWS)) {
  pageTest(`the view ${view} waits for the token and is there with it`, path, {}, async (page) => {
    await page.getByRole("heading", { name: "This page needs a token" }).waitFor();
    await give(page, TOKEN);
    await live(page);
    await page.locator("main :is(h1, h2)").first().waitFor();
    assert.equal(await page.getByLabel("Token", { exact: true }).count(), 0);
  });
}

const asks = (page) => page.getByRole("heading", { name: "This page needs a token" }).waitFor();
const refusal = (page) => page.getByText("The server refused the last token.").waitFor();

for (const [state, brought] of Object.entries({ "the page that asks for the token": async () => {}, "the refusal of a token": refuse })) {
  pageTest(`axe finds nothing wrong with ${state} in both themes and languages, and it fits into 320 px`, "/", { bypassCSP: true }, async (page) => {
    await asks(page);
    await brought(page);
    await assertAccessible(page);
    await page.getByRole("heading", { name: "Для этой страницы нужен токен" }).waitFor();
  });
}

async function refuse(page) {
  await give(page, "guess");
  await refusal(page);
}

pageTest("the token is given by the keyboard alone, again after a refusal, and the focus follows", "/", {}, async (page) => {
  await asks(page);
  await page.waitForFunction(() => document.activeElement.matches("#token"));
  await page.keyboard.type("guess");
  await page.keyboard.press("Enter");
  await refusal(page);
  await page.waitForFunction(() => document.activeElement.matches("#token") && document.activeElement.value === "");
  const said = await page.evaluate(() => document.getElementById(document.activeElement.getAttribute("aria-describedby")).textContent);
  assert.match(said, /^The server refused the last token\./, "it is read out with the field");

  await page.keyboard.type(TOKEN);
  const [button] = await tabs(page, 1);
  assert.deepEqual(button, { text: "Use it", seen: true });
  await page.keyboard.press("Enter");
  await live(page);
  await page.locator(".newest .rows a").first().waitFor();
  assert.notEqual(await focused(page), undefined, "the focus is not lost with the form");
});

pageTest("Tab leads through the bar to the token, and is seen everywhere", "/", {}, async (page) => {
  await asks(page);
  await page.waitForFunction(() => document.activeElement.matches("#token"));
  await page.keyboard.press("Shift+Tab");
  assert.equal((await focused(page)).text, "RU");
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter");
  const found = await tabs(page, 2);
  assert.deepEqual(found, [{ text: "Token", seen: true }, { text: "Use it", seen: true }], "past the bar");
});
