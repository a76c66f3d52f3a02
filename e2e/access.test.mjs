// Everyone can use the page: contrast and names by axe, the keyboard alone, 320 px, less motion, an old browser.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { COLOURS, assertAccessible, tabs, violations } from "./access.mjs";
import { VIEWS, changeStatus, launch, pageTests, settled } from "./browser.mjs";
import { DEGRADED } from "./degraded.mjs";
import { Demo, order, orders } from "./demo.mjs";

const THEMES = ["light", "dark"];

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
  await demo.store(orders("SHOE", 30));
  await demo.post([order("BAD-1", { delivery: "Main street 1" }), "{no json", order("BAD-2", { items: 7 }), order("SHOE-1", { entry: "other" })]);
  await fetch(`${demo.url}/api/dead-letters/4/discard`, { method: "POST" });
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

const away = { ready: false, reasons: [{ stage: "sink", code: "unreachable", message: "connection refused", since: "2026-01-01T00:00:00Z" }] };

/** Each state of the page: its address, how it is brought about, what shows that it is there. */
const STATES = {
  "the start": ["/"],
  "an order": ["/?id=1", {}, "article .trace small"],
  "a list of orders": ["/?find=b563feb7b2b84b6test", {}, "#found"],
  "an order that is not there": ["/?find=nobody", {}, ".answer .empty"],
  "the key of a dead letter": ["/?find=BAD-1", {}, ".banner.bad"],
  "an unready pipeline that strangers reach": ["/", { before: changeStatus({ ...away, exposed: true, operate: "closed" }) }, ".notices .banner + .banner"],
  "an answer that does not come": ["/?id=1", { before: (page) => page.route("**/get-json?*", (route) => route.fulfill({ status: 503, headers: { "Retry-After": "60" }, json: {} })) }, ".answer .banner"],
  "the pipeline": ["/pipeline", {}, ".flow + .panel, .chart"],
  "a stalled pipeline": ["/pipeline", { before: changeStatus(away) }, ".stalled"],
  "a degraded pipeline": ["/pipeline", { before: changeStatus(DEGRADED) }, ".wrong"],
  "the letters": ["/dead-letters", {}, "article.panel .json, article.panel pre"],
  "a chosen letter": ["/dead-letters?letter=1", {}, ".json .fault"],
  "a discarded letter": ["/dead-letters?letter=4", {}, "article.panel .banner"],
  "a letter that does not exist": ["/dead-letters?letter=99", {}, ".empty"],
  "an instance without letters": ["/dead-letters", { before: changeStatus({ letters: null }) }, ".empty"],
  "the system": ["/system", {}, ".config tbody tr"],
};

async function arrived(page, [, , sign = ".newest .rows li"]) {
  await settled(page);
  await page.locator(sign).first().waitFor();
}

for (const [name, state] of Object.entries(STATES)) {
  pageTest(`axe finds nothing wrong with ${name} in both themes and languages, and it fits into 320 px`, state[0], { bypassCSP: true, ...state[1] }, async (page) => {
    await arrived(page, state);
    await assertAccessible(page);
  });
}

pageTest("the keyboard comes from the search to the document and then to the newest, and sees where it is", "/?id=1", {}, async (page) => {
  await arrived(page, STATES["an order"]);
  await page.locator("#find").focus();
  await page.keyboard.press("Shift+Tab");
  const found = await tabs(page, 60);
  const way = found.map(({ text }) => text).filter((text) => /^(Find a document|Ask again|Fold all|30.+|19.+|Older documents)$/.test(text));
  assert.deepEqual(way.map((text) => text.replace(/^(30|19).+/, "$1")), ["Find a document", "Ask again", "Fold all", "30", "19", "Older documents"]);
  assert.deepEqual(found.filter(({ seen }) => !seen), []);
});

pageTest("Enter opens the document that the keyboard is at", "/", {}, async (page) => {
  await arrived(page, STATES["the start"]);
  await page.locator(".newest .rows a").nth(2).focus();
  await page.keyboard.press("Enter");
  await page.locator("article").waitFor();
  assert.equal(new URL(page.url()).search, "?id=28");
});

pageTest("the first Tab is a way past the bar", "/?id=1", {}, async (page) => {
  await arrived(page, STATES["an order"]);
  const [skip] = await tabs(page, 1);
  assert.equal(skip.text, "Skip to content");
  assert.ok(skip.seen);
  const box = await page.locator(".skip").boundingBox();
  assert.ok(box.x >= 0 && box.y >= 0, "it is seen while it has the focus");
  await page.keyboard.press("Enter");
  const [next] = await tabs(page, 1);
  assert.equal(next.text, "Find a document");
});

pageTest("a letter is chosen and discarded by the keyboard alone, and the focus follows", "/dead-letters?letter=1", {}, async (page) => {
  await page.locator("article.panel .json").waitFor();
  await page.getByRole("link", { name: /Invalid JSON/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Invalid JSON" }).waitFor();
  await page.waitForFunction(() => document.activeElement.id === "letter");
  const found = await tabs(page, 2);
  assert.deepEqual(found.map(({ text }) => text), ["Replay", "Discard"]);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.textContent === "Cancel");
  await page.keyboard.press("Escape");
  await page.getByText("Discard this letter?").waitFor({ state: "detached" });
});

for (const [view, path] of Object.entries(VIEWS)) {
  pageTest(`nothing of the ${view} view moves for those who want less motion`, path, { reducedMotion: "reduce" }, async (page) => {
    await settled(page);
    await demo.store([order(`MOVE-${view}`)]);
    await page.waitForFunction(() => document.querySelector("#live.live"));
    assert.deepEqual(await page.evaluate(() => document.getAnimations().map(({ animationName }) => animationName)), []);
  });
}

pageTest("otherwise the wires of a running pipeline move", "/pipeline", { reducedMotion: "no-preference" }, async (page) => {
  await settled(page);
  await page.waitForFunction(() => document.getAnimations().some(({ animationName }) => animationName === "move"));
});

/** The style sheet as a browser without `light-dark()` understands it. */
async function withoutLightDark(page) {
  await page.route("**/style.css", async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/@supports \(color: ?light-dark[\s\S]*?\n}/, "").replace(/[^;{}]*light-dark\([^;}]*;?/g, "");
    assert.ok(!body.includes("light-dark("));
    await route.fulfill({ response, body });
  });
}

for (const colorScheme of THEMES) {
  for (const [view, path] of Object.entries(VIEWS)) {
    pageTest(`a browser without light-dark() shows the ${view} view readable in ${colorScheme} colours`, path, { bypassCSP: true, colorScheme, before: withoutLightDark }, async (page) => {
      await settled(page);
      const [paper, ink] = await page.evaluate(() => [document.documentElement, document.body].map((element, n) => getComputedStyle(element)[n === 0 ? "backgroundColor" : "color"]));
      assert.deepEqual([paper, ink], colorScheme === "light" ? ["rgb(246, 247, 247)", "rgb(25, 31, 32)"] : ["rgb(15, 18, 19)", "rgb(228, 233, 233)"]);
      assert.deepEqual(await violations(page, COLOURS), []);
    });
  }
}
