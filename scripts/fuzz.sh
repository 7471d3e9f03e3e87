#!/usr/bin/env bash
# Fuzzes every target there is (func Fuzz… in a test), each for FUZZTIME (30s),
# and fails if one finds something: the input is then kept under testdata/fuzz,
# where every later test run tries it again.
#
#   scripts/fuzz.sh                    all of them
#   scripts/fuzz.sh ./ledger ./desk    those of some packages
#   scripts/fuzz.sh --keep …           also keeps the smallest new inputs that reached something new
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

keep=
if [ "${1:-}" = --keep ]; then
	keep=12 # of each target, of at most 400 bytes
	shift
fi

# targets prints a package and a target on a line.
targets() {
	grep -rn --include='*_test.go' -E '^func Fuzz[A-Za-z0-9]*\(f \*testing\.F\)' "${@:-.}" |
		sed -E 's|^(.*)/[^/]*_test\.go:[0-9]*:func (Fuzz[A-Za-z0-9]*).*|\1 \2|' | sort -u
}

found=0 ran=0 built=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
while read -r dir target; do
	dir=./${dir#./}
	if [ "$dir" != "$built" ]; then # once for all targets of a package, which come one after another
		go test -c -fuzz=. -o "$work/fuzz.test" "$dir" || exit 1
		built=$dir cache=$(go env GOCACHE)/fuzz/$(go list "$dir")
	fi
	if out=$(cd "$dir" && "$work/fuzz.test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "${FUZZTIME:-30s}" -test.fuzzcachedir "$cache" 2>&1 </dev/null); then
		printf '%-22s %-18s %s\n' "$dir" "$target" "$(grep -oE 'execs: [0-9]+|new interesting: [0-9]+ \(total: [0-9]+\)' <<<"$out" | tail -2 | paste -sd' ')"
	else
		printf '%-22s %-18s FOUND\n%s\n' "$dir" "$target" "$out"
		found=$((found + 1))
	fi
	ran=$((ran + 1))
	if [ -n "$keep" ]; then
		mkdir -p "$dir/testdata/fuzz/$target"
		find "$cache/$target" -type f -size -400c -printf '%s %p\n' 2>/dev/null | sort -n | awk '{print $2}' | tail -n "$keep" |
			xargs -r cp -n -t "$dir/testdata/fuzz/$target"
		rmdir --ignore-fail-on-non-empty "$dir/testdata/fuzz/$target"
	fi
done < <(targets "$@")

echo "$ran targets, $found found something"
[ "$found" = 0 ] && [ "$ran" -gt 0 ]
