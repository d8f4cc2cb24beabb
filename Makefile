# What a developer runs. Needs python3 (3.11 or newer) and make; everything else is installed into .venv.
#
#   make demo        serve a world with a customer, a subscription and five invoices on 127.0.0.1:12111
#   make test        all tests (some minutes); the last lines say how many passed
#   make lint        ruff, mypy, the layers, the Dockerfile
#   make bench       speed, as ratios to a bare aiohttp server measured in the same run
#   make coverage    the tests without the browser, with branch coverage
#   make docs        the docs site, into build/docs
#   make worlds      write fixtures/worlds/*.json anew
#   make api-specs   compile api_specs/ anew from an OpenAPI document: make api-specs SOURCE=openapi.json.gz

PYTHON ?= python3
PORT ?= 12111
ARGS ?=
SOURCE ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint lint-ruff lint-format lint-types lint-layers lint-docker format bench coverage worlds \
        docs api-specs venv venv-pdf venv-test venv-docs browser clean

help:
	@sed -n 's/^#   //p' Makefile

venv:
	@PYTHON="$(PYTHON)" sh scripts/venv.sh

venv-pdf:
	@PYTHON="$(PYTHON)" sh scripts/venv.sh pdf

venv-test:
	@PYTHON="$(PYTHON)" sh scripts/venv.sh test

venv-docs:
	@PYTHON="$(PYTHON)" sh scripts/venv.sh docs

browser:
	@sh scripts/browser.sh

# `exec` hands the terminal's Ctrl-C to the server itself, which then leaves with exit code 0.
demo: venv-pdf
	@exec $(BIN)/stripe-emulator serve --world saas --port $(PORT) $(ARGS)

test: venv-test browser
	@$(BIN)/python scripts/run_tests.py $(ARGS)

coverage: venv-test
	@$(BIN)/python -m pytest --ignore=tests/browser --cov --cov-report=term --cov-report=html $(ARGS)

lint: lint-ruff lint-format lint-types lint-layers lint-docker

lint-ruff: venv-test
	$(BIN)/ruff check .

lint-format: venv-test
	$(BIN)/ruff format --check .

lint-types: venv-test
	$(BIN)/mypy

lint-layers: venv-test
	$(BIN)/lint-imports --no-logo

lint-docker: venv-test
	$(BIN)/hadolint docker/Dockerfile docker/example/Dockerfile

format: venv-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: venv-test
	@$(BIN)/python -m bench $(ARGS)

docs: venv-docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --clean --quiet
	@echo "build/docs/index.html"

worlds: venv-test
	@$(BIN)/python -m scripts.build_worlds $(ARGS)

api-specs: venv-test
	@if [ -z "$(SOURCE)" ]; then echo "Say which document: make api-specs SOURCE=openapi.json.gz" >&2; exit 2; fi
	@$(BIN)/python api_specs/compile.py $(SOURCE) $(ARGS)

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache htmlcov .coverage
