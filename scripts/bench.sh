#!/usr/bin/env bash
# Measures the program on SQLite and on a private PostgreSQL server, and writes
# performance.md, its figures and the records into a folder.
#
#   scripts/bench.sh docs --set standard       what "make bench" does
#   scripts/bench.sh bin/bench --set quick
#
# What comes after the folder goes to wapas bench. Nothing else should run on the
# machine meanwhile: the page says how busy it was before.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ $# = 0 ]; then
	echo "usage: $0 FOLDER [FLAGS OF wapas bench…]" >&2
	exit 2
fi
out=$1
shift
books=${TMPDIR:-/tmp} # of both engines, so that one disk is measured
records=$out/performance
mkdir -p "$records" bin
CGO_ENABLED=0 go build -trimpath -o bin/wapas ./cmd/wapas

bin/wapas bench "$@" --dir "$books" --cpuprofile bin/profiles/sqlite --out "$records/sqlite.json"
./scripts/postgres.sh --durable sh -c 'exec bin/wapas bench --db "$WAPAS_TEST_POSTGRES" "$@"' bench \
	"$@" --dir "$books" --cpuprofile bin/profiles/postgres --out "$records/postgres.json"
go run ./bench/paper -out "$out" "$records/sqlite.json" "$records/postgres.json"
echo "written: $out/performance.md"
