import { execFile } from "node:child_process";
import { promisify } from "node:util";

const OPTIONS = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

/** Makes `certificate.pem` and `key.pem` in the folder: a self-signed certificate for this name. */
export async function certify(folder, name) {
  const files = ["-keyout", `${folder}/key.pem`, "-out", `${folder}/certificate.pem`];
  await promisify(execFile)("openssl", ["req", ...OPTIONS, "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, ...files]);
}
