# shellcheck shell=bash
# The local Postgres below $STATE/postgres. Sourced by local.sh.

# As root the server runs as the user of its Debian package: it refuses to be root.
as_postgres() {
  local program
  program=$(find_postgres)/$1
  shift
  if [[ $EUID == 0 ]]; then
    (cd / && LC_ALL=C.UTF-8 setpriv --reuid=postgres --regid=postgres --init-groups "$program" "$@")
  else
    LC_ALL=C.UTF-8 "$program" "$@"
  fi
}

start_postgres() {
  local data
  [[ -d $STATE/postgres/data ]] || create_postgres
  data=$(postgres_data)
  as_postgres pg_ctl status -D "$data" >/dev/null 2>&1 && return
  check_port PG_PORT
  as_postgres pg_ctl start --wait --silent -D "$data" \
    -o "-p $PG_PORT -c listen_addresses=localhost -c unix_socket_directories=''" \
    </dev/null >>"$STATE/log/postgres.log" 2>&1 && return
  tail -n 30 "$STATE/log/postgres.log" >&2
  fail "postgres did not start; its log is $STATE/log/postgres.log"
}

stop_postgres() {
  local data
  data=$(postgres_data)
  [[ -d $data ]] && as_postgres pg_ctl status -D "$data" >/dev/null 2>&1 || return 0
  as_postgres pg_ctl stop --mode fast --wait --silent -D "$data"
}

# The server's user may not be allowed to follow the link, see make_postgres_home.
postgres_data() { echo "$(realpath -m "$STATE/postgres")/data"; }

remove_postgres() {
  if [[ -L $STATE/postgres ]]; then
    rm -rf "$(readlink "$STATE/postgres")"
  fi
  rm -rf "$STATE/postgres"
}

# Complete under its final name or not there: a half-made one is made anew.
create_postgres() {
  local home
  [[ -e $STATE/postgres ]] || make_postgres_home "$STATE/postgres"
  home=$(realpath "$STATE/postgres")
  rm -rf "$home/new"
  (umask 077 && printf '%s\n' "$PG_PASSWORD_ADMIN" >"$home/password")
  [[ $EUID != 0 ]] || chown postgres: "$home/password"
  {
    as_postgres initdb -D "$home/new" --username="$PG_USER_ADMIN" --pwfile="$home/password" \
      --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 &&
      create_database "$home/new"
  } >"$STATE/log/postgres.log" 2>&1 </dev/null || {
    cat "$STATE/log/postgres.log" >&2
    fail "postgres could not be set up"
  }
  rm -f "$home/password"
  mv "$home/new" "$home/data"
}

create_database() {
  local data=$1 name=${PG_DATABASE//\"/\"\"}
  [[ $PG_DATABASE == postgres ]] ||
    as_postgres postgres --single -D "$data" postgres <<<"CREATE DATABASE \"$name\""
}

# If the project is in a private folder, the server's user cannot reach it; then a
# link leads to a folder that it does.
make_postgres_home() {
  local home=$1 elsewhere
  mkdir -p "$home"
  [[ $EUID == 0 ]] || return 0
  chown postgres: "$home"
  setpriv --reuid=postgres --regid=postgres --init-groups test -x "$home" && return
  elsewhere=$(mktemp -d /var/tmp/l0-runtime-postgres.XXXXXX)
  chown postgres: "$elsewhere"
  rmdir "$home"
  ln -s "$elsewhere" "$home"
}
