# `make demo` on a fresh clone builds .venv, installs brianmem and learns digits.
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that is new enough and can make an environment.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
PYTEST_ARGS ?= -n auto --maxprocesses 4 --timeout 900

.PHONY: demo test test-long lint clean

demo: $(VENV)/.installed
	$(BIN)/brianmem run diehl_cook
	@echo "Environment: $(VENV). Try: $(BIN)/brianmem list, $(BIN)/brianmem show memdiode"

test: $(VENV)/.installed
	$(BIN)/python -m pytest -m "not long" $(PYTEST_ARGS)

# Whole experiments and many seeds: hours on two cores.
test-long: $(VENV)/.installed
	$(BIN)/python -m pytest -m long $(PYTEST_ARGS)

lint: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet ruff
	$(BIN)/ruff check .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis

$(VENV)/.installed: setup.cfg setup.py
	@test -n "$(PYTHON)" || { echo "brianmem needs Python 3.11 or newer with ensurepip (on" \
		"Debian: python3-venv). Name one with: make PYTHON=/path/to/python3"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[test]"
	touch $@
