// What the pipeline view says of progress, latency and lag: never more than it knows.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { VIEWS, changeStatus, launch, pageTests, shoot, widthAt320 } from "./browser.mjs";
import { degraded } from "./degraded.mjs";
import { Demo } from "./demo.mjs";

const NOW = Date.parse("2026-01-31T12:00:00.000Z");
/** The time so many seconds before the status. */
const ago = (seconds) => new Date(NOW - seconds * 1000).toISOString();

const BACKLOG = { waiting: 2236, in_flight: 0, redelivered: 0, removed_unseen: 0, oldest: ago(12), looked_at: null };
const RATES = { delivered: 0, stored: 0, duplicate: 0, buried: 0, requests: 0, hits: 0 };
const LEDGER = { delivered: 5000, stored: 5000, duplicate: 0, buried: 0, returned: 0, in_hand: 0 };
const LATENCY = { documents: 100, early: 0, longest: 80_000, p50: 2.1, p95: 14.6, p99: 1460.9 };

/** A status of an instance with some messages before it that stored one just now. */
function status(changes = {}) {
  const { backlog, rates, ledger, latency, ...rest } = changes;
  return {
    now: ago(0), started: ago(7200), last_stored: ago(1), ready: true, reasons: [], degraded: [],
    backlog: { ...BACKLOG, ...backlog }, rates: { ...RATES, ...rates }, ledger: { ...LEDGER, ...ledger },
    latency: latency === null ? null : { ...LATENCY, ...latency }, ...rest,
  };
}

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

/** Figures keep to their units by a space that does not break. */
const anySpace = (text) => new RegExp(text.source.replaceAll(" ", "\\s"));
const plain = (texts) => texts.map((text) => text.replaceAll("\u00a0", " "));
const sentence = (page, text) => page.locator(".title p", { hasText: anySpace(text) }).waitFor();
const stages = (page) => page.locator(".stage:not(.letters)").evaluateAll((all) => all.map(({ className }) => className.replace(/^stage ?/, "") || "running"));
const moving = (page) => page.evaluate(() => document.getAnimations().filter(({ animationName }) => animationName === "move").length);
const fact = (page, name) => page.locator(".facts > div", { has: page.locator("dt", { hasText: name }) }).locator("dd").innerText().then((text) => plain([text])[0].trim());

const MOVING = { delivered: 500, stored: 500 };
const AWAY = [{ stage: "sink", code: "contended", message: "too many connections (SQLSTATE 53300)", since: ago(12) }];

/** Each: what the status says, the sentence, how source, validator and sink do. */
const STATES = {
  "what arrives is stored": [{ rates: MOVING, backlog: { waiting: 3 } }, /Keeping up\.$/, ["running", "running", "running"]],
  "a backlog is worked off": [{ rates: MOVING }, /Catching up: 2,236 messages in the stream\.$/, ["running", "running", "running"]],
  "what arrives is stored, by a look some seconds ago": [{ rates: MOVING, backlog: { waiting: 3, looked_at: ago(8) } }, /Keeping up as of \d+ s ago\.$/, ["running", "running", "running"]],
  "nothing is there": [{ last_stored: ago(60), backlog: { waiting: 0 } }, /Idle\.$/, ["idle", "idle", "idle"]],
  "messages wait and none moves": [{ last_stored: ago(40) }, /2,236 messages wait, and nothing has been stored for 4\d s\.$/, ["still", "still", "still"]],
  "none has ever been stored": [{ started: ago(30), last_stored: null, backlog: { waiting: 1 } }, /1 message waits, and nothing has been stored for 3\d s\.$/, ["still", "still", "still"]],
  "a write does not end": [{ last_stored: ago(40), backlog: { waiting: 0 }, ledger: { in_hand: 5 } }, /5 messages are in hand, and nothing has been stored for 4\d s\.$/, ["still", "still", "still"]],
  "all that arrives is rejected": [{ last_stored: ago(40), rates: { delivered: 500, buried: 500 } }, /All that arrives becomes dead letters\.$/, ["running", "running", "still"]],
  "a minute of rejections": [{ last_stored: ago(90), rates: { delivered: 9, buried: 9 }, ...degraded(["all_rejected", "every message is rejected", 600]) }, /Every message of the last minute was rejected\.$/, ["running", "running", "still"]],
  "something goes wrong and nothing moves": [{ last_stored: ago(40), ...degraded(["source_full", "full"]) }, /refuses publishers\. 2,236 messages wait, and nothing has been stored for 4\d s\.$/, ["still", "still", "still"]],
  "the figure of what waits is older than the end of the work": [{ backlog: { looked_at: ago(8) }, last_stored: ago(6) }, /Nothing arrives at present; 2,236 messages waited \d+ s ago\.$/, ["still", "still", "still"]],
  "a stage cannot work": [{ ready: false, reasons: AWAY, last_stored: ago(40) }, /The database has been busy for 1\d s; what the stream holds waits there\.$/, ["still", "still", "stalled"]],
  "a stage cannot work in part": [{ ready: false, reasons: AWAY, rates: { delivered: 47, stored: 47 } }, /The database has been busy for 1\d s; meanwhile 47 documents a second are stored\.$/, ["running", "running", "impaired"]],
};

for (const [name, [change, said, states]] of Object.entries(STATES)) {
  pageTest(`${name}: the sentence says so, and arrows move only where something moves`, VIEWS.pipeline, { before: changeStatus(status(change)), reducedMotion: "no-preference" }, async (page) => {
    await sentence(page, said);
    assert.deepEqual((await stages(page)).slice(0, 3), states);
    // The first stage has no arrow; the query stage answers nothing here.
    const stopped = states.includes("stalled");
    assert.equal(await moving(page), stopped ? 0 : states.slice(1).filter((state) => state === "running" || state === "impaired").length);
    await shoot(page, `state-${name.replaceAll(" ", "-")}.png`);
    await page.getByRole("button", { name: "Русский" }).click();
    await page.locator("html[lang=ru]").waitFor();
    assert.doesNotMatch(await page.locator(".title p").innerText(), /[a-z]{2}|undefined/);
    assert.equal(await widthAt320(page), 320);
  });
}

pageTest("a stage that is stalled in part shows its rate and why", VIEWS.pipeline, { before: changeStatus(status({ ready: false, reasons: AWAY, rates: { delivered: 47, stored: 47 } })) }, async (page) => {
  assert.equal(await page.locator(".impaired .figure").innerText(), "47 /s · busy");
  assert.equal(await page.locator(".stage").first().locator(".figure").innerText(), "47 /s");
  await page.getByText("The same as a table").click();
  await page.getByRole("cell", { name: "in part: busy" }).waitFor();
});

pageTest("the order view says that all waits only where nothing is stored", VIEWS.order, { before: changeStatus(status({ ready: false, reasons: AWAY, rates: { delivered: 47, stored: 47 } })) }, async (page) => {
  await page.getByText("The database is busy. Documents are stored meanwhile.").waitFor();
  assert.equal(await page.getByText("What the stream holds waits there.").count(), 0);
  await page.unroute("**/api/status");
  await changeStatus(status({ ready: false, reasons: AWAY, last_stored: ago(40) }))(page);
  await page.getByText("The database is busy. What the stream holds waits there.").waitFor();
});

const latency = (page) => page.getByRole("region", { name: "Publish to queryable" });

pageTest("a latency beyond the scale is over its end", VIEWS.pipeline, { before: changeStatus(status({ latency: { p95: 63_000, p99: 80_000 } })) }, async (page) => {
  await latency(page).getByText(/Some documents took over 80\s/).waitFor();
  assert.deepEqual(plain(await latency(page).locator(".latency b").allInnerTexts()), ["2.1 ms", "63,000 ms", "over 80 s"]);
  await shoot(page, "state-latency-over.png");
});

pageTest("documents that were stored before they were published make no latency, and clocks differ", VIEWS.pipeline, { before: changeStatus(status({ latency: { early: 60, p50: 0.1 } })) }, async (page) => {
  await latency(page).getByText("Clocks differ: 60 of 100 documents were stored before they were published").waitFor();
  assert.deepEqual(plain(await latency(page).locator(".latency b").allInnerTexts()), ["clocks differ", "14.6 ms", "1,461 ms"]);
  assert.equal(await page.getByText("could be queried within").count(), 0);
  await shoot(page, "state-latency-early.png");
  assert.equal(await widthAt320(page), 320);
});

pageTest("what waits counts too: the oldest is beside the latencies, also where nothing was stored", VIEWS.pipeline, { before: changeStatus(status({ latency: null })) }, async (page) => {
  await latency(page).getByText("Nothing was stored in the last minute.").waitFor();
  assert.match(await fact(page, "Oldest waiting"), /^1\d s$/);
});

pageTest("figures of the source that are not of this moment say how old they are", VIEWS.pipeline, { before: changeStatus(status({ backlog: { looked_at: ago(8) }, rates: MOVING })) }, async (page) => {
  await sentence(page, /Catching up: 2,236 messages in the stream as of \d+ s ago\.$/);
  assert.match(await fact(page, "Lag"), /^2,236 as of \d+ s ago$/);
  assert.match(await fact(page, "Oldest waiting"), /^4 s as of \d+ s ago$/);
  assert.equal(await widthAt320(page), 320);
});

pageTest("a look just now needs no age", VIEWS.pipeline, { before: changeStatus(status({ backlog: { looked_at: ago(-60) }, rates: MOVING })) }, async (page) => {
  await sentence(page, /Catching up/);
  assert.equal(await fact(page, "Lag"), "2,236");
});
