// What the binary is called, for commands that can be typed as they stand.

/** A server before this page does not tell. */
export function programOf(status) {
  return status?.program || "l0-runtime";
}
