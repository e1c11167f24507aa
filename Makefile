# `make demo` shows the whole main job; `make test` passes the tests. Both install all that they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test lint install lock engine bench clean

install: $(INSTALLED)

$(INSTALLED): requirements/lock.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

engine: $(INSTALLED)
	$(BIN)/tartware-lt k6 install

demo: engine
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tartware_loadtest.sandbox.demo

test: engine lint
	$(BIN)/python -m pytest --cov --cov-report=term

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy tartware_loadtest tests benchmarks
	$(BIN)/lint-imports

lock:
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--python-version 3.11 --all-extras --group dev pyproject.toml -o requirements/lock.txt

bench: engine
	$(BIN)/python benchmarks/generator.py
	$(BIN)/python benchmarks/bootstrap.py --large 1000000

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
