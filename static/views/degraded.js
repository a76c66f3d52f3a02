// What goes wrong while the pipeline works.

/** Whether the pipeline works and a rule of the database refuses documents; a stage that cannot work says more. */
export function isDegraded(status) {
  return status.reasons.length === 0 && rulesOf(status).length > 0;
}

/** The rules that refuse documents, or keep parts of them out; a server before this page tells of none. */
export function rulesOf({ degraded }) {
  return degraded ?? [];
}
