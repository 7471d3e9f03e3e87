#!/usr/bin/env bash
# Takes the pictures of the console that stand in the documents: makes a demo in
# a directory that is thrown away, opens its main pages in Chromium, and writes
# docs/img. Needs Go, Node, npm and Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=console/testdata/browser
(cd "$suite" && npm ci --silent --no-audit --no-fund)
dir=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
CGO_ENABLED=0 go build -o "$dir/wapas" ./cmd/wapas
(cd "$dir" && exec ./wapas demo --listen 127.0.0.1:0 >"$dir/said" 2>&1) &
server=$!
until grep -q Ctrl-C "$dir/said"; do
	kill -0 "$server" || { cat "$dir/said" >&2; exit 1; }
	sleep 0.5
done
url=$(grep -o 'http://127\.0\.0\.1:[0-9]*' "$dir/said" | head -n 1)
WAPAS_URL="$url" WAPAS_PICTURES="$PWD/docs/img" node "$suite/pictures.js" "$@"
