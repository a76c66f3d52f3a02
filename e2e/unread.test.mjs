// The dead letters while they cannot be read: the view says so, and never that all is well.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { VIEWS, changeStatus, launch, pageTests, shoot } from "./browser.mjs";
import { Demo } from "./demo.mjs";

const AWAY = { ready: false, reasons: [{ stage: "sink", code: "unreachable", message: "connection refused", since: "2026-01-31T12:00:00Z" }] };
const DECIDED = { id: 1, state: "discarded", key: "k", reason: "schema_violation", detail: "/a: wrong", buried: "2026-01-31T11:00:00Z", preview: "{}", decided: "2026-01-31T11:30:00Z", document: null, stream: "s", sequence: 1, subject: "s", published: null, deliveries: 1, size: 2 };

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

const LIST = /\/api\/dead-letters\?/;
const unread = (page) => page.locator(".banner", { hasText: "The dead letters cannot be read at present." });
const allClear = (page) => page.getByText(/No dead letters|None waits|list was empty/).count();
const refuse = (route) => route.fulfill({ status: 503, json: { error: { code: "unreachable", message: "connection refused", request_id: "1" } } });

pageTest("a list that was empty is not called empty once the database is away, and is again when it is back", VIEWS.letters, { before: changeStatus({}) }, async (page) => {
  await page.getByRole("heading", { name: "No dead letters" }).waitFor();
  let answer;
  const answered = new Promise((resolve) => {
    answer = resolve;
  });
  // The database takes long to be found absent.
  await page.route(LIST, async (route) => {
    await answered;
    await refuse(route);
  });
  await changeStatus(AWAY)(page);
  await unread(page).waitFor();
  assert.equal(await allClear(page), 0);
  answer();
  await unread(page).getByRole("button", { name: "Try again" }).waitFor();
  assert.equal(await allClear(page), 0);
  await shoot(page, "state-letters-unread.png");

  await page.unroute(LIST);
  await changeStatus({})(page);
  await page.getByRole("heading", { name: "No dead letters" }).waitFor();
  assert.equal(await unread(page).count(), 0);
});

pageTest("a visit while the database is away hears that the letters cannot be read", VIEWS.letters, {
  before: async (page) => {
    await changeStatus(AWAY)(page);
    await page.route(LIST, refuse);
  },
}, async (page) => {
  await unread(page).waitFor();
  assert.equal(await allClear(page), 0);
});

pageTest("letters that are all decided do not say that none waits while they cannot be read again", VIEWS.letters, {
  before: async (page) => {
    await changeStatus({})(page);
    await page.route(LIST, (route) => route.fulfill({ json: { letters: [DECIDED], next: null } }));
    await page.route("**/api/dead-letters/1", (route) => route.fulfill({ json: { ...DECIDED, headers: null, payload: "{}", payload_base64: null } }));
  },
}, async (page) => {
  await page.getByText("None waits for a decision.").waitFor();
  await page.route(LIST, refuse);
  await changeStatus(AWAY)(page);
  await unread(page).waitFor();
  assert.equal(await allClear(page), 0);
  assert.equal(await page.getByRole("region", { name: "List" }).locator("li").count(), 1, "what was read stays");
});

pageTest("a server that is gone leaves no all-clear", VIEWS.letters, { locale: "ru-RU" }, async (page) => {
  await page.getByRole("heading", { name: "Отказов нет" }).waitFor();
  await demo.kill();
  await page.locator("#live.stale").waitFor();
  await page.getByText("Отказы сейчас не прочитать.").waitFor();
  assert.equal(await page.getByRole("heading", { name: "Отказов нет" }).count(), 0);
  await demo.run();
  await page.getByRole("heading", { name: "Отказов нет" }).waitFor();
});
