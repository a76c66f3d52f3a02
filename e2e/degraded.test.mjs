// What goes wrong, with its reason: while the pipeline works, and where a stage cannot.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { VIEWS, changeStatus, launch, pageTests, settled, shoot, widthAt320 } from "./browser.mjs";
import { DEGRADED, HOSTILE, degraded } from "./degraded.mjs";
import { Demo, orders } from "./demo.mjs";

const SINCE = "2026-01-01T00:00:00Z";
const reason = (stage, code, message) => ({ stage, code, message, since: SINCE });
const AWAY = { ready: false, reasons: [reason("sink", "refusing", "as many as may be given back are: orders_amount_check (SQLSTATE P0001)")] };

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
  await demo.store(orders("kept", 3));
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

const badge = (page, name = "degraded") => page.getByRole("status").getByRole("link", { name, exact: true });
const strip = (page) => page.getByRole("region", { name: "What goes wrong" });

pageTest("a pipeline in which nothing goes wrong has neither badge nor strip", VIEWS.pipeline, {}, async (page) => {
  await settled(page);
  await page.locator(".flow").waitFor();
  assert.deepEqual([await badge(page).count(), await strip(page).count()], [0, 0]);
  assert.equal(await page.getByText("Given back").count(), 0);
});

for (const [view, path] of Object.entries(VIEWS)) {
  pageTest(`the ${view} view has the badge, which fits into 320 px`, path, { before: changeStatus(DEGRADED) }, async (page) => {
    await settled(page);
    await badge(page).waitFor();
    assert.equal(await widthAt320(page), 320);
    const [name, word] = await Promise.all([page.locator(".brand").boundingBox(), badge(page).boundingBox()]);
    assert.ok(name.height <= 48 && word.height <= 24, "neither is broken into lines");
  });
}

pageTest("the badge leads by keyboard to what goes wrong, the first of it and then all", "/", { before: changeStatus(DEGRADED) }, async (page) => {
  await badge(page).focus();
  await page.keyboard.press("Enter");
  await page.getByText("What goes wrong is listed below.").waitFor();
  const said = await strip(page).locator("li:visible").allInnerTexts();
  assert.equal(said.length, 3);
  assert.match(said[0], /whose fault is unclear. They come again later\.\s+orders_amount_check\s+l0-runtime explain given_back\s+1,206 messages · since 31 Jan 2026, 12:00/);
  assert.match(said[1], /What it holds is worked off\.\s+stream ORDERS holds 1000 of 1000 messages\s+l0-runtime explain source_full\s+since 31 Jan/);
  assert.match(said[2], /keeps rows of stored documents out without an error\./);
  await strip(page).getByText("and 2 more").focus();
  await page.keyboard.press("Enter");
  await strip(page).getByText("orders_night").waitFor();
  await page.locator(".stage", { hasText: "Given back" }).getByText("1,207").waitFor();
});

pageTest("a cause stays text, in both languages and at 320 px", VIEWS.pipeline, { before: changeStatus(DEGRADED), locale: "ru-RU" }, async (page) => {
  await page.getByRole("region", { name: "Что не так" }).waitFor();
  await page.getByRole("status").getByRole("link", { name: "есть проблемы" }).waitFor();
  assert.equal(await page.locator(".wrong li:nth-child(3) bdi").first().evaluate((name) => name.textContent), HOSTILE.replace("\u202e", "U+202E"));
  assert.equal(await page.locator("main img").count(), 0);
  assert.equal(await page.evaluate(() => window.executed), undefined);
  assert.equal(await widthAt320(page), 320);
  await shoot(page, "state-degraded-320.png", { fullPage: true });
});

/** What each says: badge, sentence, and in the list. */
const SYMPTOMS = {
  given_back: ["documents refused", /The database refuses some documents\./, /They come again later/],
  buried: ["documents refused", /The database refuses some documents\./, /They are dead letters/],
  kept_out: ["rows kept out", /The database keeps parts of some documents out\./, /keeps rows of stored documents out/],
  all_rejected: ["all rejected", /Every message of the last minute was rejected\./, /became a dead letter; none was stored/],
  source_full: ["source full", /The source is full and refuses publishers\./, /has no room left/],
  connections_refused: ["connections refused", /New connections are refused/, /One that breaks is not replaced/],
  clock_differs: ["clocks differ", /Clocks differ: latencies and times are wrong\./, /The clock of a service differs/],
  of_tomorrow: ["degraded", /What goes wrong is listed below\./, /Something goes wrong that this page does not know/],
};

for (const [code, [name, sentence, said]] of Object.entries(SYMPTOMS)) {
  pageTest(`${code} is told by badge, title, sentence and list, with its cause`, VIEWS.pipeline, { before: changeStatus(degraded([code, `the cause of ${code}`, 12])) }, async (page) => {
    await badge(page, name).waitFor();
    await page.locator(".title p", { hasText: sentence }).waitFor();
    assert.doesNotMatch(await page.locator(".title p").innerText(), /Keeping up/);
    assert.match(await page.title(), new RegExp(`^${name} · Pipeline · `));
    const item = await strip(page).locator("li").innerText();
    assert.match(item, said);
    assert.match(item, new RegExp(`the cause of ${code}\\s+l0-runtime explain ${code}\\s+12 messages · since 31 Jan 2026`));

    await page.getByRole("button", { name: "Русский" }).click();
    await page.getByRole("region", { name: "Что не так" }).waitFor();
    assert.doesNotMatch(await page.locator("#condition, .title p, .wrong p").allInnerTexts().then(String), /[a-z]/, "it has Russian words");
    assert.equal(await widthAt320(page), 320);
  });
}

pageTest("several rules of the database have the badge and the sentence that fit all of them", VIEWS.order, { before: changeStatus(degraded(["given_back", "one", 1], ["buried", "two", 1])) }, async (page) => {
  await badge(page, "documents refused").click();
  await page.getByText(/The database refuses some documents\./).waitFor();
});

pageTest("each reason is listed with its message and since when, before what goes wrong besides", VIEWS.pipeline, {
  before: changeStatus({ ...degraded(["clock_differs", "nats is 90 s ahead"]), ready: false, reasons: [
    reason("sink", "denied", "permission denied for table orders (SQLSTATE 42501)"),
    reason("source", "of_tomorrow", `the words of the service ${HOSTILE}`),
    reason("query", "starting", "waits for the sink"),
  ] }),
}, async (page) => {
  await strip(page).waitFor();
  const said = await strip(page).locator("li").allInnerTexts();
  assert.equal(said.length, 3, "what merely starts waits for the others");
  assert.match(said[0], /^The database refuses access\.\s+permission denied for table orders \(SQLSTATE 42501\)\s+l0-runtime explain denied\s+since 1 Jan 2026, 03:00$/);
  assert.match(said[1], /^The source cannot work at present\.\s+the words of the service <img/);
  assert.match(said[2], /nats is 90 s ahead/);
  assert.equal(await page.locator("main img").count(), 0);
  assert.equal(await widthAt320(page), 320);
  await shoot(page, "state-reasons-320.png", { fullPage: true });
});

pageTest("a stage that cannot work says more than the badge, and the rules stay", VIEWS.pipeline, { before: changeStatus({ ...DEGRADED, ...AWAY }) }, async (page) => {
  await page.getByText(/The database has refused too many documents for .*; what the stream holds waits there\./).waitFor();
  await strip(page).waitFor();
  assert.equal(await badge(page).count(), 0);
  assert.match(await page.title(), /^⚠ Pipeline/);
});

pageTest("what a reader without the stream sees of the end of it", VIEWS.pipeline, { before: changeStatus(DEGRADED) }, async (page) => {
  await strip(page).waitFor();
  await shoot(page, "state-degraded.png");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "state-degraded-dark.png");
  await page.unroute("**/api/status");
  await changeStatus({ given_back: 0, degraded: [] })(page);
  await strip(page).waitFor({ state: "detached" });
  assert.equal(await badge(page).count(), 0);
});
