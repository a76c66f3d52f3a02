// An `l0-runtime demo` with a file and ports of its own: started, killed, started again.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ROOT, read } from "./settings.mjs";

export const BINARY = process.env.L0_BINARY ?? fileURLToPath(new URL("target/debug/l0-runtime", ROOT));
export const SAMPLE = JSON.parse(await read("schemas/order.sample.json"));

const FREE = "127.0.0.1:0";
/** Holds the one place of a writer of a SQLite file until its input ends. */
const WRITER = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin immediate")
print("held", flush=True)
sys.stdin.read()`;
const run = promisify(execFile);

export class Demo {
  /** A demo that is ready; `settings` is `{key: value}` for `--set`. */
  static async start(settings = {}) {
    const demo = new Demo(await mkdtemp(`${tmpdir()}/l0-e2e-`));
    await demo.run(settings);
    return demo;
  }

  constructor(folder) {
    this.folder = folder;
    this.listen = this.ingest = FREE;
  }

  get url() {
    return `${this.scheme}://${this.listen}`;
  }

  /** Runs on the same file and the same ports as before. */
  async run(settings = {}) {
    const values = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    const options = ["--data", `${this.folder}/orders.db`, "--listen", this.listen, "--ingest", this.ingest, ...values];
    this.process = spawn(BINARY, ["demo", ...options], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, TMPDIR: this.folder }, // What a killed one leaves behind goes with the folder.
    });
    const said = [];
    let page, ingest;
    for await (const line of createInterface(this.process.stderr)) {
      said.push(line);
      page ??= line.match(/listening url="(https?):\/\/([^/]+)/);
      ingest ??= line.match(/accepts documents at http:\/\/([^/]+)/)?.[1];
      if (page && ingest) break;
    }
    assert.ok(page && ingest, said.join("\n"));
    this.process.stderr.resume();
    Object.assign(this, { scheme: page[1], listen: page[2], ingest });
  }

  /** Ends it; answers its exit code, null after a kill. */
  async stop(signal = "SIGINT") {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    this.process.kill(signal);
    const [code] = await once(this.process, "exit");
    return code;
  }

  kill() {
    return this.stop("SIGKILL");
  }

  /** Ends it and deletes its file. */
  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }

  /** Posts the documents, each an object or the line itself, and answers what the server said of each. */
  async post(documents) {
    const lines = documents.map((document) => (typeof document === "string" ? document : JSON.stringify(document)));
    const answer = await fetch(`http://${this.ingest}/documents`, { method: "POST", headers: { "Content-Type": "application/x-ndjson" }, body: lines.join("\n") });
    assert.equal(answer.status, 200);
    return (await answer.text()).trim().split("\n").map((line) => JSON.parse(line));
  }

  /** Posts the documents and answers their ids: each must be stored. */
  async store(documents) {
    const answers = await this.post(documents);
    return answers.map(({ status, id, error }) => {
      assert.equal(status, 201, error?.message);
      return id;
    });
  }

  /** Keeps the database from being written until the function that this answers is called. */
  async holdWrites() {
    const other = spawn("python3", ["-c", WRITER, `${this.folder}/orders.db`], { stdio: ["pipe", "pipe", "inherit"] });
    await once(other.stdout, "data");
    return async () => {
      other.stdin.end();
      await once(other, "exit");
    };
  }

  /** Five orders as `l0-runtime produce` makes them. */
  produce() {
    return run(BINARY, ["produce", "--demo", "--ingest", this.ingest]);
  }

  async get(path) {
    return (await fetch(this.url + path)).json();
  }

  /** Its resident memory in MiB. */
  async memory() {
    const status = await readFile(`/proc/${this.process.pid}/status`, "utf8");
    return Number(status.match(/^VmRSS:\s+(\d+) kB$/m)[1]) / 1024;
  }
}

/** An order of its own key with these fields changed. */
export function order(key, changes = {}) {
  return { ...SAMPLE, track_number: key, ...changes };
}

/** Orders `name-0`, `name-1`, … */
export function orders(name, count, changes) {
  return Array.from({ length: count }, (_, n) => order(`${name}-${n}`, changes));
}
