# shellcheck shell=bash
# The variables of .env as shell variables, as the runtime reads them: the environment wins.
# Sourced in the root of the project, after find.sh.

read_settings() {
  local file=$1 line name value
  [[ -f $file ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=$(unquote "${BASH_REMATCH[3]}")
    [[ -v $name ]] || printf -v "$name" %s "$value"
  done <"$file"
}

unquote() {
  local value=${1%"${1##*[![:space:]]}"}
  if [[ $value =~ ^\"([^\"]*)\"$ || $value =~ ^\'([^\']*)\'$ ]]; then
    value=${BASH_REMATCH[1]}
  fi
  printf %s "$value"
}

# All variables of .env.example, with free ports and exported, so that the user's .env has no effect.
use_own_settings() {
  local names
  mapfile -t names < <(sed -n 's/^\([A-Z_]*\)=.*/\1/p' .env.example)
  unset "${names[@]}"
  read_settings .env.example
  # shellcheck disable=SC2034 # exported by the next line
  NATS_PORT=$(free_port 21000) PG_PORT=$(free_port 22000) FRONTEND_PORT=$(free_port 23000)
  export "${names[@]}"
}

free_port() {
  local port
  for port in $(shuf -i "$1-$(($1 + 999))"); do
    if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}
