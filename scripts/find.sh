# shellcheck shell=bash
# Where the programs are that the scripts start. Sourced in the root of the project.

TOOLS=$PWD/.local/tools

fail() {
  echo "error: $*" >&2
  exit 1
}

find_nats_server() {
  if [[ -n ${L0_NATS_SERVER:-} ]]; then
    echo "$L0_NATS_SERVER"
  elif ! command -v nats-server; then
    [[ -x $TOOLS/bin/nats-server ]] && echo "$TOOLS/bin/nats-server"
  fi
}

# The folder of Postgres' programs: where the one in PATH is or leads to, else of the newest Debian package.
find_postgres() {
  local server
  server=$(command -v postgres || find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1)
  [[ -n $server ]] && dirname "$(readlink -f "$server")"
}

find_chromium() {
  if [[ -n ${CHROMIUM:-} ]]; then
    echo "$CHROMIUM"
  else
    command -v chromium || command -v chromium-browser || command -v google-chrome
  fi
}

# Debian has it where only root's PATH leads.
find_nginx() {
  if [[ -n ${NGINX:-} ]]; then
    echo "$NGINX"
  elif ! command -v nginx; then
    [[ -x /usr/sbin/nginx ]] && echo /usr/sbin/nginx
  fi
}

find_caddy() {
  if [[ -n ${CADDY:-} ]]; then echo "$CADDY"; else command -v caddy; fi
}

# Sets COMPOSE to the command of Docker Compose.
find_compose() {
  if docker compose version >/dev/null 2>&1; then
    COMPOSE=(docker compose)
  elif command -v docker-compose >/dev/null; then
    COMPOSE=(docker-compose)
  else
    fail "neither docker compose nor docker-compose is installed"
  fi
}
