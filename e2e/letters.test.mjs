// Dead letters: seen live with their reason, replayed before and after the schema was mended, discarded.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before } from "node:test";
import { launch, pageTests } from "./browser.mjs";
import { Demo, order } from "./demo.mjs";
import { read } from "./settings.mjs";

const ADDRESS = "Main street 1";
const FAULT = "/delivery: expected null or object (type)";

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

const spoilt = (key) => order(key, { delivery: ADDRESS });
const tab = (page) => page.getByRole("navigation").getByRole("link", { name: /^Dead letters/ });
const list = (page) => page.getByRole("region", { name: "List" }).locator("li");
const letter = (page) => page.locator("article.panel");
const button = (page, name) => page.getByRole("button", { name, exact: true });

/** The same demo with a schema that takes any delivery. */
async function mend() {
  const schema = JSON.parse(await read("schemas/order.schema.json"));
  delete schema.properties.delivery;
  const path = `${demo.folder}/mended.schema.json`;
  await writeFile(path, JSON.stringify(schema));
  await demo.stop();
  await demo.run({ "validate.json_schema.schema": path });
}

/** The keys of the letters of a state, newest first. */
async function keys(state) {
  const { letters } = await demo.get("/api/dead-letters");
  return letters.filter((one) => one.state === state).map(({ key }) => key);
}

pageTest("a bad order raises the tab's count and is shown with its reason and the fault at its line", "/dead-letters", {}, async (page) => {
  await page.getByRole("heading", { name: "No dead letters" }).waitFor();
  assert.equal(await tab(page).locator(".count").count(), 0);

  const [{ status }] = await demo.post([spoilt("bad-1")]);
  assert.equal(status, 422);
  await tab(page).locator(".count", { hasText: /^1 / }).waitFor();
  await list(page).first().waitFor();
  await page.getByRole("heading", { name: "Schema violation" }).waitFor();
  const fault = letter(page).locator(".json .fault");
  await fault.waitFor();
  assert.match(await fault.textContent(), /^"delivery": "Main street 1",?\s*expected null or object \(type\)$/);
  assert.match(await page.title(), /^Dead letters \(1\)/);
});

pageTest("the next ones are counted and listed while the first stays open", "/dead-letters?letter=1", {}, async (page) => {
  await letter(page).getByText("bad-1").first().waitFor();
  await demo.post([spoilt("bad-2"), "{no json", spoilt("bad-3"), spoilt("bad-4")]);
  await tab(page).locator(".count", { hasText: /^5 / }).waitFor();
  await list(page).nth(4).waitFor();
  assert.equal(await page.getByText("5 wait for a decision.").count(), 1);
  await letter(page).getByText("bad-1").first().waitFor();
});

pageTest("a search for its key says that it is a dead letter, and leads to it", "/?find=bad-1", {}, async (page) => {
  const said = page.getByRole("alert").filter({ hasText: "A document with the key bad-1 is a dead letter." });
  await said.getByText(FAULT).waitFor();
  await said.getByRole("link", { name: "open it" }).click();
  await page.getByRole("heading", { name: "Schema violation" }).waitFor();
});

pageTest("a replay is refused as long as the schema refuses it; the page comes back by itself after the schema was mended, and a replay stores it", "/dead-letters?letter=1", {}, async (page) => {
  await button(page, "Replay").click();
  await page.getByText(/Replayed at .+: rejected again for the same reason\. The letter is unchanged\./).waitFor();
  assert.deepEqual(await keys("waiting"), ["bad-4", "bad-3", null, "bad-2", "bad-1"]);

  await mend();
  await page.locator("#live", { hasText: /^Live$/ }).waitFor();
  await button(page, "Replay").click();
  const stored = page.getByText(/Replayed at .+\. Stored as/);
  await stored.waitFor();
  const row = list(page).last();
  await row.getByText(/^Replayed, stored as \d+$/).waitFor();
  assert.equal(await row.getAttribute("class"), "done");
  await tab(page).locator(".count", { hasText: /^4 / }).waitFor();

  await stored.getByRole("link").click();
  await page.getByRole("heading", { name: "bad-1", exact: true }).waitFor();
  assert.equal(await button(page, "Ask again").count(), 1);
});

pageTest("a discard asks first, and a letter that was discarded stays in grey", "/dead-letters?letter=2", {}, async (page) => {
  await button(page, "Discard").click();
  await page.getByText("Discard this letter? Its document will not be stored.").waitFor();
  await button(page, "Cancel").click();
  assert.deepEqual(await keys("discarded"), []);

  await button(page, "Discard").click();
  await button(page, "Discard for good").click();
  await page.getByText(/Discarded at .+\. Its document is not stored\./).waitFor();
  const row = list(page).nth(3);
  await row.getByText("Discarded by hand").waitFor();
  assert.equal(await row.getAttribute("class"), "done");
  assert.deepEqual(await keys("discarded"), ["bad-2"]);
});

pageTest("all that wait are replayed at once, and what came of each is said", "/dead-letters", {}, async (page) => {
  await page.getByRole("button", { name: "Replay all 3" }).click();
  await page.getByText("Replayed: 2 stored, 1 rejected again.").waitFor();
  await tab(page).locator(".count", { hasText: /^1 / }).waitFor();
  assert.deepEqual(await keys("waiting"), [null]);
  assert.deepEqual(await keys("replayed"), ["bad-4", "bad-3", "bad-1"]);
});

pageTest("a letter that does not exist is said to be unknown", "/dead-letters?letter=99", {}, async (page) => {
  await page.getByRole("heading", { name: "No dead letter with id 99" }).waitFor();
});
