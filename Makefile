# Two commands on a fresh machine with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.PHONY: help demo test lint format docs clean

help:
	@echo "make demo    install anatase and identify the measured pattern in examples/"
	@echo "make test    install the developers' tools, then lint, type-check and test"
	@echo "make lint    ruff, mypy and the import contract alone"
	@echo "make format  rewrite the sources in the common layout"
	@echo "make docs    build the documentation in site/"

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "anatase needs Python 3.11 or later; name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || \
	  { echo "Python has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(PIP) install -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[dev]'
	@touch $@

$(VENV)/.docs: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[docs]'
	@touch $@

demo: $(VENV)/.demo
	$(BIN)/python -m anatase.identify.warm_up
	$(BIN)/anatase identify examples/fluorapatite.xra --elements Ca,P,O,F --report demo_report
	@echo "The report is demo_report/fluorapatite.html: open it in a browser."

test: lint
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --doctest-modules src/anatase -q

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.docs
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) demo_report site build dist
