# The entry points. `make help` lists them; each installs what is missing on a Debian machine first (cmake/setup).
SHELL := /bin/bash
BUILD := build/release
BIN := $(BUILD)/bin
ARGS ?=

.DEFAULT_GOAL := build
.PHONY: help setup mysql build programs configured test compare verify lint sanitize fuzz plans soak bench bench-floor bench-server bench-idle bench-overload image-drill clean

help: ## lists the entry points
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

setup: ## installs what is missing (root or sudo); nothing when all is there
	@cmake/setup

mysql: ## MySQL's own server from Debian unstable into build/mysql-root; nothing is installed
	@cmake/mysql

build: configured ## builds everything, the tests included, into build/release/bin
	@cmake --build --preset release

programs: configured ## builds the programs only: the harness and its servers
	@cmake --build --preset release --target boxoffice

configured: setup
	@cmake --preset release $(if $(wildcard $(BUILD)/build.ninja),>/dev/null,)

test: build ## builds, then runs every test on private databases
	@cmake/deployment || true
	@GTEST_BRIEF=1 ctest --test-dir $(BUILD) --output-on-failure --no-tests=error $(ARGS)

compare: programs ## the main job: which strategy wins at which contention, and was it correct?
	@$(BIN)/boxoffice compare $(ARGS)

verify: programs ## the CI gate for one strategy: make verify ARGS='--strategy atomic'
	@$(BIN)/boxoffice verify $(ARGS)

lint: ## clang-format and clang-tidy over our sources
	@cmake/setup lint && cmake/lint $(ARGS)

sanitize: setup ## unit tests and the end-to-end smoke under asan+ubsan, then tsan
	@cmake/sanitize $(ARGS)

fuzz: setup ## libFuzzer on whatever is read from disk or from a socket, ten minutes each; needs clang
	@cmake/fuzz $(ARGS)

plans: programs ## concurrent plans, long form; the smallest plan that breaks each negative control
	@cmake/plans $(ARGS)

soak: programs ## the verdict's long test: a hundred sound runs, then faults and plans, on each engine
	@cmake/soak $(ARGS)

bench: build ## Google Benchmark suites: strategies in process, judging, histogram
	@set -o pipefail; for suite in $(BIN)/*_benchmark; do echo "== $$suite"; $$suite $(ARGS) | tee $(BUILD)/benchmark.out || exit 1; \
	  ! grep -q 'ERROR OCCURRED' $(BUILD)/benchmark.out || exit 1; done

bench-floor: programs ## HTTP reserve against pgbench or sysbench, the generator against wrk, 10,000 connections
	@cmake/setup bench && $(BIN)/boxoffice floor $(ARGS)
bench-server: build ## an event from the cache against nginx, what authentication costs
	@cmake/setup bench && $(BIN)/boxoffice floor-server $(ARGS) && $(BIN)/authentication_benchmark
bench-idle: programs ## memory of idle connections, time from start to ready
	@$(BIN)/boxoffice floor-idle $(ARGS)
bench-overload: programs ## what becomes of the server at ten times its capacity
	@$(BIN)/boxoffice overload $(ARGS)

image-drill: ## builds the container image, runs it, starts the compose file; needs root, not Docker
	@docker/drill $(ARGS)

clean: ## removes build/ (stored runs in runs/ stay)
	@rm -rf build
