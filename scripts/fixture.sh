#!/usr/bin/env bash
# Keeps a database as the program of a commit fills it, for the tests of
# upgrades: upgrade/testdata. Whoever adds a migration runs it before
# the migration lands, so that the next one has a filled database to start from.
#
#   scripts/fixture.sh            the program as it stands in this directory
#   scripts/fixture.sh COMMIT     an earlier one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dir=$(mktemp -d "${TMPDIR:-/tmp}/wapas-fixture.XXXXXX")
src=$PWD
trap 'git worktree remove --force "$dir/src" 2>/dev/null || true; rm -rf "$dir"' EXIT
if [ $# -gt 0 ]; then
	git worktree add --quiet --detach "$dir/src" "$1"
	src=$dir/src
fi
# A smaller demo: as many sorts of things, fewer of each.
sed -E 's/^(\torders    = )[0-9]+/\1150/; s/^(\tcustomers = )[0-9]+/\190/' "$src/cmd/wapas/story.go" >"$dir/story.go"
if cmp -s "$dir/story.go" "$src/cmd/wapas/story.go"; then
	echo "the demo cannot be made smaller: the numbers in cmd/wapas/story.go are written otherwise" >&2
	exit 1
fi
echo "{\"Replace\": {\"$src/cmd/wapas/story.go\": \"$dir/story.go\"}}" >"$dir/overlay.json"
(cd "$src" && CGO_ENABLED=0 go build -overlay "$dir/overlay.json" -o "$dir/wapas" ./cmd/wapas)
WAPAS_FIXTURE_PROGRAM="$dir/wapas" WAPAS_FIXTURE_COMMIT=$(git rev-parse --short "${1:-HEAD}") \
	go test ./cmd/wapas -count=1 -run '^TestMakeFixture$' -v | grep -v -e '^=== ' -e '^--- ' -e '^PASS' -e '^ok'
if [ $# = 0 ]; then # migrations that are new have landed with it
	landed=$PWD/upgrade/testdata/landed
	(cd sqlstore/migrations && for text in *.sql; do
		grep -q "  $text$" "$landed" || sha256sum "$text" >>"$landed"
	done)
fi
