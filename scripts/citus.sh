#!/usr/bin/env bash
# Runs a command beside a private Citus cluster, a coordinator and two workers on
# free ports of the loopback, which it finds through WAPAS_TEST_DISTRIBUTED. It is
# gone when the command is. Citus must be installed with the PostgreSQL whose
# programs are in WAPAS_CITUS_BIN, or where scripts/postgres.sh finds them.
#
#   scripts/citus.sh go test -run TestStore ./storetest
#   scripts/citus.sh --durable bin/wapas bench …    syncs to the disk, for measuring
set -euo pipefail

bin=${WAPAS_CITUS_BIN:-$("$(dirname "${BASH_SOURCE[0]}")/postgres.sh" --find)}
if [ ! -e "$("$bin/pg_config" --pkglibdir)/citus.so" ]; then
	echo "Citus is not installed with the PostgreSQL in $bin; say where it is with WAPAS_CITUS_BIN" >&2
	exit 1
fi
# Few shards, since each test makes its own tables.
settings="-c shared_preload_libraries=citus -c citus.node_conninfo=sslmode=disable -c citus.shard_count=${SHARDS:-4}
	-c max_connections=600 -c max_prepared_transactions=200 -c max_locks_per_transaction=1024"
if [ "${1-}" = --durable ]; then
	settings+=" -c shared_buffers=256MB -c max_wal_size=4GB"
	shift
else # nothing of a test must outlive the machine, so the disk need not be waited for
	settings+=" -c fsync=off -c full_page_writes=off"
fi
if [ $# = 0 ]; then
	echo "usage: $0 [--durable] COMMAND…" >&2
	exit 2
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/wapas-citus.XXXXXX")
chmod 755 "$dir"
as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
	user=postgres
	id "$user" >/dev/null 2>&1 || user=nobody
	chown "$user" "$dir"
	as=(runuser -u "$user" --)
fi

stop() {
	for node in coordinator one two; do
		(cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/$node" -m immediate stop >/dev/null 2>&1) || true
	done
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd_to=$PWD
cd / # the server's user may not enter ours
ask() { "$bin/psql" -h 127.0.0.1 -U wapas -p "$1" -d postgres -qAt -v ON_ERROR_STOP=1 -c "$2" >/dev/null; }
ports=()
for node in coordinator one two; do
	"${as[@]}" "$bin/initdb" -D "$dir/$node" -U wapas -A trust -E UTF8 --locale=C --no-sync >"$dir/$node.log" 2>&1 || {
		cat "$dir/$node.log" >&2
		exit 1
	}
	started=
	for _ in $(seq 20); do
		port=$((20000 + RANDOM % 30000))
		# shellcheck disable=SC2086
		if "${as[@]}" "$bin/pg_ctl" -D "$dir/$node" -s -w -t 60 -l "$dir/$node/server.log" start \
			-o "-h 127.0.0.1 -p $port -k $dir $(echo $settings)" >/dev/null 2>&1; then
			started=$port
			break
		fi
	done
	if [ -z "$started" ]; then
		cat "$dir/$node/server.log" >&2
		exit 1
	fi
	ports+=("$started")
	ask "$started" "CREATE EXTENSION citus"
done
ask "${ports[0]}" "SELECT citus_set_coordinator_host('127.0.0.1', ${ports[0]})"
for worker in "${ports[@]:1}"; do
	ask "${ports[0]}" "SELECT citus_add_node('127.0.0.1', $worker)"
done
cd "$cd_to"

export WAPAS_TEST_DISTRIBUTED="postgres://wapas@127.0.0.1:${ports[0]}/postgres?sslmode=disable"
"$@"
