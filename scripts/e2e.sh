#!/usr/bin/env bash
# The tests in e2e/: the page in a real browser, on a stack of its own with five orders and on demos; the API by its
# description; nginx and Caddy before it; `make up` from nothing, twice at once; the Compose file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/find.sh
source scripts/find.sh
# shellcheck source=scripts/settings.sh
source scripts/settings.sh

main() {
  command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or newer"
  CHROMIUM=$(find_chromium) || fail "chromium is missing: run scripts/tools.sh --browser"
  export CHROMIUM
  # Where one is missing its tests say so; with CI=true they fail.
  NGINX=$(find_nginx) || true
  CADDY=$(find_caddy) || true
  export NGINX CADDY
  scripts/tools.sh --fuzz
  npm --prefix e2e ci --silent --no-audit --no-fund
  use_own_settings
  export L0_STATE=.local/e2e
  trap 'scripts/local.sh down' EXIT
  scripts/local.sh down
  scripts/local.sh up
  scripts/local.sh produce
  export L0_URL=http://127.0.0.1:$FRONTEND_PORT
  local others
  mapfile -t others < <(find e2e -maxdepth 1 -name '*.test.mjs' ! -name load.test.mjs | sort)
  node --test --test-concurrency=2 "${others[@]}"
  node --test e2e/load.test.mjs # What it measures is measured alone.
}

main "$@"
