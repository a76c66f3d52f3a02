// Bytes as people read them: place, hex, and the characters that can be printed.

const WIDTH = 8;

/** `0000  7b 22 6f 72 64 65 72 5f  {"order_`, one line for eight bytes. */
export function hexLines(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += WIDTH) lines.push(line(at, bytes.subarray(at, at + WIDTH)));
  return lines;
}

function line(at, bytes) {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${at.toString(16).padStart(4, "0")}  ${hex.padEnd(WIDTH * 3 - 1)}  ${Array.from(bytes, printable).join("")}`;
}

function printable(byte) {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
