# The whole life of a checkout: run the app, run the tests. `make` alone lists the targets.
PYTHON ?= python3
PORT ?= 8501

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
# What checks the app's scripts. Nothing newer is needed than what Debian has.
HAS_NODE := command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
CHROMIUM := $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))

.DEFAULT_GOAL := help
.PHONY: help app test lint scripts browser node clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

app: .venv/.installed-app ## serve the app on http://localhost:8501 (another port: make app PORT=…)
	@.venv/bin/glyphcore app --port $(PORT)

test: lint browser ## check style and types, run every test
	@! { $(HAS_NODE); } || npm --prefix app --silent test
	$(PY) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: .venv/.installed-dev scripts ## check style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# Scripts need no build step; ESLint and tsc are for those who change them.
scripts: node
	@! { $(HAS_NODE); } || { $(MAKE) --no-print-directory --silent app/node_modules/.installed && \
		npm --prefix app --silent run lint && npm --prefix app --silent run types; }

clean: ## remove the environment and what the tools cached (fetched fonts and results stay)
	rm -rf .venv app/node_modules .mypy_cache .ruff_cache .pytest_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Browser tests drive a Chromium of the system. Only where it can be installed without asking is it installed.
browser:
	@test -n "$(CHROMIUM)" || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium; } || \
		echo "No Chromium here and no way to install one: browser tests are skipped (they fail where CI is set)."

node:
	@{ $(HAS_NODE); } || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nodejs npm; } || \
		{ echo "No node and npm here and no way to install them: ESLint, tsc and node --test are skipped (they fail where CI is set)."; \
		test -z "$$CI"; }

# A stamp is written only after its step went through, so a step that was cut off is done again.
.venv/.created:
	@test -w . || { echo "This folder cannot be written, and make puts its environment (.venv) there: copy the folder to one of your own."; exit 1; }
	@for python in $(PYTHON) python3.13 python3.12 python3.11; do \
		$$python -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && \
		{ echo "Creating .venv with $$python"; exec $$python -m venv .venv; }; \
	done; \
	echo "No Python >= 3.11 with its venv module: install one (Debian: python3-venv), or name it: make app PYTHON=..."; exit 1
	@touch $@

.venv/.installed-app: .venv/.created pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e '.[all]'
	@touch $@

.venv/.installed-dev: .venv/.created pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.installed-app

app/node_modules/.installed: app/package.json app/package-lock.json
	npm --prefix app ci
	@touch $@
