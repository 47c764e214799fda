# One word a job; each sets up what it needs in .venv from the hash-pinned locks.
PYTHON ?= python3
BIN := .venv/bin
OLD := .venv-pandas2
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
OLD_PIP := $(OLD)/bin/python -m pip --disable-pip-version-check --quiet
OUT ?= build/demo
MUTANTS ?= 20
GROUPS := build test check docs notebooks bench engines
.DEFAULT_GOAL := help

.PHONY: help demo test pandas2 chance fuzz mutants coverage check docs notebooks bench lock clean

help: ## List the jobs
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/make \1\t\2/' | expand -t 18

demo: .venv/run.stamp ## Answer the main question on the embedded SYNTHETIC directory
	@IOPDIR_STORE= $(BIN)/iopdir gaps --by county --out $(OUT)

test: .venv/all.stamp ## Run every test and every docstring example
	$(BIN)/python -m pytest -n 2 --dist loadgroup --hypothesis-profile ci

pandas2: $(OLD)/all.stamp ## Run every test on pandas 2.3
	$(OLD)/bin/python -m pytest -n 2 --dist loadgroup --hypothesis-profile ci

chance: .venv/all.stamp ## Run the property tests once more, with examples of chance
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m hypothesis --hypothesis-profile default

fuzz: .venv/all.stamp ## Damage 100,000 files of each format, kill 500 writers
	IOPDIR_FUZZ=100000 IOPDIR_KILLS=500 $(BIN)/python -m pytest tests/fuzz -n 2

mutants: .venv/all.stamp ## Put small wrongs (MUTANTS=20) into each room, one at a time: do the tests see them?
	$(BIN)/python tests/mutation/run.py --each $(MUTANTS)

coverage: .venv/all.stamp ## Branches of what is not compiled that the tests run
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n 2 --dist loadgroup --hypothesis-profile ci
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered --sort cover

check: .venv/all.stamp ## Lint, types, import direction, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

docs: .venv/all.stamp ## Build the site, strictly
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict

notebooks: .venv/all.stamp ## Execute every notebook; fail on a changed output
	$(BIN)/python notebooks/run.py

bench: .venv/all.stamp ## Side by side with peers, in one run
	$(BIN)/python benchmarks/nearest.py
	$(BIN)/python benchmarks/access.py
	$(BIN)/python benchmarks/intake.py

lock: .venv/bin/python ## Resolve the locks anew (needs uv, which this installs)
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --all-extras $(GROUPS:%=--group %) --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --quiet --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra all --group build --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --quiet --constraint requirements.lock --output-file requirements-run.lock
	printf 'pandas<3\npytz\n' | $(BIN)/uv pip compile - --no-deps --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --quiet --upgrade --output-file requirements-pandas2.lock

clean: ## Remove what these jobs made
	rm -rf .venv $(OLD) build site dist

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements-run.lock pyproject.toml | .venv/bin/python
	@echo "Installing iopdir into .venv ..."
	@$(PIP) install --no-compile --require-hashes --requirement requirements-run.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 .venv/lib src
	@touch $@

.venv/all.stamp: requirements.lock .venv/run.stamp
	@echo "Installing the development tools into .venv ..."
	@$(PIP) install --no-compile --require-hashes --requirement requirements.lock
	@$(BIN)/python -m compileall -q -j 0 .venv/lib > /dev/null || true # some packages ship templates
	@touch $@

$(OLD)/all.stamp: requirements.lock requirements-pandas2.lock pyproject.toml
	@echo "Installing iopdir with pandas 2.3 into $(OLD) ..."
	@$(PYTHON) -m venv $(OLD)
	@$(OLD_PIP) install --no-compile --require-hashes --requirement requirements.lock
	@$(OLD_PIP) install --require-hashes --no-deps --requirement requirements-pandas2.lock
	@$(OLD_PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
