# Everything that one does with this repository. Needs Python 3.11 or newer with venv, nothing else.

SHELL  := /bin/sh
PYTHON ?= python3
BIN    := .venv/bin

# Two test workers per processor, since tests wait half of their time. More than
# eight cost more in database servers than they save.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); n=$$((2 * n)); \
	[ "$$n" -gt 2 ] || n=2; [ "$$n" -lt 8 ] || n=8; echo "$$n")
# What else to tell the tool behind a target: make test ARGS='tests/unit -k email', make lock ARGS=--upgrade
ARGS ?=

# Hundreds of processes of the tests read the same modules: each is compiled once.
unexport PYTHONDONTWRITEBYTECODE

# Stamps: what is installed in .venv is what the lock says, and nothing is done twice.
RUNTIME := .venv/.runtime-installed
DEV     := .venv/.dev-installed
BENCH   := .venv/.bench-installed

.DEFAULT_GOAL := help
.PHONY: help up test check format lint types imports contracts fix slow chaos coverage bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: $(RUNTIME) ## Run the whole product here, with a database of its own (PORT=8000)
	@exec $(BIN)/sparknode up

test: $(DEV) ## Run the tests (ARGS='tests/unit -k email' for some)
	@$(BIN)/python -m tests.support.rabbitmq
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m 'not slow' $(ARGS)

slow: $(DEV) ## Run the tests that would take `make test` above its three minutes
	@$(BIN)/python -m tests.support.rabbitmq
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m slow $(ARGS)

check: format lint types imports contracts ## Judge the code without running it

format: $(DEV)
	@$(BIN)/ruff format --check --quiet . || { echo 'Not formatted: `make fix` does it.' >&2; exit 1; }

lint: $(DEV)
	@$(BIN)/ruff check --quiet .

types: $(DEV)
	@$(BIN)/mypy

imports: $(DEV)
	@$(BIN)/lint-imports --no-logo

contracts: $(DEV)
	@$(BIN)/python -m tests.contract.snapshots

fix: $(DEV) ## Format, mend what can be mended by itself, and write down new events
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m tests.contract.snapshots --write
	@$(BIN)/sparknode event-catalogue docs

chaos: $(DEV) ## Take everything away in every way, and look what is lost (SEED= EVENTS=4000 FAULTS=40, minutes)
	@$(BIN)/python -m tests.support.rabbitmq
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(EVENTS),--events $(EVENTS)) \
		$(if $(FAULTS),--faults $(FAULTS)) $(ARGS)

coverage: $(DEV) ## Run all tests and show which lines and branches they miss
	@$(BIN)/python -m tests.support.rabbitmq
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term-missing $(ARGS)

bench: $(BENCH) ## Measure (tests/benchmarks)
	@$(BIN)/pytest --override-ini='python_files=bench_*.py' --no-header -q -s tests/benchmarks $(ARGS)

# What builds us is locked with the rest, so that the editable install downloads nothing.
BUILT_WITH := $(BIN)/python -c 'import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'
# What the public index has: neither a mirror's versions nor an address gets in.
COMPILE = env -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS UV_SYSTEM_CERTS=1 \
	$(BIN)/uv --quiet pip compile --no-config --python-version 3.11 --generate-hashes --custom-compile-command 'make lock'

lock: $(DEV) ## Write the lock files after a change in pyproject.toml (ARGS=--upgrade for newer versions)
	@$(BUILT_WITH) | $(COMPILE) --output-file requirements.lock pyproject.toml - $(ARGS)
	@$(BUILT_WITH) | $(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock \
		pyproject.toml - $(ARGS)
	@$(BUILT_WITH) | $(COMPILE) --extra bench --constraint requirements-dev.lock --output-file requirements-bench.lock \
		pyproject.toml - $(ARGS)
	@echo uv | $(COMPILE) --constraint requirements-dev.lock --output-file requirements-uv.lock - $(ARGS)

clean: ## Remove what the tools made; the data in .sparknode stays
	@rm -rf .venv build dist *.egg-info .coverage .coverage.* htmlcov
	@rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
# Silence of an index ends in half a minute, rather than in two.
UV  := UV_SYSTEM_CERTS=1 UV_HTTP_CONNECT_TIMEOUT=5 UV_HTTP_TIMEOUT=15 UV_HTTP_RETRIES=1 \
	UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$PIP_INDEX_URL}" $(BIN)/uv --quiet
# A lock is complete, so there is nothing to resolve. Left to itself, an older pip looks at the newest release for
# `coverage[toml]` beside the locked `coverage==…`, and gives up as soon as there is one.
LOCKED := --require-hashes --no-deps
# Python compiles what it reads, once; all that is installed would be several times as much, so neither does it.
BY_PIP := $(PIP) install --no-compile $(LOCKED)
# uv takes a tenth of the time, but reads none of pip's settings: behind a mirror that only those name, pip goes on.
define INSTALL
$(UV) pip install --python $(BIN)/python $(LOCKED) -r $(1) || { \
	echo 'uv could not; pip, which has settings of its own, takes longer.' >&2; $(BY_PIP) -r $(1); }
endef

# What is installed names the folder that it is in, and its Python: when one of them has gone, all begins anew.
IS_OURS := [ -x $(BIN)/python ] && { [ ! -s $(RUNTIME) ] || [ "$$(cat $(RUNTIME))" = "$$(pwd -P)" ]; }
MOVED := $(shell [ ! -e $(RUNTIME) ] || { $(IS_OURS); } || echo moved)
.PHONY: moved
$(BIN)/python $(RUNTIME) $(DEV): $(MOVED)
moved:
	@echo 'This folder was moved, or its Python has gone.'
	@rm -rf .venv

$(BIN)/python:
	@$(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'This needs Python 3.11 or newer with venv, and `$(PYTHON)` is not that.' >&2; \
		echo 'On Debian and Ubuntu: apt install python3-venv. If it has another name: make PYTHON=python3.12 ...' >&2; \
		exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }

define OURSELVES
$(UV) pip install --python $(BIN)/python --offline --no-deps --no-build-isolation --editable . || \
	$(PIP) install --no-deps --no-build-isolation --editable .
endef

$(RUNTIME): requirements-uv.lock requirements.lock pyproject.toml | $(BIN)/python
	@echo 'Installing what sparknode needs into .venv ...'
	@$(BY_PIP) -r requirements-uv.lock
	@$(call INSTALL,requirements.lock)
	@$(OURSELVES)
	@pwd -P > $@

# In one go, since its lock has all of the other.
$(DEV): requirements-uv.lock requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	@echo 'Installing what sparknode needs, and the tools for tests and checks, into .venv ...'
	@$(BY_PIP) -r requirements-uv.lock
	@$(call INSTALL,requirements-dev.lock)
	@$(OURSELVES)
	@pwd -P > $(RUNTIME)
	@touch $@

$(BENCH): requirements-bench.lock $(DEV)
	@echo 'Installing what the benchmarks compare with into .venv ...'
	@$(call INSTALL,requirements-bench.lock)
	@touch $@
