# make demo: the whole way on sample data.   make test: everything that must hold.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= 2

# Several test processes share the cores, so each computes on one thread.
export OMP_NUM_THREADS ?= 1

.PHONY: help demo test test-all lint bench lock audit browser clean

help:
	@echo "make demo      install into $(VENV) and rank, explain and list the sample records in demo/"
	@echo "make test      style, types, layers and tests ($(JOBS) processes; JOBS=4 for more)"
	@echo "make test-all  the same with the slow tests"
	@echo "make lint      style, types and layers alone"
	@echo "make bench     time and memory, printed, nothing asserted"
	@echo "make lock      pin every dependency of a deployment, with hashes, in requirements.lock"
	@echo "make audit     look the pinned releases up among known vulnerabilities (asks the network)"
	@echo "make clean     remove $(VENV), demo/ and what builds leave"

demo: $(VENV)/.installed
	OMP_NUM_THREADS=$$(nproc 2>/dev/null || echo 2) $(BIN)/riskscore demo --out demo

# Style and tests are both told, whichever fails.
BOTH = $(MAKE) --no-print-directory lint; style=$$?; $(BIN)/python -m pytest -n $(JOBS) --dist loadfile
DONE = tests=$$?; exit $$((style + tests))

test: $(VENV)/.installed-dev browser
	@$(BOTH); $(DONE)

test-all: $(VENV)/.installed-dev browser
	@$(BOTH) -m "slow or not slow" --hypothesis-profile=search; $(DONE)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed-dev
	@for bench in tests/benchmarks/bench_*.py; do echo "== $$bench"; \
		if [ -z "$$RISKSCORE_DATA" ] && grep -q RISKSCORE_DATA $$bench; then echo "skipped: set RISKSCORE_DATA"; \
		else PYTHONPATH=. $(BIN)/python $$bench || exit 1; fi; done

# What offices install: everything but Spark and the tools for development. See docs/security.md.
EXTRAS := database ledger sign plan tune pdf fast

lock: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --upgrade --quiet \
		$(EXTRAS:%=--extra %) --custom-compile-command "make lock" --output-file requirements.lock

audit: $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip

# A few tests read pages as a browser shows them; without one they are skipped and say so.
browser:
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium) </dev/null >/dev/null 2>&1 \
		|| echo "Chromium could not be installed; the tests that need a browser are skipped."; \
	else echo "No Chromium here; the tests that need a browser are skipped."; fi

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "riskscore needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,database,tune,sign,ledger,plan,pdf]'
	@touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
