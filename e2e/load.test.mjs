// Many documents: 100,000 in the table, and 2,000 a second while a page is open.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { launch, pageTests, search, settled, visiting } from "./browser.mjs";
import { Demo, order, orders } from "./demo.mjs";

const STORED = 100_000;
const AT_ONCE = 5_000;

const PER_SECOND = 2_000;
const SECONDS = 10;
const PARTS = 10;

/** One drawing of a view costs some ms here. What blocks the page this long is a defect on any machine. */
const LONGEST_TASK = 200;
/** From a click to the frame that shows it, on two cores that also run the server and the sender. */
const SLOWEST_CLICK = 500;
const MIB = 1024 * 1024;
const HEAP_GROWTH = 2 * MIB;
const MOST_NODES = 1_000;
const LAYOUT_SHIFT = 0.01;
/** MiB that the server may hold at this rate; its queue, cache and history are bounded. */
const SERVER_MEMORY = 128;

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
  for (let n = 0; n < STORED; n += AT_ONCE) await demo.store(small(`OLD-${n}`, AT_ONCE));
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

/** Orders as short as they may be. */
function small(name, count) {
  return orders(name, count, { items: [], delivery: null, payment: null });
}

let lasts = 0;
const rowIds = async (page) => (await page.locator(".newest .rows a > span").allInnerTexts()).map(Number);

pageTest("among 100,000 documents the newest are listed, and older ones page by page without a gap", "/", {}, async (page) => {
  const answers = [];
  page.on("response", async (response) => {
    if (response.url().includes("before=")) answers.push((await response.json()).documents.length);
  });
  await page.locator(".newest .rows a").first().waitFor();
  const seen = await rowIds(page);
  assert.equal(seen[0], STORED);
  for (let n = 0; n < 4; n += 1) {
    const last = seen.at(-1);
    await page.getByRole("button", { name: "Older documents" }).click();
    await page.locator(".newest .rows a", { hasText: String(last - 1) }).first().waitFor();
    seen.push(...(await rowIds(page)));
  }
  assert.deepEqual(seen, Array.from(seen, (_, n) => STORED - n));
  assert.equal(answers.length, 4);
  assert.ok(answers.every((count) => count === seen.length / 5), `${answers}`);
  await page.getByRole("button", { name: "Newest documents" }).click();
  await page.locator(".newest .rows a", { hasText: String(STORED) }).waitFor();
});

pageTest("the list ends at the oldest of 100,000", "/", {}, async (page) => {
  await page.route("**/api/documents?*before=*", async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set("before", "15");
    await route.continue({ url: url.href });
  });
  await page.getByRole("button", { name: "Older documents" }).click();
  await page.locator(".newest .rows a", { hasText: /^14/ }).waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Older documents" }).click();
  await page.locator(".newest .rows a > span", { hasText: /^1$/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Older documents" }).count(), 0);
});

pageTest("one of 100,000 is found by its key", "/", {}, async (page) => {
  await search(page, "OLD-45000-4999");
  await page.getByRole("heading", { name: "OLD-45000-4999", exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, "?id=50000");
});

pageTest("a field that 100,000 share lists the newest twenty and says so", "/?find=b563feb7b2b84b6test", {}, async (page) => {
  await page.getByText("The newest 20 are listed").waitFor();
  assert.equal(await page.locator("section[aria-labelledby=found] .rows a").count(), 20);
});

test("a page of the list has twenty rows unless more are asked for, at most a hundred", async () => {
  for (const [query, count] of [["", 20], ["?limit=100", 100], ["?limit=1", 1], ["?before=11", 10]]) {
    const { documents } = await demo.get(`/api/documents${query}`);
    assert.equal(documents.length, count, query);
  }
});

/** Posts documents at a steady rate; answers how many the server stored. */
async function send(name, seconds = SECONDS) {
  const posts = [];
  const start = performance.now();
  for (let n = 0; n < seconds * PARTS; n += 1) {
    posts.push(demo.store(small(`${name}-${n}`, PER_SECOND / PARTS)));
    await rest(Math.max(0, start + ((n + 1) * 1000) / PARTS - performance.now()));
  }
  return (await Promise.all(posts)).flat().length;
}

/** In the page: long tasks, clicks and their time to the frame that shows them, and layout shifts. */
function observe() {
  const seen = { tasks: [], clicks: [], shift: 0 };
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, durationThreshold: 16 });
  watch("longtask", ({ duration }) => seen.tasks.push(duration));
  watch("event", ({ name, duration }) => name === "click" && seen.clicks.push(duration));
  watch("layout-shift", ({ hadRecentInput, value }) => {
    if (!hadRecentInput) seen.shift += value;
  });
  window.seen = seen;
}

/** {heap: <bytes in use after a collection>, nodes} */
async function weigh(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  await session.detach();
  return { heap: usedSize, nodes };
}

const LOADED = { Pipeline: "/pipeline", Order: "/?id=1" };

/** The view has come to show what the server has now. */
async function shows(page, view) {
  await demo.store(small(`LAST-${view}-${(lasts += 1)}`, 1));
  const { ledger } = await demo.get("/api/status");
  assert.equal(ledger.delivered, ledger.stored);
  const { documents } = await demo.get("/api/documents?limit=1");
  const group = (number) => new Intl.NumberFormat("en-GB").format(number);
  const [place, text] = view === "Pipeline" ? [".ledger li:has(small:text-is('stored')) b", group(ledger.stored)] : [".newest .title .quiet", group(documents[0].id)];
  await page.locator(place, { hasText: text }).waitFor();
}

for (const [view, path] of Object.entries(LOADED)) {
  test(`at 2,000 documents a second the ${view} view stays quick, still and small, and ends at the server's numbers`, { timeout: 120_000 }, () =>
    visiting(browser, demo.url, path, {}, async (page) => {
      await settled(page);
      await shows(page, view);
      await page.evaluate(observe);
      const first = await weigh(page);

      assert.equal(await send(view), PER_SECOND * SECONDS);
      await shows(page, view);

      const { tasks, shift } = await page.evaluate(() => window.seen);
      assert.ok(Math.max(0, ...tasks) < LONGEST_TASK, `tasks of ${tasks} ms`);
      assert.ok(shift < LAYOUT_SHIFT, `layout shift ${shift}`);
      const last = await weigh(page);
      assert.ok(last.heap - first.heap < HEAP_GROWTH, `heap ${first.heap} to ${last.heap}`);
      assert.ok(last.nodes < MOST_NODES, `${last.nodes} nodes`);
      const memory = await demo.memory();
      assert.ok(memory < SERVER_MEMORY, `${memory} MiB`);
    }),
  );
}

test("a click is served while 2,000 documents a second arrive", { timeout: 60_000 }, () =>
  visiting(browser, demo.url, "/", {}, async (page) => {
    await settled(page);
    await page.evaluate(observe);
    const sent = send("CLICK", 5);
    const views = ["Pipeline", "System", "Dead letters", "Order", "Pipeline"];
    for (const view of views) {
      await page.locator("nav a", { hasText: view }).click();
      await page.locator("nav a[aria-current]", { hasText: view }).waitFor();
      await rest(800); // The view is at work when the next click comes.
    }
    assert.equal(await sent, PER_SECOND * 5);
    const { clicks } = await page.evaluate(() => window.seen);
    assert.ok(clicks.length > 0 && clicks.length <= views.length, `${clicks}`);
    assert.ok(Math.max(...clicks) < SLOWEST_CLICK, `${clicks} ms`);
  }),
);
