# shellcheck shell=bash
# Stand-ins under the names that docker-compose.yml and the Dockerfile pin: this machine's Debian, with its Postgres, with
# the nats-server of the tools, and with a `cargo` that hands out a binary built outside. The Dockerfile itself is built
# as it is. Sourced by compose-check.sh.

# What needs the network, before the engine has its own.
prepare_images() {
  local folder=$1 root=$1/root
  cp "$(find_binary)" "$folder/l0-runtime"
  cp "$(find_nats_server)" "$folder/nats-server"
  cp scripts/compose-check/postgres-entrypoint.sh "$folder/"
  debootstrap --variant=minbase --include=binutils,ca-certificates,wget "$(debian_name)" "$root" >"$folder/debian.log" ||
    fail "debootstrap failed: $(tail -n 3 "$folder/debian.log")"
  tar -C "$root" -cf "$folder/debian.tar" .
  add_postgres "$root" >"$folder/debian.log" 2>&1 || fail "no Postgres: $(tail -n 3 "$folder/debian.log")"
  tar -C "$root" -cf "$folder/postgres.tar" .
  rm -rf "$root"
}

find_binary() {
  local binary=${L0_BINARY:-target/release/l0-runtime}
  [[ -n ${L0_BINARY:-} ]] || cargo build --quiet --release --locked --package l0-runtime
  [[ -x $binary ]] || fail "$binary not found"
  echo "$binary"
}

# The binary needs the libraries that it was built with.
debian_name() { (source /etc/os-release && echo "$VERSION_CODENAME"); }

# Nothing is started in there, and the package makes no cluster.
add_postgres() {
  local root=$1
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  mkdir -p "$root/etc/postgresql-common/createcluster.d"
  echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.d/none.conf"
  chroot "$root" apt-get -qq update
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -qq install -y --no-install-recommends postgresql
  chroot "$root" sh -c 'ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/'
}

load_images() {
  local folder=$1 debian postgres=l0-stand-in/postgres
  debian=$(sed -n 's/^FROM \(debian:[^ ]*\).*/\1/p' Dockerfile)
  docker import "$folder/debian.tar" "$debian" >/dev/null
  docker import "$folder/postgres.tar" "$postgres" >/dev/null
  rm "$folder/debian.tar" "$folder/postgres.tar"
  build "$folder" "$debian" nats-server 'ENTRYPOINT ["nats-server"]' "$(pinned nats)"
  build "$folder" "$postgres" postgres-entrypoint.sh 'ENTRYPOINT ["postgres-entrypoint.sh"]
STOPSIGNAL SIGINT' "$(pinned postgres)"
  build "$folder" "$debian" l0-runtime "$(pretend_cargo)" "$(sed -n 's/^FROM \(rust:[^ ]*\).*/\1/p' Dockerfile)"
}

pinned() { sed -n "s/^ *image: \($1:.*\)/\1/p" docker-compose.yml; }

pretend_cargo() {
  echo "RUN printf '#!/bin/sh\nexec install -D /usr/local/bin/l0-runtime target/dist/l0-runtime' \\"
  echo '  >/usr/local/bin/cargo && chmod +x /usr/local/bin/cargo'
}

# Another image with a program and more lines, under a name.
build() {
  local folder=$1 base=$2 program=$3 lines=$4 image=$5
  mkdir "$folder/context"
  ln "$folder/$program" "$folder/context/"
  printf 'FROM %s\nCOPY %s /usr/local/bin/\n%s\n' "$base" "$program" "$lines" >"$folder/context/Dockerfile"
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$folder/context" >"$folder/build.log" 2>&1 ||
    fail "no $image: $(cat "$folder/build.log")"
  rm -rf "$folder/context"
}
