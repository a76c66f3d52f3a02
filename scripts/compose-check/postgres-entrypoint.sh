#!/bin/bash
# Does for the stand-in what the entrypoint of the image of Postgres does: sets up a new server with POSTGRES_USER,
# POSTGRES_PASSWORD and POSTGRES_DB, and becomes the server.
set -euo pipefail

DATA=/var/lib/postgresql/data

main() {
  export LC_ALL=C.UTF-8
  install -d -o postgres -g postgres -m 700 "$DATA"
  install -d -o postgres -g postgres /run/postgresql
  [[ -s $DATA/PG_VERSION ]] || set_up
  exec setpriv --reuid=postgres --regid=postgres --init-groups postgres -D "$DATA" -c listen_addresses='*' "$@"
}

set_up() {
  local password=/run/postgresql/password
  (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" >"$password" && chown postgres: "$password")
  as_postgres initdb -D "$DATA" --username="$POSTGRES_USER" --pwfile="$password" --encoding=UTF8 \
    --auth-local=trust --auth-host=scram-sha-256
  rm "$password"
  echo 'host all all all scram-sha-256' >>"$DATA/pg_hba.conf"
  as_postgres postgres --single -D "$DATA" postgres <<<"CREATE DATABASE \"$POSTGRES_DB\""
}

as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }

main "$@"
