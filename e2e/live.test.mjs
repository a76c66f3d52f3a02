// Documents on their way: sent, seen without a reload, asked for, looked for before they are there; the server gone and back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, pageTests, search, visiting } from "./browser.mjs";
import { Demo, SAMPLE, order, orders } from "./demo.mjs";

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

const rows = (page) => page.locator(".newest .rows a");
const ids = (page) => page.locator(".newest .rows a > span").allInnerTexts();
const badge = (page, text) => page.locator("#cache .badge").last().filter({ hasText: text }).waitFor();

/** From now on `page` has no way to load anew unseen. */
async function staysLoaded(page, act) {
  await page.evaluate(() => {
    window.sameLoad = true;
  });
  await act();
  assert.equal(await page.evaluate(() => window.sameLoad), true, "the page was not loaded anew");
}

pageTest("five orders sent by the button appear without a reload, a Miss and then a Hit", "/", {}, async (page) => {
  await page.getByRole("heading", { name: "No documents yet" }).waitFor();
  await staysLoaded(page, async () => {
    await page.getByRole("button", { name: "Send 5 test orders" }).click();
    await rows(page).nth(4).waitFor();
    assert.deepEqual(await ids(page), ["5", "4", "3", "2", "1"]);

    await rows(page).first().click();
    await page.locator("address", { hasText: SAMPLE.delivery.name }).waitFor();
    await badge(page, /^Miss/);
    await page.getByRole("button", { name: "Ask again" }).click();
    await badge(page, /^Hit/);
    await page.locator(".trace li", { hasText: /Read \d+ times?, cached/ }).waitFor();
  });
});

pageTest("orders that share an order_uid are listed by it", "/", {}, async (page) => {
  await search(page, SAMPLE.order_uid);
  await page.getByRole("heading", { name: "5 documents share this order_uid" }).waitFor();
  const listed = page.getByRole("region", { name: "5 documents" }).getByRole("link");
  assert.equal(await listed.count(), 5);
  await listed.last().click();
  await page.locator("article").waitFor();
  assert.equal(new URL(page.url()).search, "?id=1");
});

pageTest("the key of an order opens it", "/", {}, async (page) => {
  const { documents } = await demo.get("/api/documents");
  await search(page, documents[2].key);
  await page.getByRole("heading", { name: documents[2].key, level: 1 }).waitFor();
  assert.equal(new URL(page.url()).search, `?id=${documents[2].id}`);
});

pageTest("an order that is on its way says how many are ahead, and is shown by itself once it is stored", "/", {}, async (page) => {
  const release = await demo.holdWrites();
  const stored = demo.store([...orders("before", 2), order("on its way")]);
  try {
    await search(page, "on its way");
    await page.getByRole("heading", { name: "Not seen yet: on its way" }).waitFor();
    await page.getByText(/The newest is 5\. 3 messages are ahead in the stream\./).waitFor();
  } finally {
    await release();
  }
  const [, , id] = await stored;
  await page.getByRole("heading", { name: "on its way", exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, `?id=${id}`);
});

pageTest("a key that was not sent yet is shown by itself once it is", "/?find=KEY_LATER", {}, async (page) => {
  await page.getByRole("heading", { name: "Not seen yet: KEY_LATER" }).waitFor();
  await page.getByText("Nothing is ahead in the stream.").waitFor();
  await demo.store([order("KEY_LATER")]);
  await page.getByRole("heading", { name: "KEY_LATER", exact: true }).waitFor();
});

pageTest("the journey of an order is told", "/?find=KEY_LATER", {}, async (page) => {
  for (const step of ["Published", "Delivered once", "Stored", "Read"]) await page.locator(".trace li", { hasText: step }).waitFor();
});

test("a server that was killed leaves what is seen, and comes back without a reload and without counting twice", { timeout: 60_000 }, async () => {
  const own = await Demo.start();
  try {
    await own.store(orders("kept", 7));
    await visiting(browser, own.url, "/", {}, (page) =>
      staysLoaded(page, async () => {
        await rows(page).nth(6).waitFor();
        await own.kill();
        await page.locator("#live.stale", { hasText: /^Stale since \d\d:\d\d:\d\d$/ }).waitFor();
        await page.locator(".rows.stale").waitFor();
        assert.equal(await rows(page).count(), 7);

        await own.run();
        await page.locator("#live", { hasText: /^Live$/ }).waitFor();
        await own.store(orders("new", 2));
        await rows(page).nth(8).waitFor();
        assert.deepEqual(await ids(page), ["9", "8", "7", "6", "5", "4", "3", "2", "1"]);

        await page.getByRole("link", { name: "Pipeline" }).click();
        const ledger = page.getByRole("region", { name: "Ledger" });
        await ledger.getByText("balances").waitFor();
        assert.deepEqual(await ledger.locator("b").allInnerTexts(), ["2", "2", "0", "0", "0", "balances"]);
      }),
    );
  } finally {
    await own.remove();
  }
});
