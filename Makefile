.PHONY: demo test test-slow ui bench lint types clean
.DEFAULT_GOAL := demo

PYTHON ?= python3
BIN := .venv/bin
export DAGSTER_HOME := $(CURDIR)
export DO_NOT_TRACK := 1

$(BIN)/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: $(BIN)/.ready
	$(BIN)/kodomo demo

test: $(BIN)/.ready
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(BIN)/.ready
	$(BIN)/python -m pytest -m slow

ui: $(BIN)/.ready
	$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

bench: $(BIN)/.ready
	$(BIN)/python -m benchmarks

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.ready
	$(BIN)/mypy

clean:
	rm -rf .venv var
