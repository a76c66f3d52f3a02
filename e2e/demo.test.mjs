// `l0-runtime demo` and its page in a real browser: no other service, no stack.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launch, visit } from "./browser.mjs";
import { ROOT } from "./settings.mjs";

const BINARY = process.env.L0_BINARY ?? fileURLToPath(new URL("target/debug/l0-runtime", ROOT));
const FREE = "127.0.0.1:0";

let browser, demo, page, ingest;

before(async () => {
  browser = await launch();
  demo = spawn(BINARY, ["demo", "--listen", FREE, "--ingest", FREE], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface(demo.stderr)) {
    page ??= line.match(/listening url="(\S+)"/)?.[1];
    ingest ??= line.match(/accepts documents at http:\/\/([^/]+)/)?.[1];
    if (page && ingest) break;
  }
  assert.ok(page && ingest, "the demo says where it is");
  demo.stderr.resume();
});

after(async () => {
  await browser?.close();
  if (!demo || demo.exitCode !== null) return;
  demo.kill("SIGINT");
  await once(demo, "exit");
});

test("an order that was produced is shown, a Miss and then a Hit", { timeout: 60_000 }, async () => {
  await promisify(execFile)(BINARY, ["produce", "--demo", "--ingest", ingest]);
  const visitor = await visit(browser, page, "/");
  try {
    await visitor.page.getByLabel("Find a document").fill("5");
    await visitor.page.keyboard.press("Enter");
    await visitor.page.locator("address", { hasText: "Test Testov" }).waitFor();
    await visitor.page.locator("#cache .badge", { hasText: /^Miss/ }).waitFor();
    await visitor.page.reload();
    await visitor.page.locator("#cache .badge", { hasText: /^Hit/ }).waitFor();
    assert.deepEqual(visitor.errors, []);
    assert.deepEqual([...visitor.hosts], [new URL(page).host]);
  } finally {
    await visitor.close();
  }
});

/** What is fetched once the page stands: the words of the other views. */
const LATER = /^\/words\/(later|pipeline|letters|system|found|token|wrong)\.js$/;

test("all that an order needs comes in less than 50 kB, compressed", { timeout: 60_000 }, async () => {
  const bodies = [];
  const isOfThePage = (request) =>
    ["document", "stylesheet", "script"].includes(request.resourceType()) && !LATER.test(new URL(request.url()).pathname);
  const count = async (page) => page.on("requestfinished", (request) => isOfThePage(request) && bodies.push(request.sizes()));
  const visitor = await visit(browser, page, "/?id=5", { before: count });
  try {
    await visitor.page.locator(".trace").waitFor();
    const sizes = await Promise.all(bodies);
    const sum = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    assert.ok(sizes.length > 20, `${sizes.length} answers`);
    assert.ok(sum < 50_000, `${sum} bytes`);
  } finally {
    await visitor.close();
  }
});

test("an interrupt ends it well", { timeout: 30_000 }, async () => {
  demo.kill("SIGINT");
  const [code] = await once(demo, "exit");
  assert.equal(code, 0);
});
