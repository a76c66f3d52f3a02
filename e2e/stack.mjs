// One stack of `make up` without Docker: its settings, its commands, what it leaves behind.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir, readlink, stat } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ROOT, exampleSettings } from "./settings.mjs";

const PORTS = ["NATS_PORT", "PG_PORT", "FRONTEND_PORT"];
/** Below the ports of the other tests and of outgoing connections. */
const FIRST_PORT = 12_000;
const PORT_COUNT = 4_000;
const given = new Set();

const run = promisify(execFile);

export class Stack {
  /** A stack with this folder of its own, and ports that are free at present. */
  static async at(state) {
    const settings = await exampleSettings();
    for (const name of PORTS) settings[name] = String(await freePort());
    return new Stack(state, settings);
  }

  constructor(state, settings) {
    this.state = state;
    this.ports = PORTS.map((name) => Number(settings[name]));
    this.url = `http://127.0.0.1:${settings.FRONTEND_PORT}`;
    const inherited = Object.entries(process.env).filter(([name]) => !/^(MAKE|MFLAGS)/.test(name));
    this.environment = { ...Object.fromEntries(inherited), ...settings, L0_STACK: "local", L0_STATE: state };
  }

  /** A target of the Makefile, as a user calls it. */
  async make(target) {
    return this.run("make", "--no-print-directory", target);
  }

  /** A command of scripts/local.sh: as `make`, without an `.env` for the next time. */
  async local(command) {
    return this.run("scripts/local.sh", command);
  }

  async run(program, ...options) {
    const { stdout, stderr } = await run(program, options, { cwd: fileURLToPath(ROOT), env: this.environment, timeout: 120_000 });
    return stdout + stderr;
  }

  /** The answer for a document: status, `X-Cache-Status`, JSON. */
  async document(id) {
    const answer = await fetch(`${this.url}/get-json?id=${id}`);
    return { status: answer.status, cache: answer.headers.get("x-cache-status"), json: await answer.json() };
  }

  /** Answers once the document is stored, which no event tells. */
  async untilStored(id) {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await rest(20)) {
      const answer = await this.document(id);
      if (answer.status === 200) return answer;
    }
    assert.fail(`document ${id} is not stored`);
  }

  /** The command lines of everything that was started with this stack's folder. */
  async processes() {
    const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const found = await Promise.all(ids.map((id) => this.commandOf(id)));
    return found.filter((command) => command !== undefined);
  }

  async commandOf(id) {
    const look = (file) => readFile(`/proc/${id}/${file}`, "utf8").catch(() => "");
    const environment = (await look("environ")).split("\0");
    return environment.includes(`L0_STATE=${this.state}`) ? (await look("cmdline")).replaceAll("\0", " ") : undefined;
  }

  /** Sends this to a subject of nats-server, and knows that it has arrived. */
  async publish(subject, body) {
    const socket = connect(this.ports[0], "127.0.0.1").setEncoding("utf8");
    socket.write(`CONNECT {"verbose":false}\r\nPUB ${subject} ${Buffer.byteLength(body)}\r\n${body}\r\nPING\r\n`);
    for await (const said of socket) if (said.includes("PONG")) break;
  }

  /** Stops Postgres alone, under the hands of the runtime. `up` starts it again. */
  async stopPostgres() {
    const file = `${await this.postgresHome()}/data/postmaster.pid`;
    const [pid] = (await readFile(file, "utf8")).split("\n");
    process.kill(Number(pid), "SIGINT");
    for (const deadline = Date.now() + 20_000; await exists(file); await rest(20)) assert.ok(Date.now() < deadline, "Postgres does not stop");
  }

  async openPorts() {
    const open = await Promise.all(this.ports.map(isOpen));
    return this.ports.filter((_, index) => open[index]);
  }

  /** Where Postgres' data are; elsewhere if its user does not reach the stack's folder. */
  postgresHome() {
    return readlink(`${this.state}/postgres`).catch(() => `${this.state}/postgres`);
  }
}

export const exists = (path) => stat(path).then(() => true, () => false);

export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT);
    if (given.has(port) || (await isOpen(port))) continue;
    given.add(port);
    return port;
  }
}

async function isOpen(port) {
  const socket = connect(port, "127.0.0.1");
  const connected = await once(socket, "connect").then(() => true, () => false);
  socket.destroy();
  return connected;
}
