# `make` lists the targets. Every target that needs the environment makes it first, so each one
# works in a fresh clone with nothing but Python 3.11 or newer and make.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
KAFKA := $(shell sed -n 's|.*<kafka.version>\(.*\)</.*|\1|p' tests/support/kafka/maven/pom.xml)
JARS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/streamlstm/kafka-$(KAFKA)

# What a plain machine lacks, a broker and a browser, has targets of its own.
EVERYWHERE := not kafka and not browser

.DEFAULT_GOAL := help
.PHONY: help setup demo forecast gallery test test-browser broker test-kafka test-nojit lint types contracts check fmt bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with everything in it (PYTHON=python3.12 chooses the interpreter)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "streamlstm needs Python 3.11 or newer, and '$(PYTHON)' is not: try 'make PYTHON=python3.12 $(or $(MAKECMDGOALS),setup)'" >&2; \
	  exit 1; }
	@echo "setting up .venv, once"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check \
	  -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY) ## find four disturbances in two months of water flow; draw them to out/demo
	@$(BIN)/streamlstm demo

forecast: $(READY) ## watch the regressor learn the same water flow, one event at a time
	@$(BIN)/python examples/waterflow.py

gallery: $(READY) ## six small scripts, from passengers to vowels; draw them to out/gallery
	@for name in passengers images rhyme pump strokes vowels; do \
	  $(BIN)/python examples/gallery/$$name.py || exit 1; done

test: $(READY) ## every test: proofs, contracts, doctests, hygiene
	$(BIN)/python -m pytest -q -m "$(EVERYWHERE)" --durations=10

test-browser: $(READY) ## the demo's page in a real browser (Debian: apt-get install chromium)
	$(BIN)/python -m pytest -q -m browser tests/integration

broker: $(JARS) ## fetch a Kafka broker, once (Debian: apt-get install openjdk-17-jre-headless maven)

$(JARS):
	@tests/support/kafka/maven/fetch "$@"

test-kafka: $(READY) $(JARS) ## the connectors against a real broker, which the tests start and end
	$(BIN)/python -m pytest -q -m kafka tests/kafka --durations=10

test-nojit: $(READY) ## twins and units as plain Python, with branch coverage
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -m "$(EVERYWHERE)" tests/twin tests/unit \
	  --cov --cov-report=term

lint: $(READY) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy, strict
	$(BIN)/mypy

contracts: $(READY) ## import-linter: who may import whom
	$(BIN)/lint-imports

check: lint types contracts test test-nojit ## everything that must hold before a commit

fmt: $(READY) ## let ruff fix and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## accuracy, intervals, classes, speed, and memory of the cells
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.intervals
	$(BIN)/python -m benchmarks.classes
	$(BIN)/python -m benchmarks.speed.events
	$(BIN)/python -m benchmarks.memory

clean: ## remove the environment and every cache
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf build dist .coverage htmlcov
	find streamlstm connectors tests benchmarks examples -name __pycache__ -prune \
	  -exec rm -rf {} + 2>/dev/null || true
