// The API against its own OpenAPI document, by questions that a tester makes up from it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Demo, order, orders } from "./demo.mjs";
import { ROOT } from "./settings.mjs";

const TESTER = process.env.SCHEMATHESIS ?? fileURLToPath(new URL(".local/tools/bin/schemathesis", ROOT));
const CONFIG = fileURLToPath(new URL("schemathesis.toml", import.meta.url));
const SECONDS = 40;
/** The same questions in every run. */
const SAME = ["--generation-deterministic", "--suppress-health-check", "all"];
const LIMITS = ["--max-time", String(SECONDS), "--max-examples", "10"];
/** What needs no token with `protect = "all"`. */
const OPEN = ["/livez", "/readyz", "/openapi.json"];

let demo;

before(async () => {
  demo = await Demo.start();
  await demo.store(orders("API", 40));
  await demo.post(orders("BAD", 40, { delivery: "Main street 1" }));
  await demo.get("/get-json?id=1");
});

after(() => demo?.remove());

/** Lets the tester ask this demo; fails with what it found. */
async function examine({ url, folder }, ...limits) {
  const options = ["--config-file", CONFIG, "run", `${url}/openapi.json`, "--no-color", ...SAME, ...limits];
  const told = await promisify(execFile)(TESTER, options, { cwd: folder, maxBuffer: 1 << 26 }).then(() => undefined, ({ stdout, stderr }) => stdout + stderr);
  if (told !== undefined) assert.fail(told);
}

/** What was asked, and the status of its answer, by the tester's report. */
async function asked(report) {
  const { log } = JSON.parse(await readFile(report, "utf8"));
  return log.entries.map(({ request, response }) => ({ method: request.method, path: new URL(request.url).pathname, status: response.status }));
}

/** `GET /api/documents/{id}` as what its requests look like. */
function operations({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) => {
    const looks = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return Object.keys(item).map((method) => ({ name: `${method.toUpperCase()} ${path}`, matches: (one) => one.method === method.toUpperCase() && looks.test(one.path) }));
  });
}

test("what the OpenAPI document describes is what is answered, and nothing fails in the server", { timeout: 180_000 }, async () => {
  await examine(demo, ...LIMITS);
  const { ready, ledger } = await demo.get("/api/status");
  assert.equal(ready, true);
  assert.equal(ledger.delivered, ledger.stored + ledger.duplicate + ledger.buried + ledger.returned + ledger.in_hand);
});

test('without its token, `protect = "all"` answers 401 to every operation, however it is asked', { timeout: 180_000 }, async () => {
  const locked = await Demo.start({ "query.http.protect": "all", "query.http.token": "sesame-open-yourself" });
  try {
    await locked.store(orders("API", 3));
    await locked.post(orders("BAD", 3, { delivery: "Main street 1" }));
    const report = `${locked.folder}/report.json`;
    await examine(locked, "--phases", "examples,coverage,fuzzing", "--max-examples", "5", "--checks", "not_a_server_error", "--report-har-path", report);
    const all = await asked(report);
    const behind = operations(await locked.get("/openapi.json")).filter(({ name }) => !OPEN.includes(name.split(" ")[1]));
    assert.ok(behind.length >= 15, `${behind.length} operations`);
    assert.deepEqual(behind.filter(({ matches }) => !all.some(matches)).map(({ name }) => name), [], "not asked");
    const answered = all.filter(({ path, status }) => !OPEN.includes(path) && status !== 401);
    assert.deepEqual(answered, []);
    for (const path of [...OPEN, "/", "/app.js"]) assert.equal((await fetch(locked.url + path)).status, 200, path);
  } finally {
    await locked.remove();
  }
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
