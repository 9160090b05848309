# `make` lists the targets. A target creates the environment first if it needs it, so every target
# works in a fresh clone. Requirements: Python 3.11 or newer, and make.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
KAFKA := $(shell sed -n 's|.*<kafka.version>\(.*\)</.*|\1|p' tests/support/kafka/maven/pom.xml)
JARS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/streamlstm/kafka-$(KAFKA)

# Tests that need a broker or a browser have targets of their own.
EVERYWHERE := not kafka and not browser

.DEFAULT_GOAL := help
.PHONY: help setup demo forecast gallery test test-browser broker test-kafka test-nojit lint types contracts check fmt pages bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with all dependencies (PYTHON=python3.12 selects the interpreter)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "streamlstm needs Python 3.11 or newer, and '$(PYTHON)' is not: try 'make PYTHON=python3.12 $(or $(MAKECMDGOALS),setup)'" >&2; \
	  exit 1; }
	@echo "setting up .venv, once"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check \
	  -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY) ## run the anomaly demo on two months of water flow; write a page to out/demo
	@$(BIN)/streamlstm demo

forecast: $(READY) ## run the regressor on the same data and print its error
	@$(BIN)/python examples/waterflow.py

gallery: $(READY) ## run the six example scripts; write their pictures to out/gallery
	@for name in passengers images rhyme pump strokes vowels; do \
	  $(BIN)/python examples/gallery/$$name.py || exit 1; done

test: $(READY) ## run all tests that need neither a broker nor a browser
	$(BIN)/python -m pytest -q -m "$(EVERYWHERE)" --durations=10

test-browser: $(READY) ## test the demo's page in a browser (Debian: apt-get install chromium)
	$(BIN)/python -m pytest -q -m browser tests/integration

broker: $(JARS) ## download a Kafka broker for the tests (Debian: apt-get install openjdk-17-jre-headless maven)

$(JARS):
	@tests/support/kafka/maven/fetch "$@"

test-kafka: $(READY) $(JARS) ## run the tests that start a Kafka broker
	$(BIN)/python -m pytest -q -m kafka tests/kafka --durations=10

test-nojit: $(READY) ## run twin and unit tests without compilation, with branch coverage
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -m "$(EVERYWHERE)" tests/twin tests/unit \
	  --cov --cov-report=term

lint: $(READY) ## check code style, format and spelling (ruff, codespell)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

types: $(READY) ## check types (mypy, strict)
	$(BIN)/mypy

contracts: $(READY) ## check the import rules between packages (import-linter)
	$(BIN)/lint-imports

check: lint types contracts test test-nojit ## run lint, types, contracts, test and test-nojit

fmt: $(READY) ## fix and format the code with ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pages: $(READY) ## run the examples of every page in a new environment with the extras it names
	$(BIN)/python -m tests.support.pages

bench: $(READY) ## run the benchmarks
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.intervals
	$(BIN)/python -m benchmarks.classes
	$(BIN)/python -m benchmarks.speed.events
	$(BIN)/python -m benchmarks.memory

clean: ## remove the environment, build output and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf build dist .coverage htmlcov
	find streamlstm connectors tests benchmarks examples -name __pycache__ -prune \
	  -exec rm -rf {} + 2>/dev/null || true
