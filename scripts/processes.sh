# shellcheck shell=bash
# Processes in the background, each with a pid file and a log below $STATE. Sourced by local.sh.

start_process() {
  local name=$1
  shift
  setsid nohup "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 &
  echo $! >"$STATE/run/$name.pid"
}

# The number alone may have gone to a stranger: the process must also have the name. One that has
# ended (Z) may still wait to be taken note of.
is_running() {
  local name=$1 pid
  pid=$(cat "$STATE/run/$name.pid" 2>/dev/null) || return 1
  [[ $(cat "/proc/$pid/stat" 2>/dev/null) == "$pid ($name) "[!ZX]* ]]
}

# Waits until the command succeeds, and not longer than the process lives.
wait_for() {
  local name=$1
  shift
  for _ in {1..600}; do
    "$@" >/dev/null 2>&1 && return
    # The first look may come before `setsid` has become the program.
    kill -0 "$(cat "$STATE/run/$name.pid")" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 30 "$STATE/log/$name.log" >&2
  fail "$name did not become ready; its log is $STATE/log/$name.log"
}

stop_process() {
  local name=$1 seconds=$2 pid
  if is_running "$name"; then
    pid=$(cat "$STATE/run/$name.pid")
    kill -TERM "$pid"
    for ((tenth = 0; tenth < seconds * 10; tenth++)); do
      is_running "$name" || break
      sleep 0.1
    done
    if is_running "$name"; then
      echo "warning: $name did not end within $seconds s and is killed" >&2
      kill -KILL "$pid"
    fi
  fi
  rm -f "$STATE/run/$name.pid"
}

check_port() {
  local port=${!1}
  if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "port $port is taken: set $1 in .env to a free one"
  fi
}
