#!/usr/bin/env bash
# The whole stack: up, stop, start, down, produce, logs. With Docker Compose where an engine answers,
# else as processes of this machine (scripts/local.sh). L0_STACK=local or compose decides otherwise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/find.sh
source scripts/find.sh

main() {
  local command=${1:-}
  case $command in
    up | stop | start | down | produce | logs) ;;
    *) fail "usage: $0 up|stop|start|down|produce|logs" ;;
  esac
  [[ -f .env ]] || make_settings
  case ${L0_STACK:-$(detect)} in
    compose) find_compose && "compose_$command" ;;
    local) exec scripts/local.sh "$command" ;;
    *) fail "L0_STACK is local or compose" ;;
  esac
}

# In one step, so that another stack that starts at the same time finds it whole.
make_settings() {
  install -m 600 .env.example ".env.$$"
  mv ".env.$$" .env
}

detect() {
  if docker info >/dev/null 2>&1 && (find_compose) 2>/dev/null; then echo compose; else echo local; fi
}

compose_up() {
  "${COMPOSE[@]}" up --build --detach
  wait_until_ready
}

compose_start() {
  "${COMPOSE[@]}" start
  wait_until_ready
}

compose_stop() { "${COMPOSE[@]}" stop; }
compose_down() { "${COMPOSE[@]}" down --volumes; }
compose_produce() { "${COMPOSE[@]}" exec -T l0-runtime l0-runtime produce; }
compose_logs() { "${COMPOSE[@]}" logs --follow; }

wait_until_ready() {
  local attempt
  for attempt in {1..120}; do
    if "${COMPOSE[@]}" exec -T l0-runtime l0-runtime health >/dev/null 2>&1; then
      echo "ready: http://$("${COMPOSE[@]}" port l0-runtime 8080)/"
      return
    fi
    sleep 0.5
  done
  "${COMPOSE[@]}" logs --tail 30 l0-runtime >&2
  fail "not ready after $((attempt / 2)) seconds"
}

main "$@"
