// Whether the pipeline works, asked every 5 seconds while the page is seen.

const EVERY = 5000;
const TIMEOUT = 4000;

/** Calls `changed` with {kind: "ready"}, {kind: "unready", reasons} or {kind: "gone", since}. */
export function watchReadiness(changed) {
  let answered = new Date();
  let timer;

  async function look() {
    clearTimeout(timer);
    const seen = await readiness();
    if (seen) answered = new Date();
    changed(seen ?? { kind: "gone", since: answered });
    clearTimeout(timer);
    timer = setTimeout(look, EVERY);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  look();
}

async function readiness() {
  try {
    const response = await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    const { ready, reasons = [] } = await response.json();
    return ready ? { kind: "ready" } : { kind: "unready", reasons };
  } catch {
    return undefined;
  }
}
