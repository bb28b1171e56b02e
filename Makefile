# Everything a fresh clone needs. `make demo` runs NotYet with a sample company; `make test` tests it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := $(BIN)/uv
ASSETS := src/notyet/web/static/notyet/.built
DEMO_HOME ?= .demo

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint format bench clean pytest

demo: .venv/.installed $(ASSETS)
	NOTYET_HOME="$${NOTYET_HOME:-$(CURDIR)/$(DEMO_HOME)}" $(BIN)/notyet demo

test: .venv/.tools $(ASSETS) lint pytest

# The database tests run twice: on SQLite with all the others, then on PostgreSQL.
pytest: .venv/.tools $(ASSETS)
	$(BIN)/python -m tests.chromium --install
	$(BIN)/pytest -n 2
	$(BIN)/pytest -n 2 --database postgresql

lint: .venv/.tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.tools
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.tools
	$(BIN)/python -m bench

clean:
	rm -rf .venv node_modules $(dir $(ASSETS)) $(DEMO_HOME)

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv

# --inexact: uv itself lives in .venv and is not in the lock.
.venv/.installed: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --no-dev --quiet
	touch $@

.venv/.tools: $(UV) pyproject.toml uv.lock
	$(UV) sync --frozen --inexact --quiet
	touch $@ .venv/.installed

node_modules/.installed: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	touch $@

$(ASSETS): node_modules/.installed $(shell find src/notyet/web/assets -type f 2>/dev/null)
	npm run build
	touch $@
