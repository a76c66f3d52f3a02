#!/usr/bin/env bash
# The stack as processes of this machine: nats-server, Postgres and l0-runtime, each with a log.
# Everything it keeps is below L0_STATE (.local).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/find.sh
source scripts/find.sh
# shellcheck source=scripts/settings.sh
source scripts/settings.sh
# shellcheck source=scripts/processes.sh
source scripts/processes.sh
# shellcheck source=scripts/postgres.sh
source scripts/postgres.sh

STATE=$PWD/.local
[[ -z ${L0_STATE:-} ]] || STATE=$(realpath -m "$L0_STATE")
BINARY=target/debug/l0-runtime

main() {
  read_settings .env
  read_settings .env.example
  "local_$1"
}

local_up() {
  check_host PG_HOST
  check_host NATS_HOST
  scripts/tools.sh
  cargo build --quiet --locked --package l0-runtime
  mkdir -p "$STATE/log" "$STATE/run"
  start_nats
  start_postgres
  "$BINARY" migrate
  start_runtime
  echo "ready: http://$HTTP_HOST:$FRONTEND_PORT/"
}

local_start() { local_up; }

local_stop() {
  stop_process l0-runtime $((WORKER_SHUTDOWN_TIME_SECONDS + 5))
  stop_process nats-server 30
  stop_postgres
}

local_down() {
  local_stop
  remove_postgres
  rm -rf "$STATE/nats" "$STATE/log" "$STATE/run"
  [[ ! -d $STATE ]] || rmdir --ignore-fail-on-non-empty "$STATE"
}

local_produce() {
  cargo build --quiet --locked --package l0-runtime
  "$BINARY" produce
}

local_logs() { exec tail -n 100 -F "$STATE"/log/*.log; }

start_nats() {
  is_running nats-server && return
  check_port NATS_PORT
  start_process nats-server "$(find_nats_server)" --config nats-server.conf \
    --addr 127.0.0.1 --port "$NATS_PORT" --jetstream --store_dir "$STATE/nats"
  wait_for nats-server nats_answers
}

nats_answers() {
  local greeting
  { read -r -t 1 greeting <"/dev/tcp/127.0.0.1/$NATS_PORT"; } 2>/dev/null && [[ $greeting == INFO* ]]
}

start_runtime() {
  is_running l0-runtime && return
  check_port FRONTEND_PORT
  start_process l0-runtime "$BINARY" run
  wait_for l0-runtime "$BINARY" health
}

# Services of this machine are found at no other address.
check_host() {
  [[ ${!1} == localhost || ${!1} == 127.0.0.1 ]] || fail "$1 is ${!1}: the local stack needs localhost"
}

main "$@"
