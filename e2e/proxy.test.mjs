// What docs/proxy.md says, through a real nginx and a real Caddy that run the configurations it shows.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { launch, visiting } from "./browser.mjs";
import { Demo, order, orders } from "./demo.mjs";
import { NAME, Proxy, program, shown } from "./proxy.mjs";

const [PAGE_TOKEN, INGEST_TOKEN] = [0, 1].map(() => randomBytes(16).toString("hex"));
const FILES = { "/run/secrets/page": PAGE_TOKEN, "/run/secrets/ingest": INGEST_TOKEN };
const MAX_BODY_BYTES = 8 << 20;

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const READER = bearer(PAGE_TOKEN);
const publishing = { method: "POST", headers: { ...bearer(INGEST_TOKEN), "Content-Type": "application/x-ndjson" } };
const errorCode = ({ text }) => JSON.parse(text).error.code;

/** `{key: value}` of the sections that the document shows, for `--set`; the ports are the demo's. */
async function shownSettings(folder) {
  const found = {};
  let section;
  for (const line of shown("What to set")[0].split("\n")) {
    section = line.match(/^\[(.+)\]$/)?.[1] ?? section;
    const [, key, value] = line.match(/^(\w+) = ("[^"]*"|\[.*?\]|\S+)/) ?? [];
    if (key && key !== "listen") found[`${section}.${key}`] = value.replaceAll(/^"|"$/g, "");
  }
  for (const section of ["query.http", "source.http"]) {
    const own = `${folder}/${section}.token`;
    await writeFile(own, FILES[found[`${section}.token_file`]]);
    found[`${section}.token_file`] = own;
  }
  return found;
}

/** The tests of a proxy that is installed. Elsewhere than in CI one that is not is said, and skipped. */
function whereInstalled(kind, tests) {
  if (program(kind)) return describe(kind, tests);
  const missing = `${kind} not found: run scripts/tools.sh --proxy`;
  if (process.env.CI === "true") return test(kind, () => assert.fail(missing));
  console.error(`SKIPPED the tests of docs/proxy.md: ${missing}`);
  return test(kind, { skip: missing }, () => {});
}

let browser;

before(async () => {
  browser = await launch(`--host-resolver-rules=MAP ${NAME} 127.0.0.1`);
});

after(() => browser?.close());

for (const kind of ["nginx", "Caddy"]) {
  whereInstalled(kind, () => {
    let demo, settings, proxy;

    before(async () => {
      demo = new Demo(await mkdtemp(`${tmpdir()}/l0-e2e-`));
      settings = await shownSettings(demo.folder);
      await demo.run(settings);
      proxy = await Proxy.start(kind, demo);
      await publish(order("FIRST"));
    });

    after(async () => {
      await proxy?.remove();
      await demo?.remove();
    });

    const publish = async (...documents) => {
      const answer = await proxy.ask("/documents", { ...publishing, body: documents.map((document) => JSON.stringify(document)).join("\n") });
      assert.equal(answer.status, 200, answer.text);
      return answer.text.trim().split("\n").map((line) => JSON.parse(line).status);
    };

    test("the page loads, takes the token, is live and writes", { timeout: 60_000 }, async () => {
      await visiting(browser, proxy.url, "/system", { ignoreHTTPSErrors: true }, async (page) => {
        await page.getByRole("heading", { name: "This page needs a token" }).waitFor();
        await page.getByLabel("Token").fill(PAGE_TOKEN);
        await page.getByRole("button", { name: "Use it" }).click();
        await page.locator("#live.live").filter({ hasText: "Live" }).waitFor();
        const written = page.waitForResponse((answer) => answer.url().endsWith("/api/produce"));
        await page.getByRole("button", { name: /^Send/ }).click();
        assert.equal((await written).status(), 200);
        await page.goto("/");
        await page.locator(".newest .rows a").nth(4).waitFor();
      });
    });

    test("probes are open, all else needs the token of its listener", async () => {
      for (const path of ["/livez", "/readyz", "/openapi.json"]) assert.equal((await proxy.ask(path)).status, 200, path);
      for (const [path, method] of [["/get-json?id=1", "GET"], ["/api/status", "GET"], ["/metrics", "GET"], ["/api/produce", "POST"]]) {
        const refused = await proxy.ask(path, { method });
        assert.deepEqual([refused.status, errorCode(refused)], [401, "unauthorized"], path);
        assert.equal((await proxy.ask(path, { method, headers: READER })).status, 200, path);
      }
      const body = JSON.stringify(order("DOOR"));
      assert.equal((await proxy.ask("/documents", { method: "POST", body })).status, 401);
      assert.equal((await proxy.ask("/documents", { method: "POST", headers: READER, body })).status, 401, "the other listener's");
      assert.deepEqual(await publish(order("DOOR")), [201]);
    });

    test("an event arrives while its connection stands", { timeout: 30_000 }, async () => {
      const events = await proxy.open("/api/events", { headers: READER });
      let seen = "";
      for await (const part of events) {
        if (seen === "") await publish(order("EVENT"));
        seen += part;
        if (seen.includes('"EVENT"')) break;
      }
      assert.match(seen, /"EVENT"/);
    });

    test("a body as large as max_body_bytes comes through, and a larger one is refused", { timeout: 60_000 }, async () => {
      const lines = orders("LARGE", 16, { entry: "ascii" }).map((document) => `${JSON.stringify(document).padEnd(MAX_BODY_BYTES / 16 - 1)}\n`);
      assert.equal(Buffer.byteLength(lines.join("")), MAX_BODY_BYTES);
      const taken = await proxy.ask("/documents", { ...publishing, body: lines.join("") });
      assert.equal(taken.status, 200, taken.text);
      assert.equal(taken.text.match(/"status":201/g)?.length, 16);
      const refused = await proxy.ask("/documents", { ...publishing, body: `${lines.join("")}\n` });
      assert.equal(refused.status, 413);
    });

    test("clients of many addresses are not held for one", { timeout: 30_000 }, async () => {
      const addresses = Array.from({ length: 20 }, (_, n) => `127.0.1.${n + 1}`);
      const streams = await Promise.all(addresses.map((from) => proxy.open("/api/events", { from, headers: READER })));
      assert.deepEqual(streams.map(({ statusCode }) => statusCode), addresses.map(() => 200));
      for (const stream of streams) stream.destroy();
    });

    test("after ten wrong tokens further wrong ones are 429, and the right one is taken", async () => {
      const statuses = [];
      for (let guess = 0; guess < 11; guess++) statuses.push((await proxy.ask("/api/status", { headers: bearer(`guess ${guess}`) })).status);
      assert.deepEqual(statuses, [...Array(10).fill(401), 429]);
      assert.equal((await proxy.ask("/api/status", { headers: READER })).status, 200);
    });

    test("it can prove the token for its users", async () => {
      const proving = await Proxy.start(kind, demo, { token: PAGE_TOKEN });
      try {
        assert.equal((await proving.ask("/api/status")).status, 200);
        const asPage = { method: "POST", headers: { Origin: proving.url, "Sec-Fetch-Site": "same-origin" } };
        assert.equal((await proving.ask("/api/produce", asPage)).status, 200);
        assert.equal((await proving.ask("/api/produce", { method: "POST", headers: { Origin: "https://evil.example" } })).status, 403);
        assert.equal((await proving.ask("/documents", { method: "POST", body: "{}" })).status, 401, "the other listener's is not proven");
      } finally {
        await proving.remove();
      }
    });

    test("without a token only programs of this machine write, and without its name in hosts nothing is read", async () => {
      await demo.stop();
      await demo.run({ "query.http.hosts": settings["query.http.hosts"] });
      assert.equal((await proxy.ask("/api/status")).status, 200);
      for (const path of ["/api/produce", "/documents"]) {
        const refused = await proxy.ask(path, { method: "POST", body: JSON.stringify(order("NO-TOKEN")) });
        assert.deepEqual([refused.status, errorCode(refused)], [403, "forbidden"], path);
      }
      assert.equal((await fetch(`${demo.url}/api/produce`, { method: "POST" })).status, 200);
      await demo.store([order("NO-TOKEN")]);

      await demo.stop();
      await demo.run();
      for (const path of ["/", "/api/status", "/get-json?id=1"]) {
        const refused = await proxy.ask(path);
        assert.deepEqual([refused.status, errorCode(refused)], [403, "forbidden"], path);
      }
      assert.equal((await proxy.ask("/readyz")).status, 200, "probes answer under every name");
    });

    if (kind === "nginx") {
      const limit = (words) => Number(shown(kind)[0].match(new RegExp(`${words}(\\d+)`))[1]);

      test("it limits the connections of one client", { timeout: 30_000 }, async () => {
        const from = "127.0.2.1";
        const taken = Array.from({ length: limit("limit_conn l0_connections ") }, () => proxy.beginPost("/documents", { from }));
        const held = await Promise.all(taken);
        assert.equal((await proxy.ask("/livez", { from })).status, 503);
        assert.equal((await proxy.ask("/livez")).status, 200, "another client");
        for (const request of held) request.destroy();
      });

      test("it limits the requests of one client", { timeout: 30_000 }, async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const client = { from: "127.0.2.2", agent };
        for (let n = 0; n < limit("burst="); n++) assert.equal((await proxy.ask("/livez", client)).status, 200);
        let attempts = 0;
        while ((await proxy.ask("/livez", client)).status !== 503) assert.ok(++attempts < 10_000, "requests beyond the burst are answered");
        assert.equal((await proxy.ask("/livez")).status, 200, "another client");
        agent.destroy();
      });
    }
  });
}
