#!/usr/bin/env bash
# Fetches the page's libraries from npm into static/vendor and writes down what they are.
# With other versions: change them here, run this, run the page's tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VENDOR=static/vendor
HTM=3.1.1
PREACT=10.5.14 # the one inside htm/preact/standalone
UPLOT=1.6.32

main() {
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  unpack htm "$HTM"
  unpack preact "$PREACT"
  unpack uplot "$UPLOT"

  rm -rf "$VENDOR"
  mkdir -p "$VENDOR"
  cp "$scratch/htm/preact/standalone.module.js" "$VENDOR/preact.js"
  cp "$scratch/htm/LICENSE" "$VENDOR/htm.licence.txt"
  cp "$scratch/preact/LICENSE" "$VENDOR/preact.licence.txt"
  # uPlot is minified only as a script: one line makes a module of it.
  { cat "$scratch/uplot/dist/uPlot.iife.min.js" && echo 'export default uPlot;'; } >"$VENDOR/uplot.js"
  cp "$scratch/uplot/dist/uPlot.min.css" "$VENDOR/uplot.css"
  cp "$scratch/uplot/LICENSE" "$VENDOR/uplot.licence.txt"
  versions >"$scratch/versions.json"
  mv "$scratch/versions.json" "$VENDOR/versions.json"
}

unpack() {
  local name=$1 version=$2
  mkdir "$scratch/$name"
  npm pack --silent --pack-destination "$scratch" "$name@$version" >/dev/null
  tar -xzf "$scratch/$name-$version.tgz" -C "$scratch/$name" --strip-components=1
}

versions() {
  echo '{'
  package htm "$HTM" Apache-2.0 preact.js htm.licence.txt
  echo ,
  package preact "$PREACT" MIT preact.js preact.licence.txt
  echo ,
  package uplot "$UPLOT" MIT uplot.js uplot.css uplot.licence.txt
  printf '\n}\n'
}

package() {
  local name=$1 version=$2 licence=$3 file comma=
  shift 3
  printf '  "%s": {\n    "version": "%s",\n    "licence": "%s",\n' "$name" "$version" "$licence"
  printf '    "npm": "https://www.npmjs.com/package/%s/v/%s",\n    "sha256": {' "$name" "$version"
  for file in "$@"; do
    printf '%s\n      "%s": "%s"' "$comma" "$file" "$(sha256sum <"$VENDOR/$file" | cut -d' ' -f1)"
    comma=,
  done
  printf '\n    }\n  }'
}

main "$@"
