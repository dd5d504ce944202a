# Everything sets itself up in .venv from hash-locked files; only python3 and make are needed.
# Test modules are rewritten once, not for each run and each worker.
export PYTHONDONTWRITEBYTECODE :=
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r

.PHONY: demo test axe format lock bench faults clean
.DEFAULT_GOAL := help

help:  ## these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/runtime.ok: requirements.lock
	$(PYTHON) -m venv .venv
	$(PIP) requirements.lock
	@touch $@

.venv/dev.ok: requirements-dev.lock .venv/runtime.ok
	$(PIP) requirements-dev.lock
	@touch $@

.venv/bench.ok: requirements-bench.lock .venv/dev.ok
	$(PIP) requirements-bench.lock
	@touch $@

demo: .venv/runtime.ok  ## a week of two communities in your browser (ARGS="--headless --port 9000")
	@$(BIN)/python -m bot demo $(ARGS)

test: .venv/dev.ok  ## format, lint, types, tests over both databases, browser, shipped files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m bot check sop/library config.example.yaml
	$(BIN)/pytest -n 2 --dist worksteal --ignore=tests/benchmarks $(ARGS)

axe: .venv/dev.ok  ## the summary's page judged by axe-core, which npm fetches
	$(BIN)/pytest -m registry tests/browser $(ARGS)

format: .venv/dev.ok  ## put the code in its house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/bench.ok  ## compare with what one would write by hand, both sides in one run
	$(BIN)/python -m tests.benchmarks $(ARGS)

faults: .venv/dev.ok  ## the long crash runs, 20,000 steps of the money machine, 100,000 callbacks
	QUNYUN_FAULTS=long $(BIN)/pytest -m 'not registry' tests/faults tests/machines tests/load tests/sop/test_planner_model.py tests/sop/test_schema_agreement.py $(ARGS)

lock:  ## resolve the requirement files again (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --extra bench pyproject.toml -o requirements-bench.lock

clean:  ## forget the environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
