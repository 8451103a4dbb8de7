# Everything that CI runs is a target here. A fresh machine needs Go and make; a C compiler gives the race detector,
# node gives the lint of the contract, make servers what some tests need.

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.0
GOVULNCHECK   := golang.org/x/vuln/cmd/govulncheck@v1.1.4
BENCHSTAT     := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
GREMLINS      := github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0
REDOCLY       := @redocly/cli@2.77.0

# The nested modules: heavy adapters that the root module must not carry.
MODULES := $(patsubst %/go.mod,%,$(shell git ls-files '*/go.mod' 2>/dev/null))

RACE := $(shell CGO_ENABLED=1 go env CC | xargs -n1 sh -c 'command -v "$$0"' >/dev/null 2>&1 && echo -race)
SPEC ?=
CSV  ?=

# The supported release of Go that is not the one at hand, to test with as well; empty for none. It comes by the module
# proxy.
OTHER_GO ?= $(if $(filter go1.27%,$(shell go env GOVERSION)),go1.26.8,go1.27.4)

.PHONY: help generate check test test-go test-temporal servers demo demo-crash sandbox lint lint-contract stale tidy format spec-diff bench bench-compare soak model crash fuzz cover mutate vuln

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort

generate: ## the client from the contract; SPEC=path-or-url: another document into gen/trial/
ifeq ($(SPEC),)
	go generate ./...
else
	go run ./openapi/generate -spec "$(SPEC)"
endif

demo: ## pay 12,000 people against an in-memory Dwolla; CSV=path for a list of your own
	@go build -o bin/payout ./wrapper/examples/payout
ifeq ($(CSV),)
	@bin/payout demo -recipients 12000 || test $$? -eq 1 # seven rows of the list that is shipped are rejected on purpose
else
	@bin/payout demo -csv "$(CSV)"
endif

sandbox: ## the in-memory Dwolla as a server on loopback; PORT= to choose
	@go build -o bin/sandbox ./wrapper/dwollatest/cmd/sandbox
	@exec bin/sandbox $(if $(PORT),-port "$(PORT)")

demo-crash: ## pay 12,000 people, kill -9 in the middle, resume, and count in the ledger
	@go build -o bin/payout ./wrapper/examples/payout
	@go build -o bin/payout-crash ./wrapper/examples/payout/crash
	@bin/payout-crash bin/payout

# The race detector waits a second at the end of every program, which is every package here.
test: export GORACE = atexit_sleep_ms=0
test: ## all tests; those of the client and its codec also with the other supported release of Go; says which had a real server
	@$(if $(RACE),true,echo "no C compiler: testing without the race detector")
	go test $(RACE) ./...
	@$(MAKE) --no-print-directory test-go PACKAGES="./api/... ./internal/... ./wrapper"
	@log=$${DWOLLA_SERVERS_LOG:-$$(mktemp)}; trap '.ci/servers report "$$log"' EXIT; \
	for m in $(MODULES); do echo "cd $$m && go test $(RACE) ./..."; (cd $$m && DWOLLA_SERVERS_LOG=$$log go test $(RACE) ./...) || exit; done

servers: ## the servers that some tests run against, where they can be had: PostgreSQL, pgbouncer, Temporal
	@.ci/servers

test-temporal: ## payouts as workflows against a real Temporal server; TEMPORAL_RECORD=v0.2.0 records histories for replay
	@.ci/servers temporal
	cd wrapper/payout/temporal && DWOLLA_SERVERS_REQUIRED=true go test $(RACE) -count 1 ./...

PACKAGES ?= ./...
test-go: ## the tests of this module with another release of Go: OTHER_GO=go1.27.4 PACKAGES=./...
ifneq ($(OTHER_GO),)
	@if GOTOOLCHAIN=$(OTHER_GO) go version >/dev/null 2>&1; \
	then echo "$(OTHER_GO): go test $(PACKAGES)"; GOTOOLCHAIN=$(OTHER_GO) go test $(PACKAGES); \
	else echo "$(OTHER_GO) is not here and cannot be fetched: nothing was tested with it"; fi
endif

check: tidy stale format lint lint-contract ## what must hold before a push, besides the tests

tidy:
	go mod tidy -diff
	@set -e; for m in $(MODULES); do (cd $$m && go mod tidy -diff); done

stale: ## fails when the generated files are not what the contract gives, new ones included
	@before=$$(mktemp) && after=$$(mktemp) && trap 'rm -f $$before $$after' EXIT && \
	sum() { find gen wrapper -path gen/trial -prune -o \( -name '*.gen.go' -o -name '*_gen_test.go' \) -print | sort | xargs sha256sum; } && \
	sum >$$before && go generate ./... && sum >$$after && \
	diff $$before $$after && \
	{ untracked=$$(git ls-files --others --exclude-standard -- '*.gen.go' '*_gen_test.go' 2>/dev/null); \
	  test -z "$$untracked" || { echo "generated and not committed: $$untracked"; exit 1; }; }

format:
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "not gofmt-ed: $$out"; exit 1; }

# The linter's cache names files by their absolute path, so another clone's answers would be taken for this one's.
lint: export GOLANGCI_LINT_CACHE = $(CURDIR)/.cache/golangci-lint
lint:
	go vet ./...
	go run $(GOLANGCI_LINT) run --allow-serial-runners ./...
	@set -e; for m in $(MODULES); do echo "lint $$m"; (cd $$m && go vet ./... && go run $(GOLANGCI_LINT) run --allow-serial-runners -c $(CURDIR)/.golangci.yml ./...); done

lint-contract:
	@if command -v npx >/dev/null 2>&1; then npx --yes $(REDOCLY) lint --extends recommended-strict openapi/dwolla.yaml; \
	else echo "no node: the contract is not linted"; fi

spec-diff: ## what a newer published document has and ours has not: SPEC=path-or-url
	@test -n "$(SPEC)" || { echo "usage: make spec-diff SPEC=path-or-url"; exit 2; }
	@bin=$$(mktemp -d) && trap 'rm -rf "$$bin"' EXIT && \
	go build -C openapi/specdiff -o "$$bin/specdiff" . && "$$bin/specdiff" "$(SPEC)"

# The long runs; the tests have each of them in a short form.
bench: ## the client beside plain net/http + encoding/json, as ratios, and what importing it costs; DWOLLA_BENCH_JOB=a1 or weight for one job
	DWOLLA_BENCH=7 go test -run '^(TestRatios|TestImportWeight)$$' -v -timeout 60m ./wrapper
	go test -run '^$$' -bench 'BWalk|CCreate' -benchmem ./wrapper
	go test -run '^$$' -bench . -benchmem ./wrapper/payout ./wrapper/webhook ./wrapper/dwollatest ./internal/wire

BASE   ?= $(shell git describe --tags --abbrev=0 2>/dev/null)
BENCH  ?= A1Get|A16Get$$|BWalk/(1000|10000)$$|CCreate
ROUNDS ?= 6
BENCHTIME ?= 0.3s
bench-compare: ## the benchmarks here beside those of BASE=ref (default: the last release), by benchstat
ifeq ($(BASE),)
	@echo "no release to compare with; BASE=ref names a commit"
else
	@dir=$$(mktemp -d) && trap 'git worktree remove --force "$$dir/base" 2>/dev/null; rm -rf "$$dir"' EXIT && \
	git worktree add --quiet --detach "$$dir/base" "$(BASE)" && \
	go test -c -o "$$dir/here.test" ./wrapper && (cd "$$dir/base" && go test -c -o "$$dir/base.test" ./wrapper) && \
	for round in $$(seq $(ROUNDS)); do for side in base here; do \
	  (cd wrapper && "$$dir/$$side.test" -test.run '^$$' -test.bench '$(BENCH)' -test.benchmem -test.benchtime $(BENCHTIME)) >>"$$dir/$$side.txt" || exit 1; \
	done; done && \
	go run $(BENCHSTAT) "$(BASE)=$$dir/base.txt" "here=$$dir/here.txt"
endif

soak: ## a million calls with faults, and the other goals under load
	DWOLLA_SOAK=1 go test -run 'TestGoal' -v -timeout 60m ./wrapper
	WEBHOOK_GOAL=full go test -run 'Goal13' -v -timeout 60m ./wrapper/webhook

MODEL_TIME ?= 1h
model: ## random programs against the client: MODEL_TIME=1h MODEL_SEED=
	MODEL_TIME=$(MODEL_TIME) MODEL_SEED=$(MODEL_SEED) go test -run 'TestModel$$' -v -timeout 0 ./wrapper

crash: ## payouts killed at every boundary, by schedule and by signal
	PAYOUT_CRASH=full go test -run 'TestKill|TestCrash|TestHeap|TestFault14' -v -timeout 120m ./wrapper/payout

FUZZTIME ?= 30s
FUZZMORE ?=
fuzz: ## every fuzz target for FUZZTIME, guided by coverage; FUZZMORE=10000000 for so many executions more; ONLY=pattern
	ONLY='$(ONLY)' .ci/fuzz $(FUZZTIME) $(FUZZMORE)

cover: ## how much of each file the tests run, and which places not; fails below 95 %
	.ci/cover 95 ./api ./wrapper ./wrapper/webhook ./wrapper/payout

# What decides whether money moves twice, is lost, or a token leaks.
MUTATE := .ci/mutate $(GREMLINS)
source = $(filter-out doc.go %_test.go,$(notdir $(wildcard $(1)/*.go)))
mutate: ## changes the code in hundreds of places and counts the changes that no test notices; hours
	$(MUTATE) wrapper transport_retry.go retry_budget.go wait.go wait_context.go
	$(MUTATE) wrapper transport_idempotency.go idempotency_cache.go transport_auth.go token.go
	$(MUTATE) wrapper origin.go follow.go redirect.go
	$(MUTATE) wrapper reconcile.go reconcile_lookup.go errors.go
	$(MUTATE) wrapper outcome.go transport_answer.go transport_attempt.go sendtrace.go request_body.go
	$(MUTATE) internal/paging $(call source,internal/paging)
	$(MUTATE) api link.go
	$(MUTATE) wrapper/webhook $(call source,wrapper/webhook)
	$(MUTATE) wrapper/payout $(call source,wrapper/payout)

vuln:
	go run $(GOVULNCHECK) ./...
