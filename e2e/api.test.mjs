// The API against its own OpenAPI document, by questions that a tester makes up from it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Demo, order, orders } from "./demo.mjs";
import { ROOT } from "./settings.mjs";

const TESTER = process.env.SCHEMATHESIS ?? fileURLToPath(new URL(".local/tools/bin/schemathesis", ROOT));
const CONFIG = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
const SECONDS = 40;
/** The same questions in every run. */
const LIMITS = ["--max-time", SECONDS, "--max-examples", 10, "--generation-deterministic", "--suppress-health-check", "all"];

let demo;

before(async () => {
  demo = await Demo.start();
  await demo.store(orders("API", 40));
  await demo.post(orders("BAD", 40, { delivery: "Main street 1" }));
  await demo.get("/get-json?id=1");
});

after(() => demo?.remove());

test("what the OpenAPI document describes is what is answered, and nothing fails in the server", { timeout: 180_000 }, async () => {
  const options = ["--config-file", CONFIG, "run", `${demo.url}/openapi.json`, "--no-color", ...LIMITS.map(String)];
  const told = await promisify(execFile)(TESTER, options, { cwd: demo.folder, maxBuffer: 1 << 26 }).then(() => undefined, ({ stdout, stderr }) => stdout + stderr);
  if (told !== undefined) assert.fail(told);

  const { ready, ledger } = await demo.get("/api/status");
  assert.equal(ready, true);
  assert.equal(ledger.delivered, ledger.stored + ledger.duplicate + ledger.buried + ledger.returned + ledger.in_hand);
});

test("an error has one shape, whatever was asked", async () => {
  const asked = ["/api/nothing", "/api/documents/0", "/api/documents?limit=0", "/api/documents?nothing=1", "/api/dead-letters/99", "/api/dead-letters?decided=maybe", "/get-json?id=x", "/get-json?id=99999"];
  for (const path of asked) {
    const answer = await fetch(demo.url + path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.match(answer.headers.get("content-type"), /^application\/json/);
    const { error, ...rest } = await answer.json();
    assert.deepEqual(rest, {});
    assert.deepEqual(Object.keys(error), ["code", "message", "request_id"], path);
  }
});

test("a page of another site can neither replay, discard nor publish", async () => {
  await demo.post([order("BAD-CROSS", { delivery: "Main street 1" })]);
  for (const path of ["/api/dead-letters/replay", "/api/dead-letters/1/replay", "/api/dead-letters/1/discard", "/api/produce"]) {
    for (const headers of [{ Origin: "http://evil.example" }, { Origin: "null" }]) {
      assert.equal((await fetch(demo.url + path, { method: "POST", headers })).status, 403, path);
    }
  }
});
