// nginx and Caddy with the configurations that docs/proxy.md shows: only addresses, ports and paths are replaced.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { certify } from "./certificate.mjs";
import { read } from "./settings.mjs";
import { freePort } from "./stack.mjs";

/** The proxy's name in the document. */
export const NAME = "orders.example";

const document = await read("docs/proxy.md");

/** The blocks of code below a heading of the document. */
export function shown(heading) {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section, `no section ${heading}`);
  return [...section.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, block]) => block);
}

/** The text with each `[from, to]` replaced; each must be there, once. */
function replaced(text, ...changes) {
  return changes.reduce((result, [from, to]) => {
    assert.equal(result.split(from).length, 2, `\`${from}\` once in\n${result}`);
    return result.replace(from, () => to);
  }, text);
}

/** What lets the same block, with lines of the document that it tells to add, prove the token for its users. */
const PROVING = {
  nginx: (site, block, token) => replaced(site, [site.match(/^ {4}location \/ \{.*?^ {4}\}\n/ms)[0], replaced(block, ["TOKEN", token])]),
  Caddy: (site, block, token) => replaced(site, ["        reverse_proxy 127.0.0.1:8080\n", replaced(block, ["TOKEN", token])]),
};

function nginx({ site, folder, port }) {
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const own = replaced(
    site,
    ["listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`],
    [`/etc/ssl/${NAME}.pem`, `${folder}/certificate.pem`],
    [`/etc/ssl/${NAME}.key`, `${folder}/key.pem`],
  );
  return {
    config: `daemon off;\npid ${folder}/pid;\nerror_log stderr notice;\nevents {}\nhttp {\naccess_log off;\n${places.join("\n")}\n${own}}\n`,
    options: ["-e", "stderr", "-p", folder, "-c", `${folder}/config`],
    ready: /start worker process \d/,
  };
}

function caddy({ site, folder, port, redirects }) {
  const global = `{\nadmin off\ndefault_bind 127.0.0.1\nhttp_port ${redirects}\nhttps_port ${port}\n}\n`;
  return {
    config: global + replaced(site, [`${NAME} {`, `${NAME} {\ntls ${folder}/certificate.pem ${folder}/key.pem`]),
    options: ["run", "--adapter", "caddyfile", "--config", `${folder}/config`],
    ready: /serving initial configuration/,
  };
}

const KINDS = { nginx: { program: "nginx", setup: nginx }, Caddy: { program: "caddy", setup: caddy } };

/** The program of a proxy: that of `NGINX` or `CADDY`, else of `PATH`, or where Debian has it. */
export function program(kind) {
  const { program: name } = KINDS[kind];
  const given = process.env[name.toUpperCase()];
  const places = given ? [given] : [...process.env.PATH.split(":"), "/usr/sbin"].map((folder) => `${folder}/${name}`);
  return places.find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export class Proxy {
  /** One before this demo; with `token` it proves that for its users, as the document tells. */
  static async start(kind, demo, { token } = {}) {
    const folder = await mkdtemp(`${tmpdir()}/l0-proxy-`);
    await chmod(folder, 0o755); // nginx' worker is another user.
    await certify(folder, NAME);
    const proxy = new Proxy(folder, await freePort());
    proxy.certificate = await readFile(`${folder}/certificate.pem`);
    await proxy.run(kind, demo, token);
    return proxy;
  }

  constructor(folder, port) {
    Object.assign(this, { folder, port, host: `${NAME}:${port}`, url: `https://${NAME}:${port}` });
  }

  async run(kind, demo, token) {
    const [plain, addition] = shown(kind);
    const site = replaced(token ? PROVING[kind](plain, addition, token) : plain, ["127.0.0.1:8080", demo.listen], ["127.0.0.1:8090", demo.ingest]);
    const { config, options, ready } = KINDS[kind].setup({ ...this, site, redirects: await freePort() });
    await writeFile(`${this.folder}/config`, config);
    const home = { HOME: this.folder, XDG_DATA_HOME: this.folder, XDG_CONFIG_HOME: this.folder };
    this.process = spawn(program(kind), options, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...home } });
    const said = [];
    for await (const line of createInterface(this.process.stderr)) {
      said.push(line);
      if (ready.test(line)) return this.process.stderr.resume();
    }
    assert.fail(`${kind} does not start:\n${said.join("\n")}`);
  }

  /** Ends it and deletes its files. */
  async remove() {
    if (this.process.exitCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    await rm(this.folder, { recursive: true });
  }

  /** A request through the proxy, not yet ended, from another address of this machine if `from` says so. */
  request(path, { method = "GET", from, headers = {}, ...options } = {}) {
    const way = { host: "127.0.0.1", port: this.port, servername: NAME, ca: this.certificate, localAddress: from };
    return request({ ...way, method, path, headers: { Host: this.host, ...headers }, ...options });
  }

  /** A request whose body never comes, once the proxy waits for it: it has passed the limits then. */
  async beginPost(path, options) {
    const headers = { "Content-Length": 2, Expect: "100-continue" };
    const request = this.request(path, { ...options, method: "POST", agent: false, headers });
    request.flushHeaders();
    await once(request, "continue");
    return request.on("error", () => {});
  }

  /** The answer once its head is there; its body is still to be read. */
  async open(path, { body, ...options } = {}) {
    const [answer] = await once(this.request(path, { agent: false, ...options }).end(body), "response");
    return answer.setEncoding("utf8");
  }

  /** The whole answer: its status and its text. */
  async ask(path, options) {
    const answer = await this.open(path, options);
    let text = "";
    for await (const part of answer) text += part;
    return { status: answer.statusCode, text };
  }
}
