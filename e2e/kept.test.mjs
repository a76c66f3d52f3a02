// A table that keeps no documents: the answer says so, and the page shows the card alone.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, shoot, visit } from "./browser.mjs";
import { BINARY } from "./demo.mjs";
import { ROOT } from "./settings.mjs";

const CONFIG = `
[pipeline]
name = "visits"
workers = 1
[source.file]
path = "visits.jsonl"
[sink.sqlite]
path = "visits.db"
migrations = "sql"
[sink.sqlite.table]
name = "visits"
id = "id"
key = "number"
stored = "stored_at"
[sink.sqlite.table.columns]
number = "/number"
fee = "/fee"
[query.http]
listen = "127.0.0.1:0"
`;
const TABLE = `CREATE TABLE visits (id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, fee NUMERIC(10,2),
  stored_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP);`;

let browser, folder, runtime, url;

before(async () => {
  browser = await launch();
  folder = await mkdtemp(`${tmpdir()}/l0-e2e-`);
  await mkdir(`${folder}/sql`);
  await writeFile(`${folder}/pipeline.toml`, CONFIG);
  await writeFile(`${folder}/sql/0001_visits.sql`, TABLE);
  await copyFile(fileURLToPath(new URL("examples/sensors/sql/0002_dead_letters.sql", ROOT)), `${folder}/sql/0002_dead_letters.sql`);
  await writeFile(`${folder}/visits.jsonl`, '{"number":"V/1","fee":12.5}\n{"number":"V/2"}\n');
  runtime = spawn(BINARY, ["run", "-c", `${folder}/pipeline.toml`], { stdio: ["ignore", "ignore", "pipe"] });
  const said = [];
  let stored;
  for await (const line of createInterface(runtime.stderr)) {
    said.push(line);
    url ??= line.match(/listening url="([^"]+)"/)?.[1];
    stored ||= line.includes("stored 1");
    if (url && stored) break;
  }
  assert.ok(url && stored, said.join("\n"));
  runtime.stderr.resume();
});

after(async () => {
  await browser?.close();
  if (runtime && runtime.exitCode === null) {
    runtime.kill("SIGINT");
    await once(runtime, "exit");
  }
  if (folder) await rm(folder, { recursive: true });
});

test("a document that is not kept is a 404 that says so, and its row has its data", async () => {
  const answer = await fetch(new URL("/get-json?id=1", url));
  assert.equal(answer.status, 404);
  assert.equal((await answer.json()).error.code, "documents_not_kept");
  const row = await (await fetch(new URL("/api/documents/1", url))).json();
  assert.deepEqual([row.id, row.key, row.document], [1, "V/1", null]);
});

test("the page shows the row as a card, without JSON beside it", { timeout: 60_000 }, async () => {
  const visitor = await visit(browser, url, "/?id=1");
  try {
    await visitor.page.getByRole("heading", { name: "V/1" }).waitFor();
    await visitor.page.locator(".trace", { hasText: /stored/i }).waitFor();
    assert.equal(await visitor.page.locator(".document .panel").count(), 1);
    await shoot(visitor.page, "state-row-alone.png");
  } finally {
    await visitor.close();
  }
});

test("a row that is not there is nothing", { timeout: 60_000 }, async () => {
  const visitor = await visit(browser, url, "/?id=99");
  try {
    await visitor.page.getByRole("heading", { name: /99/ }).first().waitFor();
    assert.equal(await visitor.page.locator(".trace").count(), 0);
  } finally {
    await visitor.close();
  }
});
