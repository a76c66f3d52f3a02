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
