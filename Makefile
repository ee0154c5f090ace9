# Two commands are all a newcomer needs: `make demo` and `make test`.
PY := .venv/bin/python

.PHONY: diagrams help setup demo test fuzz check format bench clean

help:
	@echo 'make demo     run a whole checkpoint with emulated devices and traffic (ARGS="--seed 7")'
	@echo 'make test     every check and every test'
	@echo 'make fuzz     the tests of machines and codecs on other inputs than make test takes'
	@echo 'make check    ruff, formatting, mypy, import-linter'
	@echo 'make format   put the code into shape'
	@echo 'make bench    measure; figures go to bench/figures.txt'
	@echo 'make setup    .venv and what is needed beside it (the others do this first)'
	@echo 'make clean    remove what these made'

# Ends at once when nothing has changed; the script knows.
setup:
	@sh tools/setup.sh

demo: setup
	@.venv/bin/gate demo $(ARGS)

test: check
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# `make test` takes the same inputs every time; here chance has its turn.
fuzz: setup
	@GATE_HYPOTHESIS=fuzz $(PY) -m pytest -m hypothesis -n 2 --dist loadfile $(ARGS)

check: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: setup
	@.venv/bin/ruff check --fix-only .
	@.venv/bin/ruff format .

# bash for pipefail: a bench that breaks must not pass because tee did not.
bench: SHELL := /bin/bash
bench: setup
	@mkdir -p bench
	@set -o pipefail; $(PY) -m tests.bench | tee bench/figures.txt

diagrams: setup
	@$(PY) -m tools.draw_lanes

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench run test-artefacts
