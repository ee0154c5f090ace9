# Two commands are all a newcomer needs: `make demo` and `make test`.
PY := .venv/bin/python
STAMP := .venv/.gate-installed

.PHONY: setup demo test check format bench clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt tools/setup.sh
	@sh tools/setup.sh
	@touch $(STAMP)

demo: setup
	@.venv/bin/gate demo

test: setup check
	@$(PY) -m pytest

check: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: setup
	@.venv/bin/ruff check --fix-only .
	@.venv/bin/ruff format .

bench: setup
	@mkdir -p bench
	@$(PY) -m tests.bench | tee bench/figures.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis bench run test-artefacts
