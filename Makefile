# make prints what there is to make.
.PHONY: help demo serve build test test-short test-race fmt vet bench screenshots clean

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

bench: ## durable credits a second, beside an echo, the disk's fsync and (PostgreSQL) TPC-B
	go run ./cmd/wapas bench
	./scripts/postgres.sh --durable sh -c 'go run ./cmd/wapas bench --db "$$WAPAS_TEST_POSTGRES"'

screenshots: ## pictures of the console for the documents, in docs/img
	./scripts/screenshots.sh

clean: ## remove what was built, and the demo's data
	rm -rf bin wapas-demo
