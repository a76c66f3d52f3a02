// The server's time, which moves on between two statuses.

import { useEffect, useMemo, useState } from "../vendor/preact.js";

/** The time of the server in ms, once a second; it stands still when the server is gone. */
export function useServerNow(status, live) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const read = useMemo(() => (status ? { server: Date.parse(status.now), here: Date.now() } : undefined), [status]);
  if (!read) return Date.now();
  return live === "stale" ? read.server : read.server + (Date.now() - read.here);
}
