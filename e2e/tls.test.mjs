// The page over TLS of its own: what a browser does otherwise there.

import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, before, test } from "node:test";
import { launch, visiting } from "./browser.mjs";
import { certify } from "./certificate.mjs";
import { Demo, order } from "./demo.mjs";

const NAME = "orders.example";

let browser, demo;

before(async () => {
  demo = new Demo(await mkdtemp(`${tmpdir()}/l0-e2e-`));
  await certify(demo.folder, NAME);
  await demo.run({
    "query.http.hosts": `["${NAME}"]`,
    "query.http.tls_cert_file": `${demo.folder}/certificate.pem`,
    "query.http.tls_key_file": `${demo.folder}/key.pem`,
  });
  browser = await launch(`--host-resolver-rules=MAP ${NAME} 127.0.0.1`);
});

after(async () => {
  await browser?.close();
  await demo?.remove();
});

test("the page loads over https, is live, writes, and shows what arrives", { timeout: 60_000 }, async () => {
  assert.match(demo.url, /^https:/);
  await demo.store([order("FIRST")]);
  const url = `https://${NAME}:${new URL(demo.url).port}`;
  await visiting(browser, url, "/system", { ignoreHTTPSErrors: true }, async (page) => {
    await page.locator("#live.live").filter({ hasText: "Live" }).waitFor();
    const written = page.waitForResponse((answer) => answer.url() === `${url}/api/produce`);
    await page.getByRole("button", { name: /^Send/ }).click();
    assert.equal((await written).status(), 200);
    await page.goto("/");
    await page.locator(".newest .rows a").nth(5).waitFor();
    await demo.store([order("ARRIVES")]);
    await page.locator(".newest .rows a", { hasText: "ARRIVES" }).waitFor();
  });
});
