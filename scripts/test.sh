#!/usr/bin/env bash
# Runs every test there is by the command it is given ("make test" gives the race
# detector's), on SQLite and on a private PostgreSQL server, with the vendors' own
# clients. On Debian it installs what is missing if it may (as root); otherwise it
# says what to install. A part that cannot run fails: WAPAS_TEST_FULL tells the
# tests so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '== %s\n' "$*"; }

# have NAME PACKAGES… makes sure that a program is there.
have() {
	local program=$1
	shift
	if command -v "$program" >/dev/null; then
		return
	fi
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "make test needs $program. Install it (on Debian: apt-get install $*) and try again." >&2
		exit 1
	fi
	say "installing $*"
	apt_update
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

updated=
apt_update() {
	if [ -z "$updated" ]; then
		apt-get update -qq
		updated=yes
	fi
}

if ! command -v go >/dev/null; then
	echo "make test needs Go $(sed -n 's/^go //p' go.mod) or newer: https://go.dev/dl" >&2
	exit 1
fi
have gcc gcc libc6-dev # for the race detector
have curl curl         # the demo's own advice is tried with it
have openssl openssl # and so are the lines that sign
have node nodejs
have npm npm
have chromium chromium fonts-dejavu-core # the console is opened in it
have mkfs.ext4 e2fsprogs # a disk of its own is filled, as root
if ! ./scripts/postgres.sh --find >/dev/null 2>&1; then
	have initdb postgresql
	./scripts/postgres.sh --find >/dev/null
fi

say "format"
unformatted=$(gofmt -l . | grep -v /node_modules/ || true)
if [ -n "$unformatted" ]; then
	printf 'not formatted (make fmt):\n%s\n' "$unformatted" >&2
	exit 1
fi

# The vendors' Node clients, each as its suite pins it, all at a time.
installs=()
while IFS= read -r lock; do
	say "npm ci in $(dirname "$lock")"
	(cd "$(dirname "$lock")" && npm ci --silent --no-audit --no-fund) &
	installs+=($!)
done < <(find . -name package-lock.json -not -path '*/node_modules/*')

say "the generator of API clients" # which a test runs on our OpenAPI document
generator=$(sed -n 's/^const generator = "\(.*\)"$/\1/p' dialect/native/generated_test.go)
CGO_ENABLED=0 go run "$generator" -version >/dev/null
for install in "${installs[@]}"; do
	wait "$install"
done

say "tests"
export WAPAS_TEST_FULL=1
[ $# != 0 ] || set -- go test
# The tests write down the statements that they send, for the last of them.
WAPAS_TEST_STATEMENTS=$(mktemp -d)
export WAPAS_TEST_STATEMENTS
trap 'rm -rf "$WAPAS_TEST_STATEMENTS"' EXIT
# The longest packages first, so that none of them is left to run alone; and before
# all the one whose tests wait for servers that are to fail. Tests wait for a browser or
# a database too: so four of a package go at a time.
./scripts/postgres.sh "$@" -vet=all -timeout 14m -parallel 4 ./torture ./storetest ./cmd/wapas ./upgrade ./server ./desk ./...

say "every statement that they sent"
WAPAS_TEST_STATEMENTS_HEARD=$WAPAS_TEST_STATEMENTS ./scripts/postgres.sh "$@" -run '^TestEveryStatement$' ./storetest
say "all of it passed"
