#!/usr/bin/env bash
# Reads the code for mistakes. With --deep it also looks for what gosec knows of,
# and for known vulnerabilities in what is called: that takes minutes, and the
# second needs the Go vulnerability database (WAPAS_VULNDB, if not the public one).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '== %s\n' "$*"; }

export CGO_ENABLED=0 # what is released, and what make test builds besides its tests

say "staticcheck"
go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

if [ "${1-}" != --deep ]; then
	exit
fi

say "gosec"
found=$(go run github.com/securego/gosec/v2/cmd/gosec@v2.22.11 -quiet -no-fail -fmt golint ./... |
	sed "s|^$PWD/||" | grep ':.*Rule:' | grep -vE -f <(grep -vE '^(#|$)' scripts/gosec.allow) || true)
if [ -n "$found" ]; then
	printf '%s\n' "$found" >&2
	exit 1
fi

say "govulncheck"
go run golang.org/x/vuln/cmd/govulncheck@v1.8.0 ${WAPAS_VULNDB:+-db "$WAPAS_VULNDB"} ./...
