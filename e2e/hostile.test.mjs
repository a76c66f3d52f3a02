// Text that wants to be more than text, in every place where the page shows what was published.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { VIEWS, launch, pageTests, search, settled, widthAt320 } from "./browser.mjs";
import { Demo, SAMPLE, order } from "./demo.mjs";

const MARKUP = '<img src=x onerror="window.executed=1"></script><script>window.executed=1</script>';
const TEXTS = {
  markup: MARKUP,
  "right to left": "\u202e\u2066txt.exe\u2069 \u061c\u200b\ufeff",
  "control characters": "a\u0001\u0007\u001b[31mb\tc\r\nd\u0085\u2028e",
  "a word of 10,000 characters": "w".repeat(10_000),
  "a name of the language": "__proto__ constructor {{7*7}} ${7*7} %s",
};
const KEY = `${MARKUP}\u202e`;

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));
const ids = {};

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
  for (const [name, text] of Object.entries(TEXTS)) [ids[name]] = await demo.store([{ ...spoilt(text), track_number: name, order_uid: name }]);
  await demo.store([order(KEY, { order_uid: MARKUP })]);
  const bad = (text) => ({ ...spoilt(text), order_uid: "u", track_number: `${text.slice(0, 400)}`, items: { [text.slice(0, 400)]: text } });
  await demo.post([...Object.values(TEXTS).map(bad), `{"track_number": "nul", "order_uid": "a\\u0000b"}`, `${MARKUP}\u202e no json`, { [MARKUP]: 1 }]);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

/** The sample with the text in every field that may hold one, and as the name of one more. */
function spoilt(text) {
  const texts = (object) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, typeof value === "string" && !/^(\d{4}-|[\d.]+$)/.test(value) ? text : value]));
  return { ...texts(SAMPLE), delivery: texts(SAMPLE.delivery), payment: texts(SAMPLE.payment), items: SAMPLE.items.map(texts), [text]: { [text]: [text, { [text]: text }] } };
}

/** No element came of a text, nothing ran, and nothing is wider than the screen. */
async function staysText(page) {
  assert.equal(await page.locator("main :is(img, script, iframe, style, base, form:not(.search))").count(), 0);
  assert.equal(await page.evaluate(() => window.executed), undefined);
  assert.doesNotMatch(await page.locator("main").innerText(), /[\u0000-\u0008\u000e-\u001f\u061c\u200b\u202a-\u202e\u2066-\u2069\ufeff]/u);
  assert.equal(await widthAt320(page), 320);
}

for (const name of Object.keys(TEXTS)) {
  pageTest(`${name} in every field of an order stays text`, "/", {}, async (page) => {
    await page.goto(`/?id=${ids[name]}`);
    await page.locator("article .trace small").first().waitFor();
    await page.getByText("Other fields").click();
    await staysText(page);
  });
}

for (const [view, path] of Object.entries(VIEWS)) {
  pageTest(`hostile keys and letters stay text in the ${view} view`, path, {}, async (page) => {
    await settled(page);
    await staysText(page);
  });
}

for (let id = 1; id <= Object.keys(TEXTS).length + 3; id += 1) {
  pageTest(`the hostile letter ${id} stays text: its key, detail, preview and payload`, `/dead-letters?letter=${id}`, {}, async (page) => {
    await page.locator("article.panel :is(.json, pre, code)").last().waitFor();
    await page.locator("article.panel .flush").waitFor();
    await staysText(page);
  });
}

pageTest("a hostile key can be looked for, and the title stays one line of text", "/", {}, async (page) => {
  await search(page, KEY);
  await page.locator("article").waitFor();
  assert.doesNotMatch(await page.title(), /\u202e/);
  await staysText(page);
});

pageTest("a hostile question that nothing answers stays text", `/?find=${encodeURIComponent(`${MARKUP}\u202e${"w".repeat(400)}`)}`, {}, async (page) => {
  await page.locator(".answer .empty").waitFor();
  await staysText(page);
});

pageTest("a hostile address chooses nothing and breaks nothing", `/dead-letters?letter=${encodeURIComponent(MARKUP)}`, {}, async (page) => {
  await settled(page);
  await staysText(page);
});
