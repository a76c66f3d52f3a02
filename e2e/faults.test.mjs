// Every fault of docs/faults.md, which a test of real servers writes: the page shows its cause and its command.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { VIEWS, changeStatus, launch, pageTests } from "./browser.mjs";
import { Demo } from "./demo.mjs";

const UNREADY = /^## (?<fault>.*)\n\n\* `\/readyz` 503, `(?<stage>\w+)` `(?<code>\w+)`: (?<cause>.*)$/gm;
const DEGRADED = /^## (?<fault>.*)\n\n\* `\/readyz` 200, degraded `(?<code>\w+)`: (?<cause>.*)$/gm;

const text = readFileSync(new URL("../docs/faults.md", import.meta.url), "utf8");
const faults = [UNREADY, DEGRADED].flatMap((line) => [...text.matchAll(line)].map(({ groups }) => groups));
assert.ok(faults.length >= 30, `${faults.length} faults`);

let browser, demo;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

/** A status of an instance with this fault. */
function status({ stage, code, cause }) {
  const since = new Date().toISOString();
  return stage
    ? { ready: false, reasons: [{ stage, code, message: cause, since }] }
    : { degraded: [{ code, cause, messages: null, since }] };
}

for (const fault of faults) {
  pageTest(`${fault.fault}: the page shows the cause and the command, and the title of its tab the state`, VIEWS.pipeline, { before: changeStatus(status(fault)) }, async (page) => {
    const item = page.locator(".wrong li").first();
    await item.waitFor();
    const [cause, command] = await item.locator("code").allInnerTexts();
    assert.equal(cause, fault.cause);
    assert.equal(command, `l0-runtime explain ${fault.code}`);
    assert.notEqual((await item.locator("p").innerText()).trim(), "");
    assert.doesNotMatch(await page.title(), /^Pipeline/);
  });
}
