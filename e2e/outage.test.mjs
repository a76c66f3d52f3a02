// A real fault of the source and one of the sink, on a stack of its own: the page tells them while they stand, and no longer.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before } from "node:test";
import { VIEWS, launch, pageTests, settled } from "./browser.mjs";
import { exampleSettings } from "./settings.mjs";
import { Stack } from "./stack.mjs";

const { NATS_STREAM, NATS_DURABLE_NAME } = await exampleSettings();
/** Far above what a fault and its end take to be seen. */
const PATIENCE = { timeout: 120_000 };
const PAUSE = `$JS.API.CONSUMER.PAUSE.${NATS_STREAM}.${NATS_DURABLE_NAME}`;

let browser, folder, stack;
const pageTest = pageTests(() => ({ browser, base: stack.url }));

before(async () => {
  folder = await mkdtemp(`${tmpdir()}/l0-outage-`);
  await chmod(folder, 0o755);
  stack = await Stack.at(`${folder}/stack`);
  browser = await launch();
  await stack.local("up");
});

after(async () => {
  await browser?.close();
  await stack?.local("down");
  await rm(folder, { recursive: true });
});

const wrong = (page) => page.getByRole("region", { name: "What goes wrong" });

/** That the page tells a fault which began after `begun`: its sentence, cause, command and start, and in the title. */
async function isTold(page, begun, { sentence, cause, command }) {
  const item = wrong(page).locator("li").filter({ hasText: sentence }).filter({ hasText: cause });
  await item.waitFor(PATIENCE);
  const [, offered] = await item.locator("code").allInnerTexts();
  assert.equal(offered, command);
  const since = Date.parse(await item.locator("time").getAttribute("datetime"));
  assert.ok(since >= begun && since <= Date.now(), `since ${new Date(since).toISOString()}, begun ${new Date(begun).toISOString()}`);
  await page.waitForFunction(() => document.title.startsWith("⚠ "));
  assert.equal((await fetch(`${stack.url}/readyz`)).status, 503);
}

async function isWell(page) {
  await wrong(page).waitFor({ state: "detached", ...PATIENCE });
  await page.waitForFunction(() => !document.title.startsWith("⚠ "));
}

pageTest("a durable that an operator pauses is told until it is resumed", VIEWS.pipeline, { timeout: 300_000 }, async (page) => {
  await settled(page);
  await isWell(page);
  const begun = Date.now();
  await stack.publish(PAUSE, JSON.stringify({ pause_until: new Date(begun + 3_600_000).toISOString() }));
  await isTold(page, begun, {
    sentence: "The source is paused.",
    cause: new RegExp(`durable \`${NATS_DURABLE_NAME}\` is paused until .*: \`nats consumer resume ${NATS_STREAM} ${NATS_DURABLE_NAME}\` ends it`),
    command: "l0-runtime explain paused",
  });
  await stack.publish(PAUSE, "{}");
  await isWell(page);
});

pageTest("a Postgres that stops is told until it is there again, and what came meanwhile is stored", VIEWS.pipeline, { timeout: 300_000 }, async (page) => {
  await settled(page);
  await isWell(page);
  const begun = Date.now();
  await stack.stopPostgres();
  await stack.local("produce");
  await isTold(page, begun, {
    sentence: "The database does not answer.",
    cause: `postgres at localhost:${stack.ports[1]}`,
    command: "l0-runtime explain unreachable",
  });
  await stack.local("up");
  await isWell(page);
  await stack.untilStored(5);
});
