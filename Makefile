# Each target sets up what it needs in .venv, once.
PYTHON ?= python3
PORT ?= 8000
ENGINE_PORT ?= 4566

VENV := .venv
BIN := $(VENV)/bin
COMMAND := $(BIN)/orderwire
READY := $(VENV)/.ready-run
TEST_READY := $(VENV)/.ready-test
CHECKOV := tools/checkov
CHECKOV_READY := $(CHECKOV)/.venv/.ready
UV := .uv/bin/uv
# What the lock says, no more; without compiled files every start would take longer.
SYNC := $(UV) sync --quiet --frozen --no-python-downloads --compile-bytecode
EXPORT := $(UV) export --quiet --frozen --no-emit-workspace
PYTEST := $(BIN)/pytest -q

.DEFAULT_GOAL := help
.PHONY: help run demo blackfriday rehearse test test-changed check format style types layers generated checkov render docs \
	soundness pictures events-package infra release rollback redeploy teardown lock audit clean

help:  ## list the targets
	@echo "make <target>:"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: $(READY)  ## run everything on this machine until Ctrl-C; PORT=8001 changes the API's port
	@exec $(COMMAND) run --with-parent --port $(PORT) --engine-port $(ENGINE_PORT)

demo: $(READY)  ## place the sample orders, wait until they settle, check stock and money
	@exec $(COMMAND) demo

blackfriday: $(READY)  ## play a rush of orders while analytics is slow and twelve orders are bad; show that nothing is lost
	@exec $(COMMAND) blackfriday

rehearse: $(READY)  ## rehearse a release on this machine: release, update while orders come in, roll back, tear down
	@exec $(COMMAND) rehearse

test: check $(if $(CI),$(CHECKOV_READY))  ## run every check and test; checkov's too where it is set up, or with CI=true
	@$(PYTEST) -n 3 --dist loadgroup --no-loadscope-reorder

# testmon follows the lines of Python that a test runs in its own process. Whatever else there is, it is told of as its
# environment: in another one it runs every test. Documents would be too much of that; tests that read them, read sources
# or start processes run if any file at all has changed. Packing takes long enough to be left to `make test`.
PLACES := tests/unit tests/contract tests/attack
PACKING := tests/contract/release/test_packaging.py
PASSED := .testmondata-blind
blind = $(filter-out $(PACKING),$(shell grep -rlE 'sys\.executable|ast\.parse|\.md\b|\.github' $(PLACES) --include='test_*.py'))
state = $(shell git ls-files -z --cached --others --exclude-standard $(1) | xargs -0 cksum 2>/dev/null | cksum | tr ' ' -)

test-changed: $(TEST_READY)  ## run the tests that changed files concern, but packing, journeys, browsers; at first all of them
	@$(PYTEST) -n 2 --dist loadgroup --testmon --testmon-env=$(call state,':!*.py' ':!*.md' ':!.github') \
		$(addprefix --ignore=,$(PACKING) $(blind)) $(PLACES)
	@test "$$(cat $(PASSED) 2>/dev/null)" = $(call state) || $(PYTEST) -n 2 --dist loadgroup $(blind)
	@echo $(call state) > $(PASSED)

check: $(TEST_READY)  ## check format, style, types, the layers and what is generated, in some 20 s
	@$(MAKE) --no-print-directory --jobs 5 format style types layers generated

format:
	@$(BIN)/ruff format --check .

style:
	@$(BIN)/ruff check .

types:
	@$(BIN)/mypy

layers:
	@$(BIN)/lint-imports --no-logo

generated:
	@$(UV) lock --quiet --check --offline
	@$(BIN)/python -m orderwire.release.generated

checkov: $(CHECKOV_READY)  ## set up checkov, which looks for insecure settings in the template and the policies

render: $(READY)  ## write the files that are generated from the declarations
	@$(BIN)/python -m schemas.generate
	@$(BIN)/python -m infrastructure.render
	@$(BIN)/python -m checkout_api.generate
	@$(BIN)/python -m orderwire.contracts.reference.asyncapi
	@$(BIN)/python -m orderwire.contracts.exports

docs: $(READY)  ## write the reference of events for subscribers into dist/events
	@exec $(COMMAND) docs

soundness: $(TEST_READY)  ## try to refute verdicts on random rules: make soundness N=100000
	@$(BIN)/python -m tests.support.eventbridge_rules.soundness $(or $(N),10000)

pictures: $(TEST_READY)  ## take the pictures of docs/images again; needs Chromium and pngquant
	@$(BIN)/python -m tests.support.pages.pictures

events-package: $(TEST_READY)  ## build the package orderwire-events for subscribers into dist/
	@$(UV) build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist packages/orderwire-events
	@ls dist/orderwire_events-*.whl

infra: $(READY)  ## create or update a stage's stack in AWS: make infra STAGE=dev
	@test -n "$(STAGE)" || { echo "Say which stage: make infra STAGE=dev" >&2; exit 2; }
	@exec $(COMMAND) infra $(STAGE)

# One recipe for all that works on a whole stage; WITH= takes more options.
release rollback redeploy teardown: $(READY)
	@test -n "$(STAGE)" || { echo "Say which stage: make $@ STAGE=dev" >&2; exit 2; }
	@exec $(COMMAND) $@ $(STAGE) $(WITH)
release:  ## release this commit to a stage: make release STAGE=dev WITH=--yes
rollback:  ## go back to the previous release of a stage
redeploy:  ## deploy the released commit of a stage again, and undo changes that were made by hand
teardown:  ## delete a stage, except for what holds data

lock: $(UV)  ## lock what pyproject.toml asks for, with hashes; UPGRADE=name upgrades a package that nobody pinned
	@$(UV) lock --quiet $(if $(UPGRADE),--upgrade-package $(UPGRADE))
	@$(UV) lock --quiet --project $(CHECKOV) $(if $(UPGRADE),--upgrade-package $(UPGRADE))
	@$(EXPORT) --only-group functions --output-file requirements.txt
	@$(EXPORT) --only-group uv --output-file tools/uv.txt

audit: $(UV)  ## look up every package in the databases of known vulnerabilities; asks pypi.org
	@for project in . $(CHECKOV); do \
		$(EXPORT) --project $$project --all-packages --all-groups --all-extras --output-file $(UV).audited && \
		$(UV) run --quiet --frozen --isolated --only-group audit \
			pip-audit --strict --disable-pip --require-hashes --requirement $(UV).audited || exit 1; \
	done

clean:  ## delete every local order and the tools' caches
	@test ! -x $(COMMAND) || $(COMMAND) clean
	@rm -rf dist .orderwire .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .testmondata* build
	@find . -name __pycache__ -not -path '*/.venv/*' -not -path './.uv/*' -prune -exec rm -rf {} +

$(UV): tools/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv --clear .uv
	@.uv/bin/python -m pip --disable-pip-version-check --quiet --quiet install --require-hashes --requirement $<
	@touch $@

# What is installed names the place of the checkout: in one that was moved, it is installed again.
PLACE := $(VENV)/.place
ifneq ($(shell cat $(PLACE) 2>/dev/null),$(CURDIR))
.PHONY: $(PLACE)
endif
$(PLACE): $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) (once)"
	@$(UV) venv --quiet --clear --no-python-downloads --python $(PYTHON) $(VENV)
	@echo $(CURDIR) > $@

PROJECT := uv.lock pyproject.toml $(wildcard packages/*/pyproject.toml)
# Without the tests' tools, and leaving them where they are.
$(READY): $(PLACE) $(PROJECT)
	@$(SYNC) --inexact --no-default-groups --group build --group packages
	@touch $@

$(TEST_READY): $(PLACE) $(PROJECT)
	@$(SYNC)
	@touch $@ $(READY)

$(CHECKOV_READY): $(CHECKOV)/uv.lock $(UV)
	@$(SYNC) --project $(CHECKOV) --python $(PYTHON)
	@touch $@
