# Everything starts from a bare Python (3.11 or newer) and make:
#
#   make report   validity reports of the shipped example answers, in reports/
#   make test     the whole test suite
#
# Both set up what they need in .venv, with the versions of constraints.txt. Another
# interpreter: make test PYTHON=python3.12 VENV=.venv312

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_OPTIONS ?= -n auto --dist worksteal
DOCS_OPTIONS ?=
REPORTS ?= reports
DATA := tests/reference/data

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup report test lint format types layers check docs benchmark build clean distclean

help: ## say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# Its time stamp says that the environment is complete, so that a second run starts at once.
READY := $(VENV)/.complete

# pip reads both constraints; which of them binds the build tools depends on its version.
$(READY): export PIP_CONSTRAINT := constraints.txt
$(READY): export PIP_BUILD_CONSTRAINT := constraints.txt
$(READY): export PIP_DISABLE_PIP_VERSION_CHECK := 1
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV): this takes a minute or two, once."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[all,dev]'
	@touch $@

setup: $(READY) ## make .venv, with everything pinned

report: $(READY) ## validity reports of two public data sets and of simulated answers
	@mkdir -p $(REPORTS)
	$(BIN)/psychometrics validate ipip_bfi25 $(DATA)/bfi.csv --site education --out $(REPORTS)/bfi.html
	$(BIN)/psychometrics validate hs1939 $(DATA)/hs.csv --site school --out $(REPORTS)/hs.html
	$(BIN)/psychometrics simulate peer_support_implementation --n-per-site 60 --seed 1 \
	  --out $(REPORTS)/peer_support_simulated.csv
	$(BIN)/psychometrics validate peer_support_implementation $(REPORTS)/peer_support_simulated.csv \
	  --out $(REPORTS)/peer_support_simulated.html
	@echo
	@echo "Open in a browser:"
	@for page in bfi hs peer_support_simulated; do echo "  $(abspath $(REPORTS))/$$page.html"; done

test: $(READY) ## the whole suite: tests, doctests, notebooks
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

lint: $(READY) ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## let ruff mend and format what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## mypy: strict where the numbers and the definitions are
	$(BIN)/mypy

layers: $(READY) ## import-linter: data flows down
	$(BIN)/lint-imports --no-logo

check: lint types layers test ## all of the above

docs: $(READY) ## the documentation site, in site/; a broken link or example stops it
	$(BIN)/sphinx-build -W --keep-going -q $(DOCS_OPTIONS) -b html -c docs -d .docs_cache . site
	@echo "Open in a browser: $(abspath site)/docs/index.html"

benchmark: $(READY) ## how long the main jobs and the start-up take here
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/translations.py
	$(BIN)/python benchmarks/validate_bfi.py
	$(BIN)/python benchmarks/ordinal_against_r.py
	$(BIN)/python benchmarks/exploration_against_r.py

build: $(READY) ## wheel and source archive, in dist/
	$(BIN)/python -m build --no-isolation

clean: ## remove what was made, but the environment
	rm -rf $(REPORTS) site docs/reference build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache .docs_cache .jupyter_cache
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean ## remove the environments too
	rm -rf $(VENV) .venv-stats .venv-oldest
