# Everything a developer or CI does with Perfwright. `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never .tools/uv/bin/uv
# The binding is tested through Python: as a test program it would need a shared libpython.
RUST_TESTED := --workspace --exclude perfwright-binding
TEST_SERVERS := nginx-light apache2-bin openssl postgresql redis-server chromium tinyproxy linux-perf nodejs prometheus cpulimit
BENCH_PEERS := wrk nghttp2-client apache2-utils hey nginx-light openssl maven goaccess

.PHONY: help setup demo check test test-servers bench bench-findings bench-judge wheel docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' Makefile

setup: ## .venv with the locked dependencies and the Rust kernel (quick when nothing changed)
	@scripts/setup.sh

demo: setup ## the bottleneck of a sample shop found, mended and proven, with a report
	@$(BIN)/perfwright demo

check: setup ## the quick part: format, lint, types, import rules, tidiness
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/tidy.py
	@cargo fmt --all --check
	@cargo clippy --quiet --workspace --all-targets -- -D warnings

test-servers: ## the servers that some tests need (Debian packages)
	@scripts/apt_install.sh $(TEST_SERVERS)
	@scripts/apt_install.sh $$(ls /usr/lib/postgresql | sed 's/.*/postgresql-&-hypopg/')

test: setup test-servers check ## set-up, checks and all tests: what CI runs
	@cargo test --quiet $(RUST_TESTED)
	@$(BIN)/pytest -n 2 tests/unit tests/property tests/golden
	@$(BIN)/pytest --durations=15 tests/docs tests/integration tests/calibration

bench: setup ## the figures of benchmarks/README.md, beside their peers: make bench [ARGS="--quick url"]
	@scripts/apt_install.sh $(BENCH_PEERS)
	@$(BIN)/python benchmarks/bench.py $(ARGS)

bench-findings: setup test-servers ## is each planted bottleneck named? make bench-findings [SEEDS=1] [ARGS="none"]
	@$(BIN)/python benchmarks/findings.py --seeds $(or $(SEEDS),1) $(ARGS)

bench-judge: setup ## how often is `compare` wrong, and how much does it see? make bench-judge [ARGS="--runs 8"]
	@$(BIN)/python benchmarks/judge.py $(ARGS)
	@$(BIN)/python benchmarks/trend_series.py

wheel: setup ## an abi3 wheel in dist/, tried in an empty environment
	@rm -rf dist
	@$(UV) build --quiet --wheel --out-dir dist
	@$(BIN)/python scripts/check_wheel.py dist/*.whl

docs: setup ## docs/commands.md, from the command line itself
	@$(BIN)/python scripts/command_reference.py

clean: ## removes what was built; the downloaded tools stay
	@rm -rf .venv dist target .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
