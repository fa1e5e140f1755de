# Everything a newcomer needs is `make run` and `make test`; `make help` lists the rest.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TESTS_INSTALLED := $(VENV)/.tests-installed
PEERS := $(VENV)/peers
PEERS_INSTALLED := $(PEERS)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test lint hostile soak bench bench-peers bench-sizes bench-large screenshots printed picture messages pins clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(INSTALLED) ## install, migrate, load the samples and serve on PORT (8000)
	@$(BIN)/python -m portal.bootstrap
	@exec $(BIN)/python manage.py serve --port $(PORT)

test: $(TESTS_INSTALLED) ## every check and test, on SQLite, PostgreSQL and in Chromium
	@$(BIN)/python -m tests.everything

lint: $(TESTS_INSTALLED) ## style, types and missing migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@SECRET_KEY=unused $(BIN)/mypy

hostile: $(TESTS_INSTALLED) ## 5,000 hostile requests; none may give a 500
	@HOSTILE_REQUESTS=5000 $(BIN)/python -m pytest tests/test_hostile.py -p no:randomly

soak: $(TESTS_INSTALLED) ## 2,000 random searches through page and API, against a recomputation
	@$(BIN)/python -m tests.soak

bench: $(TESTS_INSTALLED) ## rates of page and API beside a bare page, and how soon pages are painted
	@$(BIN)/python -m benchmarks.bench

bench-peers: $(TESTS_INSTALLED) $(PEERS_INSTALLED) ## the portal beside Datasette and a usual Django portal, on SIZES=160,10000 rows
	@$(BIN)/python -m benchmarks.peers

bench-sizes: $(TESTS_INSTALLED) ## pages of a small list and of a large one, on SIZES=160,1000000 entries
	@$(BIN)/python -m benchmarks.sizes

bench-large: $(INSTALLED) ## searches, suggestions and writes of the current edition of DATABASE_URL
	@DJANGO_SETTINGS_MODULE=portal.settings $(BIN)/python -c \
	  "import django; django.setup(); from benchmarks.large import main; main()"

screenshots: $(TESTS_INSTALLED) ## every kind of page at three widths, in both themes and languages
	@$(BIN)/python -m tests.browser.screenshots

printed: $(TESTS_INSTALLED) ## on how many sheets each opportunity is printed, in both languages
	@$(BIN)/python -m tests.browser.printed

picture: $(TESTS_INSTALLED) ## draw the picture that goes along with a shared address
	@$(BIN)/python -m tests.browser.picture

messages: $(TESTS_INSTALLED) ## collect the messages to translate (needs GNU gettext) and compile them
	@SECRET_KEY=unused $(BIN)/python manage.py makemessages -l zh_Hans --no-location --no-wrap -i .venv -i var

pins: ## renew the pinned versions and their hashes from every requirements*.in
	$(PYTHON) -m venv $(VENV)/pins
	$(VENV)/pins/bin/pip install --quiet uv
	for file in requirements requirements-test benchmarks/requirements-peers; do \
	  $(VENV)/pins/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make pins" $$file.in -o $$file.txt || exit 1; done

clean: ## remove what was installed; what users entered in var/ stays
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.txt | $(VENV)/bin/python
	@echo "Installing the packages of requirements.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(TESTS_INSTALLED): requirements-test.txt $(INSTALLED)
	@echo "Installing the packages of requirements-test.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

$(PEERS_INSTALLED): benchmarks/requirements-peers.txt | $(VENV)/bin/python
	@echo "Installing the packages of benchmarks/requirements-peers.txt …"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements-peers.txt
	@touch $@
