# make prints what there is to make.
.PHONY: help demo serve build test test-short test-race fmt vet lint lint-deep fuzz flood soak planted linear torture servers bench bench-quick screenshots clean fixture backups distributed archived

# The race detector watches this program and its libraries, but not the C of
# SQLite in its translation to Go, nor that C's own library: six times the speed.
RACE := -race $(foreach p,sqlite/lib libc/... memory,-gcflags=modernc.org/$p=-race=false)

help: ## print this
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: ## a demo merchant with life in it, on http://127.0.0.1:8080
	go run ./cmd/wapas demo

serve: ## the server, on wapas.db in this directory
	go run ./cmd/wapas serve

build: ## the program, as bin/wapas
	CGO_ENABLED=0 go build -trimpath -o bin/wapas ./cmd/wapas

test: ## everything, on SQLite and PostgreSQL, with the race detector and the vendors' clients; installs what it needs
	./scripts/test.sh go test $(RACE)

test-short: ## plain go test, SQLite only
	go test ./...

test-race: ## plain go test with the race detector, SQLite only
	go test $(RACE) ./...

fmt: ## format the code
	gofmt -w .

vet: ## what the compiler does not tell
	go vet ./...

lint: ## what staticcheck finds
	./scripts/lint.sh

lint-deep: ## also what gosec finds, and known vulnerabilities
	./scripts/lint.sh --deep

fuzz: ## every fuzz target, FUZZTIME each (30s)
	./scripts/fuzz.sh

flood: ## a million generated requests to every route; WAPAS_FLOOD and WAPAS_FLOOD_SEED say how many and which
	WAPAS_FLOOD=$${WAPAS_FLOOD:-1_000_000} go test -run '^TestFlood$$' -v -timeout 2h ./server

soak: ## thousands of simulated runs of clients, servers and faults against a model, as long as SOAK says (10m)
	GOGC=400 go run ./cmd/wapas soak --for $(or $(SOAK),10m) --all

planted: ## plants bugs in copies of the program, and has the soak find each
	WAPAS_TEST_PLANTED=all go test -run '^TestPlanted$$' -v -timeout 2h ./soak

linear: ## what clients of two servers heard, under faults, must have an order; as long as LINEAR says (10m) on each engine
	WAPAS_TEST_LINEAR=$(or $(LINEAR),10m) ./scripts/postgres.sh go test -run '^TestLinear' -v -timeout 3h ./storetest

torture: ## what machines do to the program under load: kills, lost networks, full disks, clocks set back; some twenty minutes
	WAPAS_TORTURE=1 ./scripts/postgres.sh go test -count 1 -v -parallel 4 -timeout 1h ./torture

servers: ## three servers of which one is killed or told to stop, and a primary that fails over to its standby; some fifteen minutes
	WAPAS_TORTURE=$(or $(SERVERS),15m) go test -count 1 -v -parallel 1 -timeout 1h -run '^(TestThreeServers|TestFailover|TestNotYetReplicated)$$' ./torture

# How many postings the book of "make bench" grows to. It takes a while for each
# million: make bench POSTINGS=10000000 is for a machine that has an hour.
POSTINGS := 3000000

bench: ## measure on SQLite and PostgreSQL, beside an echo, fsync and TPC-B, and write docs/performance.md
	./scripts/bench.sh docs --set standard --postings $(POSTINGS) --request-log off

bench-quick: ## the same in short, in bin/bench
	./scripts/bench.sh bin/bench --set quick --request-log off

distributed: ## the store's tests and the soak on a Citus cluster of this machine; WAPAS_CITUS_BIN says where Citus is installed
	SHARDS=2 ./scripts/citus.sh sh -c 'go test -run "/(citus|on)" -timeout 2h -parallel 3 ./storetest && go test -run TestDistribute ./sqlstore && go run ./cmd/wapas soak --seeds 20 --db "$$WAPAS_TEST_DISTRIBUTED"'

fixture: ## keep a database as this program fills it, for the tests of upgrades: with every new migration
	./scripts/fixture.sh

backups: ## fifty backups under load on each engine, some killed, each restored and verified
	WAPAS_TEST_BACKUPS=50 ./scripts/postgres.sh go test ./cmd/wapas -count=1 -timeout 60m -v -run 'TestBackupUnderLoad|TestDumpUnderLoad|TestPointInTime'

archived: ## what archives cost and save, for docs/archive.md, of a book of ARCHIVED postings (200000)
	WAPAS_TEST_ARCHIVED=$(or $(ARCHIVED),200000) go test ./storetest -count=1 -timeout 60m -v -run '^TestArchiveFigures$$'

screenshots: ## pictures of the console for the documents, in docs/img
	./scripts/screenshots.sh

clean: ## remove what was built, and the demo's data
	rm -rf bin wapas-demo
