// The frame and the order view of a running l0-runtime whose document 1 is the sample order.
// L0_URL is its address, for example http://127.0.0.1:8080.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { changeStatus, launch, shoot, visit } from "./browser.mjs";

const BASE = process.env.L0_URL;
const SAMPLE = JSON.parse(await readFile(new URL("../schemas/order.sample.json", import.meta.url), "utf8"));
const UNKNOWN = "9223372036854775807";
const BADGE = /^(Hit|Miss) <?[\d.]+\u00a0ms$/;

let browser;

before(async () => {
  assert.ok(BASE, "L0_URL names no running l0-runtime");
  browser = await launch();
});
after(() => browser?.close());

/** A test that also demands a quiet console and no request to another host. */
function pageTest(name, path, options, body) {
  test(name, { timeout: 30_000 }, async () => {
    const visitor = await visit(browser, BASE, path, options);
    try {
      await body(visitor.page);
      assert.deepEqual(visitor.errors, []);
      assert.deepEqual([...visitor.hosts], [new URL(BASE).host]);
    } finally {
      await visitor.close();
    }
  });
}

/** Answers every question for a document with this one. */
function answerWith(document) {
  const body = typeof document === "string" ? document : JSON.stringify(document);
  const headers = { "X-Cache-Status": "Miss", "Server-Timing": "cache;dur=1.8" };
  return (page) => page.route("**/get-json?*", (route) => route.fulfill({ contentType: "application/json", headers, body }));
}

const ENTRY = { id: 7, key: "KEY_7", published: "2026-01-01T00:00:00.000Z", stored: "2026-01-01T00:00:00.005Z", deliveries: 1 };
const NOTHING = { query: "", documents: [], letters: [], newest: 7, ahead: 120 };

/** The server without its stream, with these answers in place of its own: `{path: JSON}`. */
function answerApi(answers) {
  return async (page) => {
    await page.route("**/api/events", (route) => route.abort());
    for (const [path, json] of Object.entries(answers)) await page.route(`**/api/${path}`, (route) => route.fulfill({ json }));
  };
}

async function search(page, text) {
  await page.getByLabel("Find a document").fill(text);
  await page.keyboard.press("Enter");
}

const width = (page) => page.evaluate(() => document.documentElement.scrollWidth);
const articleText = (page) => page.locator("article .panel").first().innerText();

pageTest("a search by id shows the order as a card and as json, with hit or miss", "/", {}, async (page) => {
  await page.getByRole("heading", { name: "No document chosen yet" }).waitFor();
  await search(page, "1");

  await page.locator("address", { hasText: SAMPLE.delivery.name }).waitFor();
  assert.equal(new URL(page.url()).search, "?id=1");
  assert.match(await page.locator("#cache .badge").innerText(), BADGE);
  const json = await page.locator(".json").evaluate((tree) => tree.textContent);
  assert.ok(json.includes(`"order_uid": "${SAMPLE.order_uid}"`), json);
  assert.ok(json.includes('"price": 99.99'), json);
});

pageTest("asking again is a hit, and the answer before stays beside it", "/?id=1", {}, async (page) => {
  await page.locator("article").waitFor();
  const first = await page.locator("#cache .badge").innerText();
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.locator("#cache .badge").nth(1).waitFor();

  const [past, last] = await page.locator("#cache .badge").allInnerTexts();
  assert.equal(past, first);
  assert.match(last, /^Hit /);
});

pageTest("an unknown id is said to be unknown", `/?id=${UNKNOWN}`, {}, async (page) => {
  await page.getByRole("heading", { name: `No document with id ${UNKNOWN}` }).waitFor();
  await page.getByRole("button", { name: "Ask again" }).waitFor();
});

pageTest("a search by a field opens the document that has it", "/", {
  before: answerApi({ "find?*": { ...NOTHING, documents: [{ ...ENTRY, id: 1, cache: null, by: "track_number" }] } }),
}, async (page) => {
  await search(page, SAMPLE.track_number);
  await page.locator("article").waitFor();
  assert.equal(new URL(page.url()).search, "?id=1");
  await page.goBack();
  await page.getByRole("heading", { name: "No document chosen yet" }).waitFor();
});

pageTest("documents that share a field are a list to choose from", "/?find=u", {
  before: answerApi({ "find?*": { ...NOTHING, documents: [7, 1].map((id) => ({ ...ENTRY, id, cache: null, by: "order_uid" })) } }),
}, async (page) => {
  await page.getByRole("heading", { name: "2 documents share this order_uid" }).waitFor();
  await page.getByRole("region", { name: "2 documents" }).getByRole("link", { name: /^1/ }).click();
  await page.locator("article").waitFor();
});

pageTest("for an unknown text the page shows how far the pipeline is, and asks until it is there", "/?find=<b>abc</b>", {
  before: answerApi({ "find?*": NOTHING }),
}, async (page) => {
  await page.getByRole("heading", { name: "Not seen yet: <b>abc</b>" }).waitFor();
  await page.getByText("The newest is 7. 120 messages are ahead in the stream.").waitFor();
  await page.route("**/api/find?*", (route) => route.fulfill({ json: { ...NOTHING, documents: [{ ...ENTRY, id: 1, cache: null, by: "track_number" }] } }));
  await page.locator("article").waitFor();
});

pageTest("a search that meets a dead letter says so with its reason", "/?find=KEY_9", {
  before: answerApi({ "find?*": { ...NOTHING, letters: [{ id: 3, state: "waiting", key: "KEY_9", reason: "schema_violation", detail: "/payment/amount must be a number" }] } }),
}, async (page) => {
  const said = page.getByRole("alert").filter({ hasText: "A document with the key KEY_9 is a dead letter." });
  await said.getByText("/payment/amount must be a number").waitFor();
  assert.equal(await said.getByRole("link", { name: "open it" }).getAttribute("href"), "/dead-letters?letter=3");
});

pageTest("back returns to the document before", "/?id=1", {}, async (page) => {
  await page.locator("article").waitFor();
  await search(page, UNKNOWN);
  await page.getByRole("heading", { name: "No document with id" }).waitFor();
  await page.goBack();
  await page.locator("article").waitFor();
  assert.equal(await page.getByLabel("Find a document").inputValue(), "1");
});

const HOSTILE = '<img src=x onerror="window.executed=1"><script>window.executed=1</script>\u202etxt';
const hostile = JSON.parse(JSON.stringify(SAMPLE), (_, value) => (typeof value === "object" ? value : HOSTILE));
hostile[HOSTILE] = { [HOSTILE]: HOSTILE };

for (const [name, document] of [["an order", hostile], ["any other document", { [HOSTILE]: [{ [HOSTILE]: HOSTILE }], text: HOSTILE }]]) {
  pageTest(`hostile text in every field of ${name} stays text`, "/?id=1", { before: answerWith(document) }, async (page) => {
    await page.locator("article .panel").first().getByText("<img").first().waitFor();
    const shown = await articleText(page);
    assert.ok(shown.includes('<img src=x onerror="window.executed=1">'), shown);
    assert.ok(shown.includes("U+202E"), shown);
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.equal(await page.evaluate(() => window.executed), undefined);
  });
}

pageTest("odd fields break nothing and digits stay as published", "/?id=1", {
  before: answerWith(`{"order_uid":"u","track_number":"t","delivery":null,"sm_id":9007199254740993,
    "payment":{"amount":12345678901234567890.12,"custom_fee":1.5e3,"goods_total":"30.3"},
    "items":[{"name":null,"price":"453.5","size":"M","total_price":"30.30"},null,"odd"]}`),
}, async (page) => {
  await page.getByText("Other fields").click();
  const shown = await articleText(page);
  for (const text of ["12,345,678,901,234,567,890.12", "1.5e3", "30.30", "453.50", "size M", "9007199254740993", "3 items"]) {
    assert.ok(shown.includes(text), `${text} in ${shown}`);
  }
});

pageTest("the parser keeps digits and the way strings were written, and refuses what is no json", "/", {}, async (page) => {
  const seen = await page.evaluate(async () => {
    const { parseJson } = await import("/json.js");
    const refused = (text) => {
      try {
        return !parseJson(text);
      } catch (error) {
        return error instanceof SyntaxError;
      }
    };
    const [number, string, nested] = parseJson(String.raw`[1e400, "\u0442\\\"", {"a": [], "b": {}}]`).items;
    return {
      number: number.source,
      source: string.source,
      text: string.text,
      members: nested.members.map(({ key }) => key.text),
      taken: ["", "{", "[1,]", "01", "1.", "nul", '"a', '"\u0001"', "{1:2}", "[] []"].filter((text) => !refused(text)),
    };
  });
  assert.deepEqual(seen, { number: "1e400", source: String.raw`"\u0442\\\""`, text: 'т\\"', members: ["a", "b"], taken: [] });
});

pageTest("sums are exact and figures are only grouped, never rounded", "/", {}, async (page) => {
  const seen = await page.evaluate(async () => {
    const { equal, group, sum } = await import("/decimal.js");
    return [
      sum(["0.1", "0.2"]), sum(["1e3", "-0.05"]), sum(["12345678901234567890.12", "1"]), sum(["1e400000"]) ?? null,
      group("1234567.5", "en", 2), group("-1234", "en"), group("1500", "ru", 2), group("1.5e3", "en", 2), group("0.12345", "en", 2),
      equal("1.50", "15e-1"), equal("317", "634"),
    ];
  });
  assert.deepEqual(seen, ["0.3", "999.95", "12345678901234567891.12", null, "1,234,567.50", "-1,234", "1\u00a0500,00", "1.5e3", "0.12345", true, false]);
});

pageTest("a hundred items and a text of 20 kB are all there", "/?id=1", {
  before: answerWith({ ...SAMPLE, entry: "я".repeat(20_000), items: Array.from({ length: 100 }, () => SAMPLE.items[0]) }),
}, async (page) => {
  await page.getByText("100 items", { exact: true }).waitFor();
  assert.equal(await page.locator(".items tbody tr").count(), 100);
  assert.equal((await page.locator(".json b", { hasText: "яяя" }).evaluate((text) => text.textContent)).length, 20_002);
});

let refused = false;
pageTest("an absent database is said and healed from without a hand", "/?id=1", {
  before: (page) => page.route("**/get-json?*", (route) => {
    if (refused) return route.fallback();
    refused = true;
    const body = JSON.stringify({ error: { code: "unreachable", message: "no answer", request_id: "5f2c" } });
    return route.fulfill({ status: 503, headers: { "Retry-After": "1" }, contentType: "application/json", body });
  }),
}, async (page) => {
  await page.getByText("The server cannot answer at present.").waitFor();
  await page.getByText("request 5f2c").waitFor();
  await page.locator("article").waitFor();
  assert.equal(await page.getByText("The server cannot answer at present.").count(), 0);
});

pageTest("an unready pipeline says why", "/", {
  before: changeStatus({ ready: false, reasons: [{ stage: "sink", code: "unreachable", message: "postgres", since: "2026-01-01T00:00:00Z" }] }),
}, async (page) => {
  await page.getByText("The database does not answer.").waitFor();
});

pageTest("a server open to strangers without a token says so", "/", { before: changeStatus({ exposed: true, operate: "closed" }) }, async (page) => {
  await page.getByText(`Everyone who can reach ${new URL(BASE).host} can read these documents.`).waitFor();
});

pageTest("an empty store offers test orders, and they appear without a reload", "/", {
  before: answerApi({ "documents": { documents: [], next: null }, "documents?*": { documents: [], next: null }, produce: { published: 5, fresh: [] } }),
}, async (page) => {
  await page.getByRole("heading", { name: "No documents yet" }).waitFor();
  await page.getByRole("button", { name: "Send 5 test orders" }).click();
  await page.getByText("Sent. They appear here").waitFor();
  await page.route("**/api/documents", (route) => route.fulfill({ json: { documents: [ENTRY], next: null } }));
  await page.getByRole("link", { name: /^7.*KEY_7$/ }).waitFor();
});

pageTest("older documents are read page by page", "/", {
  before: answerApi({
    documents: { documents: Array.from({ length: 20 }, (_, n) => ({ ...ENTRY, id: 40 - n })), next: 21 },
    "documents?*before=29": { documents: [{ ...ENTRY, id: 28 }], next: null },
  }),
}, async (page) => {
  await page.getByRole("button", { name: "Older documents" }).click();
  await page.getByRole("link", { name: /^28/ }).waitFor();
  await page.getByRole("button", { name: "Newest documents" }).click();
  await page.getByRole("link", { name: /^40/ }).waitFor();
});

pageTest("a running server is live", "/?id=1", {}, async (page) => {
  await page.locator("#live", { hasText: /^Live$/ }).waitFor();
  assert.equal(await page.locator(".newest .rows li").count() > 0, true);
  await page.getByText("Delivered").waitFor();
});

pageTest("without its stream the page asks, and a server that is gone leaves the document and marks it stale", "/?id=1", {
  before: (page) => page.route("**/api/events", (route) => route.abort()),
}, async (page) => {
  await page.locator("#live.polling", { hasText: /^Every 5 s$/ }).waitFor();
  await page.locator(".newest .rows").waitFor();
  await page.route("**/api/status", (route) => route.abort());
  await page.locator("#live.stale", { hasText: /^Stale since \d\d:\d\d:\d\d$/ }).waitFor();
  assert.equal(await page.locator("article").count(), 1);
  assert.equal(await page.locator(".rows.stale").count(), 1);
  await page.unrouteAll();
  await page.locator("#live", { hasText: /^Live$/ }).waitFor();
});

pageTest("the views are links: the address, the title and the keyboard follow, and back returns", "/?id=1", {}, async (page) => {
  await page.locator("article").waitFor();
  await page.evaluate(() => {
    window.sameLoad = true;
  });
  for (const [name, path] of [["Pipeline", "/pipeline"], ["Dead letters", "/dead-letters"], ["System", "/system"]]) {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, path);
    await page.waitForFunction((heading) => document.activeElement.textContent === heading, name);
    assert.match(await page.title(), new RegExp(`^${name}`));
  }
  for (let n = 0; n < 3; n += 1) await page.goBack();
  await page.locator("article").waitFor();
  assert.equal(await page.evaluate(() => window.sameLoad), true);
});

pageTest("the page speaks russian to a russian browser and remembers a switch", "/?id=1", { locale: "ru-RU" }, async (page) => {
  await page.getByRole("heading", { name: "Покупатель" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "ru");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "Customer" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Customer" }).waitFor();
});

pageTest("the keyboard alone opens a document and folds its json", "/", {}, async (page) => {
  await page.locator("#live", { hasText: /^Live$/ }).waitFor();
  for (const expected of ["Skip to content", "orders", "Order", "Pipeline", "Dead letters", "System", "RU"]) {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim().replace(/ \d.*/, "")), expected);
  }
  await page.keyboard.press("Tab");
  await page.keyboard.type("1");
  await page.keyboard.press("Enter");
  await page.locator("article").waitFor();
  await page.getByRole("button", { name: "Fold all" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Unfold all" }).waitFor();
  assert.equal(await page.locator(".json details[open]").count(), 0);
});

for (const [name, path, before] of [["the order", "/?id=1"], ["the start", "/"], ["hostile text", "/?id=1", answerWith(hostile)]]) {
  pageTest(`${name} needs no sideways scroll at 320 px`, path, { viewport: { width: 320, height: 900 }, before }, async (page) => {
    await page.locator("article, .empty").waitFor();
    assert.equal(await width(page), 320);
    if (name === "the order") await shoot(page, "order-320.png");
  });
}

for (const colorScheme of ["light", "dark"]) {
  pageTest(`the order in ${colorScheme} colours`, "/?id=1", { colorScheme }, async (page) => {
    await page.locator("article").waitFor();
    const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    assert.equal(paper, colorScheme === "light" ? "rgb(246, 247, 247)" : "rgb(15, 18, 19)");
    await shoot(page, `order-${colorScheme}.png`);
  });
}
