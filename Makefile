# Needs Python 3.11 or later and make; everything else comes into .venv. `make help` lists the targets.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$name; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV_VERSION := 0.13.9
INDICES := nbs-new-drivers-2014 nbs-new-drivers-2022 miit-telecom-regions accenture-disruption
SHOWN := caict-computing-power-1.0
PYTEST_ARGS ?=
EXAMPLES ?= 100
# Two at a time, each file in one process; WORKERS=0 runs them one after another.
WORKERS ?= 2
PROJECT := pyproject.toml src/dtindex/_version.py

.DELETE_ON_ERROR:
.PHONY: help run test conformance indices lint javascript format bench lock lowest schemathesis wheel clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

run: $(VENV)/run.stamp ## install what a user needs, score the indices that ship with data, into out/
	@for id in $(INDICES); do $(BIN)/dtindex score $$id --quiet -o out/$$id || exit $$?; done
	@$(BIN)/dtindex score $(SHOWN) -o out/$(SHOWN)
	@echo
	@echo "Scores, findings and the record of each run:"
	@for id in $(SHOWN) $(INDICES); do echo "  out/$$id/"; done

test: $(VENV)/dev.stamp ## every test that needs no system package
	$(BIN)/python -m pytest -rs -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/dev.stamp ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

javascript: $(VENV)/dev.stamp ## types of the page's scripts; fetches the compiler from npm
	$(BIN)/python scripts/javascript.py

format: $(VENV)/dev.stamp ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

conformance: $(VENV)/dev.stamp ## recompute published indices from their inputs; needs the reference data
	$(BIN)/python scripts/conformance.py
	$(BIN)/python -m pytest -q -rs tests/conformance $(PYTEST_ARGS)

indices: $(VENV)/run.stamp ## the definitions that ship against the figures that their publishers print
	$(BIN)/python scripts/index_errors.py

bench: $(VENV)/peers.stamp ## measure against the goals; ratios are taken within one run
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m pytest benchmarks -q --benchmark-quiet -p no:cacheprovider $(PYTEST_ARGS)

# One lock for every Python and system that dtindex supports; pip installs from it with hashes. Run again with
# LOCK_ARGS=--upgrade for newer versions, or LOCK_ARGS='--upgrade-package numpy' for one.
lock: $(VENV)/uv.stamp ## write requirements/lock.txt and run.txt anew after a change of dependencies
	$(BIN)/uv pip compile $(LOCK_FLAGS) $(LOCK_ARGS) $(LOCK_EXTRAS) pyproject.toml requirements/build.in -o requirements/lock.txt
	$(BIN)/uv pip compile $(LOCK_FLAGS) --constraints requirements/lock.txt pyproject.toml requirements/build.in -o requirements/run.txt

LOCK_EXTRAS := --extra service --extra postgres --extra report --extra distributed --extra dev
LOCK_FLAGS := --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --strip-extras \
	--custom-compile-command 'make lock'

lowest: ## the tests with the oldest supported versions of everything
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(VENV)-lowest/bin/python -m pip --disable-pip-version-check install --quiet --constraint requirements/lowest.txt \
		--editable '.[service,postgres,report,distributed]' hypothesis jsonschema openpyxl pytest pytest-benchmark xlwt
	$(VENV)-lowest/bin/python -m pytest -rs -m 'not checkout' $(PYTEST_ARGS)

schemathesis: $(VENV)/dev.stamp ## many made-up requests to the running service; EXAMPLES=100 of each operation
	DTINDEX_SCHEMATHESIS_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -rs tests/service/test_schemathesis.py $(PYTEST_ARGS)

wheel: $(VENV)/dev.stamp ## sdist, and the wheel made from it, into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation

clean: ## remove everything that make made
	rm -rf $(VENV) $(VENV)-lowest out dist build .benchmarks .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src service tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "dtindex needs Python 3.11 or later; none was found. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp is newer than what it was installed from; nothing is installed again while that holds.
$(VENV)/run.lock.stamp: requirements/run.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes --requirement requirements/run.txt
	@touch $@

$(VENV)/dev.lock.stamp: requirements/lock.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes --requirement requirements/lock.txt
	@touch $@

$(VENV)/run.stamp: $(VENV)/run.lock.stamp $(PROJECT)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/dev.lock.stamp $(PROJECT)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/peers.stamp: requirements/peers.txt $(VENV)/dev.stamp
	$(PIP) install --quiet --requirement requirements/peers.txt
	@touch $@

$(VENV)/uv.stamp: Makefile | $(BIN)/python
	$(PIP) install --quiet uv==$(UV_VERSION)
	@touch $@
