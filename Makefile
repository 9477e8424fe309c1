# Every target sets up what it needs by itself. Bare machine: Python 3.11 to 3.13 with venv, and make.
#   make run        run the main job (RUN="scenario=mali_2025 seed=3" passes settings) and say where the report is
#   make test       everything a commit must pass
#   make check      its fast part
#   make test-full  make test, then the tests that need a browser, several processes or minutes
#   make test-newest  the tests of sim on the newest Python and Mesa found here
#   make docs-lessons  measure what the lessons' ready-made settings show, into the teachers' guides
#   make docs-science  write docs/verification.md, no_wired_result.md, validation.md and theses.md anew (a quarter of an hour and more)
#   make explore    the property tests with new examples, ten times (ROUNDS=10)
#   make bench | lock | picture | clean

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The first Python on PATH that this project supports; `make PYTHON=/path/to/python` chooses another.
# Each candidate is run, not only looked up: a version manager's shim may exist and still refuse.
in_range = $(1) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do $(call in_range,$$p) && echo $$p && break; done)
# The newest one, also among pyenv's versions: for `make test-newest`.
PYTHON_NEWEST ?= $(shell for p in python3.13 python3.12 \
    $$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[23].*/bin/python 2>/dev/null | sort -rV); do \
    $(call in_range,$$p) && echo $$p && break; done)

VENV ?= .venv
BIN := $(VENV)/bin
NEWEST := .venv-newest
RUN ?=
# Arguments for pytest, e.g. `make test PYTEST="-n 0"` (one process instead of two) or `make check PYTEST="-k ledger"`.
PYTEST ?=
UV_VERSION := 0.13.9

PIP_INSTALL := -m pip install -qq --disable-pip-version-check --no-build-isolation

.PHONY: help run picture setup test check style explore test-full chromium test-newest docs-science docs-lessons bench lock clean which-python
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

# --- set-up -------------------------------------------------------------------------------------
# A stamp file stands for a finished step: nothing is installed again while the lock is unchanged.
# $(1) is the Python to use, $(2) the environment. An environment whose Python is gone is made anew.
define make_venv
	@$(call in_range,"$(1)") || { echo "stalemate needs Python 3.11, 3.12 or 3.13; found none$(if $(1), (tried $(1))). Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(2)/bin/python -c pass 2>/dev/null || rm -rf $(2)
	@test -d $(2) || $(1) -m venv $(2) || { rm -rf $(2); echo "$(1) cannot make a virtual environment (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@$(2)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/build.lock
endef

define install_lock
	@echo "installing requirements/$(2) into $(1) (once; a minute or so)"
	@$(1)/bin/python $(PIP_INSTALL) --require-hashes -r requirements/$(2)
	@touch $@
endef

define install_self
	@$(1)/bin/python $(PIP_INSTALL) --no-deps --editable .
	-@$(1)/bin/python -m compileall -q sim experiments  # pip does so for all but an editable package
	@touch $@
endef

$(VENV)/.made: requirements/build.lock
	$(call make_venv,$(PYTHON),$(VENV))
	@touch $@
$(VENV)/.run: requirements/run.lock $(VENV)/.made
	$(call install_lock,$(VENV),run.lock)
$(VENV)/.dev: requirements/dev.lock $(VENV)/.made
	$(call install_lock,$(VENV),dev.lock)
$(VENV)/.self: pyproject.toml $(VENV)/.made
	$(call install_self,$(VENV))

$(NEWEST)/.made: requirements/build.lock
	$(call make_venv,$(PYTHON_NEWEST),$(NEWEST))
	@touch $@
$(NEWEST)/.dev: requirements/dev.lock $(NEWEST)/.made
	$(call install_lock,$(NEWEST),dev.lock)
$(NEWEST)/.self: pyproject.toml $(NEWEST)/.made
	$(call install_self,$(NEWEST))

which-python:
	@echo $(PYTHON)

# --- what people type ---------------------------------------------------------------------------
run: $(VENV)/.run $(VENV)/.self
	@$(BIN)/stalemate run $(RUN)

setup: $(VENV)/.dev $(VENV)/.self

# The README's picture, docs/img/: figures of the main job, as it stands.
picture: $(VENV)/.run $(VENV)/.self
	@rm -rf build/picture
	$(BIN)/stalemate run --outputs build/picture
	@mkdir -p docs/img
	@cp build/picture/*/figures/map.png build/picture/*/figures/time_lines.png docs/img/

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: style
	$(BIN)/pytest -n 2 -m "not slow and not full" $(PYTEST)

test: style
	$(BIN)/pytest -n 2 $(PYTEST)

# New examples for the property tests, ROUNDS times; what fails goes into its test as an @example.
ROUNDS ?= 10
explore: setup
	for round in $$(seq $(ROUNDS)); do \
	  HYPOTHESIS_PROFILE=explore $(BIN)/pytest -q -n 2 -m "hypothesis and not full" $(PYTEST) || exit 1; done

test-full: test chromium
	$(BIN)/pytest -m full $(PYTEST)

# Playwright drives the system's browser; its own download of one is not used. Its driver, asked for its
# version here to see whether it starts, wants a library that a bare Debian lacks (libatomic1).
browser_works = command -v chromium >/dev/null && $(BIN)/playwright --version >/dev/null 2>&1
chromium: setup
	@{ $(browser_works); } || { [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; } || { \
	  echo "installing chromium" && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium libatomic1 >/dev/null; }
	@{ $(browser_works); } || { echo "the browser tests need Chromium (Debian, as root: apt-get install chromium libatomic1)" >&2; exit 1; }

ifeq ($(PYTHON_NEWEST),)
test-newest:
	@echo "test-newest skipped: no Python 3.12 or 3.13 here"
else
test-newest: $(NEWEST)/.dev $(NEWEST)/.self
	@$(NEWEST)/bin/python -c 'import sys; from importlib.metadata import version; print("Python", sys.version.split()[0], "with Mesa", version("mesa"))'
	$(NEWEST)/bin/pytest -n 2 tests/test_packaging.py $(wildcard tests/sim) $(PYTEST)
endif

docs-science: setup
	$(BIN)/stalemate verify --write
	$(BIN)/stalemate checks --write || test $$? = 1  # what fails is told on the page
	$(BIN)/python -m experiments.science.page
	$(BIN)/python -m experiments.thesis.page

# After every change of results; some minutes. `stalemate lesson NAME --observe --check` says whether it is needed.
docs-lessons: setup
	@for name in $$(ls docs/lessons | sed 's/\.md$$//'); do $(BIN)/stalemate lesson $$name --observe; done

# Writes docs/performance.md, then shows pytest-benchmark's own table. BENCH=--diagram also runs a whole diagram.
bench: setup
	$(BIN)/python -m experiments.bench $(BENCH)
	$(BIN)/pytest tests/benchmarks -o addopts="--import-mode=importlib --strict-markers" --benchmark-only $(PYTEST)

# Locks are universal: one file serves every supported Python and system through markers. They hold
# versions and hashes, no addresses. run and build are cut from dev, so that the versions are the same.
# `make lock UPGRADE=--upgrade` moves to the newest versions; without it, pins that still fit stay.
UPGRADE ?=
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" .venv-lock/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links
lock:
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock; }
	@.venv-lock/bin/python -m pip install -qq --disable-pip-version-check uv==$(UV_VERSION)
	$(COMPILE) $(UPGRADE) pyproject.toml requirements/build.in --all-extras -o requirements/dev.lock
	$(COMPILE) $(UPGRADE) pyproject.toml -c requirements/dev.lock -o requirements/run.lock
	$(COMPILE) $(UPGRADE) requirements/build.in -c requirements/dev.lock -o requirements/build.lock
	@! grep -nE '[a-z]+://|--(index|extra-index|find-links)' requirements/*.lock

# Runs in outputs/ are kept.
clean:
	rm -rf .venv $(NEWEST) .venv-lock build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find sim experiments tests -name __pycache__ -type d -prune -exec rm -rf {} +
