/** A server before this page does not tell. */
export function programOf(status) {
  return status?.program || "l0-runtime";
}
