#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL server, which it finds through
# WAPAS_TEST_POSTGRES. The server keeps its data in a temporary directory,
# listens on a free port of the loopback only, and is gone when the command is.
#
#   scripts/postgres.sh go test ./sqlstore
#   scripts/postgres.sh --durable go run ./cmd/wapas bench …    syncs to the disk, for measuring
#   scripts/postgres.sh --find        prints where PostgreSQL's programs are
set -euo pipefail

# bindir is where initdb and its kin are: Debian's place, the newest first, or
# the PATH.
bindir() {
	local dir
	for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rn); do
		if [ -x "$dir/initdb" ]; then
			echo "$dir"
			return
		fi
	done
	if command -v initdb >/dev/null; then
		dirname "$(command -v initdb)"
		return
	fi
	echo "PostgreSQL's programs (initdb, pg_ctl) are neither under /usr/lib/postgresql nor in the PATH; on Debian: apt-get install postgresql" >&2
	return 1
}

bin=$(bindir)
if [ "${1-}" = --find ]; then
	echo "$bin"
	exit
fi
# Nothing of a test must outlive the machine, so the disk need not be waited for.
settings="-c fsync=off -c full_page_writes=off"
if [ "${1-}" = --durable ]; then
	settings="-c shared_buffers=256MB -c max_wal_size=4GB"
	shift
fi
if [ $# = 0 ]; then
	echo "usage: $0 [--durable] COMMAND…" >&2
	exit 2
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/wapas-pg.XXXXXX")
chmod 755 "$dir"

# PostgreSQL refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	chown "$user" "$dir"
	as=(runuser -u "$user" --)
fi

stop() {
	(cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1) || true
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd_to=$PWD
cd / # the server's user may not enter ours
"${as[@]}" "$bin/initdb" -D "$dir/data" -U wapas -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || {
	cat "$dir/log" >&2
	exit 1
}
for _ in $(seq 20); do
	port=$((20000 + RANDOM % 30000))
	if "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -s -w -t 60 -l "$dir/data/server.log" start \
		-o "-h 127.0.0.1 -p $port -k $dir $settings -c max_connections=300" >/dev/null 2>&1; then
		started=$port
		break
	fi
done
if [ -z "${started-}" ]; then
	cat "$dir/data/server.log" >&2
	exit 1
fi
cd "$cd_to"

export WAPAS_TEST_POSTGRES="postgres://wapas@127.0.0.1:$started/postgres?sslmode=disable"
"$@"
