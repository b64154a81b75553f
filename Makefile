# Each target sets up what it needs in .venv, once.
PYTHON ?= python3
PORT ?= 8000
ENGINE_PORT ?= 4566

VENV := .venv
BIN := $(VENV)/bin
CODE := schemas edges tables consumers checkout_api infrastructure orderwire app.py
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
COMMAND := $(BIN)/orderwire
READY := $(VENV)/.ready-run
TEST_READY := $(VENV)/.ready-test
TOOLS := .venv-tools
TOOLS_READY := $(TOOLS)/.ready
CHECKOV := .venv-checkov
CHECKOV_READY := $(CHECKOV)/.ready
# uv takes 3 s where pip takes 30; without compiled files every start would take longer.
INSTALL := $(TOOLS)/bin/uv pip install --quiet --compile-bytecode --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run demo blackfriday rehearse test lint checkov render docs soundness pictures events-package infra release rollback redeploy teardown lock audit clean

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

test: lint $(if $(CI),$(CHECKOV_READY))  ## run every check and test; checkov's too where it is set up, or with CI=true
	@$(BIN)/pytest -q -n 3 --dist loadgroup

lint: $(TEST_READY)  ## check formatting, style and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy $(CODE) packages/eventbridge-rules/eventbridge_rules packages/orderwire-events/orderwire_events examples/loyalty-points/loyalty

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
	@$(BIN)/python -m tests.support.soundness $(or $(N),10000)

pictures: $(TEST_READY)  ## take the pictures of docs/images again; needs Chromium and pngquant
	@$(BIN)/python -m tests.support.pictures

events-package: $(TEST_READY)  ## build the package orderwire-events for subscribers into dist/
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist packages/orderwire-events
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

lock: $(TOOLS_READY)  ## write requirements*.txt, with hashes, from requirements*.in; UPGRADE=name upgrades one package
	@for name in requirements requirements-run requirements-test requirements-tools requirements-checkov; do \
		$(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade-package $(UPGRADE)) \
			$$name.in --output-file $$name.txt || exit 1; \
	done

audit: $(TOOLS_READY)  ## look up every package in the databases of known vulnerabilities; asks pypi.org
	@for name in requirements-test requirements-tools requirements-checkov; do \
		$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes --requirement $$name.txt || exit 1; \
	done

clean:  ## delete every local order and the tools' caches
	@test ! -x $(COMMAND) || $(COMMAND) clean
	@rm -rf dist .orderwire .pytest_cache .mypy_cache .ruff_cache .hypothesis build
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)

# The command finds the code next to .venv, so the checkout can be moved and the command be called from anywhere.
# Python keeps its caches in .venv: in the folders that vendor/ links to, Chalice would pack them.
CACHES := import os, sys; sys.pycache_prefix = sys.pycache_prefix or os.path.join(sys.prefix, "pycache")
$(COMMAND): $(VENV)/pyvenv.cfg Makefile
	@printf '%s\n' ../../../.. ../../../../packages/eventbridge-rules '$(CACHES)' \
		> "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/orderwire.pth"
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -P -m orderwire "$$@"' > $@
	@chmod +x $@

$(READY): requirements-run.txt $(COMMAND) $(TOOLS_READY)
	@$(INSTALL) --python $(BIN)/python --requirement $<
	@touch $@

$(TEST_READY): requirements-test.txt $(READY)
	@$(INSTALL) --python $(BIN)/python --requirement $<
	@touch $@

$(TOOLS_READY): requirements-tools.txt
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip --disable-pip-version-check --quiet --quiet install --require-hashes --requirement $<
	@touch $@

$(CHECKOV_READY): requirements-checkov.txt $(TOOLS_READY)
	@$(PYTHON) -m venv --clear --without-pip $(CHECKOV)
	@$(INSTALL) --python $(CHECKOV)/bin/python --requirement $<
	@touch $@
