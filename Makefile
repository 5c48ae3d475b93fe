.PHONY: demo test test-slow ui bench bench-receipts lint types clean
.DEFAULT_GOAL := demo

PYTHON ?= python3
BIN := .venv/bin
BENCH := .venv-bench/bin
export DAGSTER_HOME := $(CURDIR)
export DO_NOT_TRACK := 1

$(BIN)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# the peers of the benchmarks, in an environment of their own
$(BENCH)/.ready: requirements.lock requirements-bench.lock
	$(PYTHON) -m venv .venv-bench
	$(BENCH)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock -r requirements-bench.lock
	touch $@

demo: $(BIN)/.ready
	$(BIN)/kodomo demo

test: $(BIN)/.ready
	POLARS_ENGINE_AFFINITY=in-memory POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(BIN)/.ready
	KODOMO_DRAWS=all $(BIN)/python -m pytest -n 2 -m "slow or draws"

ui: $(BIN)/.ready
	$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

bench: $(BIN)/.ready
	$(BIN)/python -m benchmarks

bench-receipts: $(BENCH)/.ready
	$(BENCH)/python -m benchmarks.receipts

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.ready
	$(BIN)/mypy

clean:
	rm -rf .venv .venv-bench var
