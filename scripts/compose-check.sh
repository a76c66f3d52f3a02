#!/usr/bin/env bash
# docker-compose.yml on a real engine: starts the stack, feeds it, stops it, and looks whether it keeps what it says.
# Uses the engine that answers, with the images of its registry. Where none answers, root starts one in namespaces of
# its own, with stand-ins for the images (compose-check/images.sh). What was made is removed in both cases.
# L0_BINARY names the binary for the stand-in, else it is the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/find.sh
source scripts/find.sh
# shellcheck source=scripts/settings.sh
source scripts/settings.sh
# shellcheck source=scripts/compose-check/images.sh
source scripts/compose-check/images.sh
# shellcheck source=scripts/compose-check/engine.sh
source scripts/compose-check/engine.sh
# shellcheck source=scripts/compose-check/steps.sh
source scripts/compose-check/steps.sh

main() {
  case ${1:-} in
    "") if docker info >/dev/null 2>&1; then check; else with_own_engine; fi ;;
    --inside) inside "$2" ;;
    *) fail "usage: $0" ;;
  esac
}

check() {
  find_compose
  scratch=$(mktemp -d)
  LOG=$scratch/log STEP="the settings" HAD_SETTINGS=$([[ -f .env ]] && echo yes || true)
  export COMPOSE_PROJECT_NAME=l0-compose-check-$(basename "$scratch" | tr -cd '[:alnum:]' | tr '[:upper:]' '[:lower:]')
  export L0_STACK=compose
  trap 'clean_up $?' EXIT
  use_own_settings
  all_steps
}

# Our project alone: its containers, networks and volumes.
clean_up() {
  trap - EXIT
  [[ $1 == 0 ]] || tell_failure
  compose down --volumes --remove-orphans >/dev/null 2>&1 || echo "warning: $COMPOSE_PROJECT_NAME was not removed" >&2
  [[ -n $HAD_SETTINGS ]] || rm -f .env
  rm -rf "$scratch"
  exit "$1"
}

tell_failure() {
  echo "FAILED: $STEP" >&2
  tail -n 40 "$LOG" >&2
  compose logs --tail 20 >&2 || true
}

main "$@"
