# Targets for everyday work. `.ci/run` is what a change has to pass.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-fast lint types bench

# A changed lock file installs the missing packages; a failed install is tried again by the next `make`.
.venv/installed: requirements-test.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --require-hashes -r requirements-test.lock
	touch $@

run: .venv/installed
	$(BIN)/python app.py

test: .venv/installed
	$(BIN)/python -m pytest -n 3 --durations=25

test-fast: .venv/installed
	$(BIN)/python -m pytest -n 2 -m "not slow" --database sqlite

lint: .venv/installed
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/bandit -q -c pyproject.toml -r app.py automations migrations

types: .venv/installed
	$(BIN)/mypy

bench: .venv/installed
	$(BIN)/python benchmarks/line.py --quick --mixed
