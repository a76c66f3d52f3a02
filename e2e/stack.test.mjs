// `make up` without Docker from nothing, and two stacks side by side.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { ROOT } from "./settings.mjs";
import { Stack, exists } from "./stack.mjs";

const ENV = new URL(".env", ROOT);

let folder, hadSettings, one, two, third;

before(async () => {
  hadSettings = await exists(ENV);
  folder = await mkdtemp(`${tmpdir()}/l0-stack-`);
  // Only the owner may open the folder of the second one, so Postgres' user cannot.
  one = await Stack.at(`${folder}/one`);
  two = await Stack.at(await mkdtemp(`${folder}/private-`));
  await chmod(folder, 0o755);
  third = await Stack.at(`${folder}/third`);
});

after(async () => {
  await Promise.allSettled([one, two, third].map((stack) => stack.make("down")));
  await rm(folder, { recursive: true });
  if (!hadSettings) await rm(ENV, { force: true });
});

/** Runs each in the other's sight. */
const both = (act) => Promise.all([one, two].map(act));

test("two stacks start from nothing beside each other", { timeout: 180_000 }, async () => {
  await both(async (stack) => {
    assert.match(await stack.make("up"), new RegExp(`ready: http://127.0.0.1:${new URL(stack.url).port}/`));
    assert.equal((await fetch(`${stack.url}/readyz`)).status, 200);
    const processes = await stack.processes();
    assert.ok(processes.length >= 3, "the programs are found by their environment");
    assert.ok(processes.some((command) => /nats-server --config nats-server\.conf /.test(command)), processes.join("\n"));
  });
  assert.equal((await stat(ENV)).mode & 0o077, 0, ".env holds passwords");
});

test("five orders of one are stored there, a Miss and then Hits, and not in the other", { timeout: 60_000 }, async () => {
  await one.make("producer");
  const first = await one.untilStored(1);
  assert.equal(first.cache, "Miss");
  assert.equal((await one.document(1)).cache, "Hit");
  await one.untilStored(5);
  assert.equal((await one.document(6)).status, 404);
  assert.equal((await two.document(1)).status, 404);
});

test("stop ends one alone, start brings its data back", { timeout: 120_000 }, async () => {
  const { json } = await one.document(1);
  await one.make("stop");
  assert.deepEqual(await one.processes(), []);
  assert.deepEqual(await one.openPorts(), []);
  assert.equal((await fetch(`${two.url}/readyz`)).status, 200);

  await one.make("start");
  const again = await one.document(1);
  assert.deepEqual(again, { status: 200, cache: "Miss", json });
  assert.equal((await one.document(1)).cache, "Hit");
  await one.make("producer");
  await one.untilStored(6);
});

test("a port that is taken is named, with what to do about it", { timeout: 60_000 }, async () => {
  third.environment.FRONTEND_PORT = new URL(one.url).port;
  await assert.rejects(third.make("up"), (error) => {
    assert.match(error.stderr, /port \d+ is taken: set FRONTEND_PORT in .env to a free one/);
    return true;
  });
  await third.make("down");
  assert.deepEqual(await third.processes(), []);
  assert.equal(await exists(third.state), false);
  assert.equal((await fetch(`${one.url}/readyz`)).status, 200);
});

test("down leaves nothing", { timeout: 60_000 }, async () => {
  await both(async (stack) => {
    const home = await stack.postgresHome();
    assert.ok(await exists(home));
    await stack.make("down");
    assert.deepEqual(await stack.processes(), []);
    assert.deepEqual(await stack.openPorts(), []);
    for (const path of [home, stack.state]) assert.equal(await exists(path), false, path);
  });
});
