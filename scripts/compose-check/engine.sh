# shellcheck shell=bash
# A Docker Engine of our own. Its processes, mounts, network and firewall are in namespaces that end with it; its data is
# in a folder that is removed. Sourced by compose-check.sh.

with_own_engine() {
  [[ $EUID == 0 ]] || fail "no Docker Engine answers, and only root can start one"
  scripts/tools.sh --compose
  folder=$(mktemp -d /var/tmp/l0-compose-check.XXXXXX)
  trap 'rm -rf "$folder"' EXIT
  echo "no Docker Engine answers: one of our own, with stand-ins for the images"
  prepare_images "$folder"
  unshare --net --pid --fork --kill-child --mount-proc scripts/compose-check.sh --inside "$folder"
}

inside() {
  ip link set lo up
  start_engine "$1"
  load_images "$1"
  check
}

start_engine() {
  local folder=$1
  export DOCKER_HOST=unix://$folder/docker.sock
  dockerd --host "$DOCKER_HOST" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" \
    >"$folder/dockerd.log" 2>&1 &
  for _ in {1..150}; do
    docker info >/dev/null 2>&1 && return
    sleep 0.2
  done
  tail -n 30 "$folder/dockerd.log" >&2
  fail "dockerd did not start"
}
