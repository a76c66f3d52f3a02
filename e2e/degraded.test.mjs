// Degraded: the pipeline works, and rules of the database refuse documents.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { VIEWS, changeStatus, launch, pageTests, settled, shoot, widthAt320 } from "./browser.mjs";
import { DEGRADED, HOSTILE } from "./degraded.mjs";
import { Demo, orders } from "./demo.mjs";

const AWAY = { ready: false, reasons: [{ stage: "sink", code: "refusing", message: "as many as may be", since: "2026-01-01T00:00:00Z" }] };

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

const badge = (page) => page.getByRole("status").getByRole("link", { name: "degraded" });
const strip = (page) => page.getByRole("region", { name: "Rules of the database" });

pageTest("a pipeline whose database refuses nothing has neither badge nor strip", VIEWS.pipeline, {}, async (page) => {
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

pageTest("the badge leads by keyboard to the rules, the first of them and then all", "/", { before: changeStatus(DEGRADED) }, async (page) => {
  await badge(page).focus();
  await page.keyboard.press("Enter");
  await page.getByText("The database refuses some documents or keeps parts of them out.").waitFor();
  const said = await strip(page).locator("li:visible").allInnerTexts();
  assert.equal(said.length, 3);
  assert.match(said[0], /whose fault is unclear. They come again later\.\s+orders_amount_check\s+1,206 documents · since 31 Jan 2026, 12:00/);
  assert.match(said[1], /by this rule. They are dead letters\.\s+orders_currency_check\s+1 document · since/);
  assert.match(said[2], /keeps rows of stored documents out without an error\./);
  await strip(page).getByText("and 2 more").focus();
  await page.keyboard.press("Enter");
  await strip(page).getByText("orders_night").waitFor();
  await page.locator(".stage", { hasText: "Given back" }).getByText("1,207").waitFor();
});

pageTest("the name of a rule stays text, in both languages and at 320 px", VIEWS.pipeline, { before: changeStatus(DEGRADED), locale: "ru-RU" }, async (page) => {
  await page.getByRole("region", { name: "Правила базы данных" }).waitFor();
  await page.getByRole("status").getByRole("link", { name: "не всё принято" }).waitFor();
  assert.equal(await page.locator(".rules bdi").nth(2).evaluate((name) => name.textContent), HOSTILE.replace("\u202e", "U+202E"));
  assert.equal(await page.locator("main img").count(), 0);
  assert.equal(await page.evaluate(() => window.executed), undefined);
  assert.equal(await widthAt320(page), 320);
  await shoot(page, "state-degraded-320.png", { fullPage: true });
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
