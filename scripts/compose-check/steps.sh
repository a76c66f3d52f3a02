# shellcheck shell=bash
# What is looked at, each step with a line of its own. Sourced by compose-check.sh, which sets COMPOSE, LOG and STEP.

all_steps() {
  step "up: the images are built, and the stack answers" stack up
  step "nats, postgres and l0-runtime are healthy" all_healthy
  step "nats-server syncs each message before it confirms it" syncs_always
  step "five orders are stored: a Miss, then a Hit" five_orders
  step "the root is read-only, the user is nobody and has no capability" is_confined
  step "stop: all ends by itself and in time" stops
  step "start: the order is there as it was, a Miss again" starts
  step "the broker is stopped with messages waiting, and they are stored afterwards" broker_stopped
  step "the broker is restarted under the running pipeline, which stores what comes next" broker_restarted
  step "SIGTERM in the middle of 5,000 orders: in time, and none is lost" stopped_at_work
  step "down and up: the volumes keep the data" down_and_up
  step "down: nothing of it is left" removed
}

step() {
  local started=$SECONDS
  STEP=$1
  shift
  "$@"
  echo "ok  $STEP ($((SECONDS - started)) s)"
}

stack() { scripts/stack.sh "$@" >>"$LOG" 2>&1 </dev/null; }
compose() { "${COMPOSE[@]}" "$@" </dev/null; }
quietly() { compose "$@" >>"$LOG" 2>&1; }

ours() { docker "$1" ls --quiet "${@:2}" --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"; }
container() { ours container --all --filter "label=com.docker.compose.service=$1"; }
inspect() { docker inspect --format "$2" "$(container "$1")"; }

# Until the command succeeds, at most a minute.
await() {
  local what=$1 deadline=$((SECONDS + 60))
  shift
  while ((SECONDS < deadline)); do
    "$@" && return
    sleep 0.2
  done
  fail "not within a minute: $what"
}

expect() {
  local expected=$1 found
  shift
  found=$("$@")
  [[ $found == "$expected" ]] || fail "$*: $found, not $expected"
}

is_healthy() { [[ $(inspect "$1" '{{.State.Health.Status}}') == healthy ]]; }

all_healthy() {
  local service
  for service in nats postgres l0-runtime; do await "$service is healthy" is_healthy "$service"; done
}

monitoring() { compose exec -T nats wget -q -O - "http://127.0.0.1:8222/$1"; }
syncs_always() { monitoring varz | grep -q '"sync_always": true' || fail "sync_interval is not always"; }
waiting() { monitoring jsz | sed -n 's/^  "messages": \([0-9]*\).*/\1/p'; }
stored() { compose exec -T postgres psql -U "$PG_USER_ADMIN" -d "$PG_DATABASE" -Atc 'SELECT count(*) FROM orders'; }
has_stored() { [[ $(stored) == "$1" ]]; }

# Status and X-Cache-Status; the document itself goes to a file.
document() {
  curl --silent --noproxy '*' --max-time 10 --output "$scratch/document" \
    --write-out '%{http_code} %header{x-cache-status}' "http://127.0.0.1:$FRONTEND_PORT/get-json?id=$1"
}

five_orders() {
  stack produce
  await "five orders are stored" has_stored 5
  miss_and_hit
  cp "$scratch/document" "$scratch/first"
}

miss_and_hit() {
  expect "200 Miss" document 1
  expect "200 Hit" document 1
}

is_as_it_was() {
  miss_and_hit
  cmp "$scratch/first" "$scratch/document" || fail "the order is another"
}

is_confined() {
  local status said
  status=$(compose exec -T l0-runtime cat /proc/1/status | tr '\t' ' ')
  for said in 'Uid: 10001' 'NoNewPrivs: 1' 'CapPrm: 0000000000000000' 'CapEff: 0000000000000000' \
    'CapBnd: 0000000000000000'; do
    grep -q "^$said" <<<"$status" || fail "no $said of the process: $status"
  done
  # As root of the container, whom only a read-only root keeps from writing.
  said=$(compose exec -T -u 0 l0-runtime touch /written 2>&1) && fail "the root can be written to"
  [[ $said == *"Read-only file system"* ]] || fail "touch: $said"
}

stops() {
  stack stop
  ended_in_time l0-runtime
  ended_in_time nats
  ended_in_time postgres
}

# 137 is that of a process that was killed when its time was over.
ended_in_time() {
  expect exited inspect "$1" '{{.State.Status}}'
  [[ $(inspect "$1" '{{.State.ExitCode}}') =~ ^(0|1)$ ]] || fail "$1 ended with $(inspect "$1" '{{.State.ExitCode}}')"
}

starts() {
  stack start
  all_healthy
  is_as_it_was
}

broker_stopped() {
  quietly stop l0-runtime
  publish 5
  expect 5 waiting
  quietly stop nats
  expect exited inspect nats '{{.State.Status}}'
  quietly start nats
  await "nats is healthy" is_healthy nats
  expect 5 waiting
  quietly start l0-runtime
  await "ten orders are stored" has_stored 10
}

# By a container of its own, for the pipeline's does not run.
publish() { quietly run --rm --no-deps -T l0-runtime produce --count "$1"; }

broker_restarted() {
  quietly restart nats
  await "nats is healthy" is_healthy nats
  await "l0-runtime is ready" quietly exec -T l0-runtime l0-runtime health
  stack produce
  await "fifteen orders are stored" has_stored 15
}

stopped_at_work() {
  local started
  quietly stop l0-runtime
  publish 5000
  quietly start l0-runtime
  await "some of them are stored" has_more_than 15
  started=$SECONDS
  quietly stop l0-runtime
  ((SECONDS - started < $(inspect l0-runtime '{{.Config.StopTimeout}}'))) || fail "not within stop_grace_period"
  expect 0 inspect l0-runtime '{{.State.ExitCode}}'
  expect 5015 accounted_for
  quietly start l0-runtime
  await "all of them are stored" has_stored 5015
}

has_more_than() { (($(stored) > $1)); }
accounted_for() { echo $(($(stored) + $(waiting))); }

down_and_up() {
  quietly down
  stack up
  is_as_it_was
  expect 5015 stored
}

removed() {
  stack down
  [[ -z $(ours container --all) ]] || fail "a container is left"
  [[ -z $(ours volume) ]] || fail "a volume is left"
  [[ -z $(ours network) ]] || fail "a network is left"
}
