# Every target sets up what it needs: a fresh clone and Python 3.11 or later are enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check agree bench docs golden fuzz s390x faults lpar-check clean venv

# Compiled once here, so that commands start fast wherever nobody may write beside the sources.
venv: $(VENV)/.ready
	@$(BIN)/python -m compileall -q zjobs mock_zos

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --config-settings editable_mode=compat --editable '.[test,check]'
	touch $@

demo: venv
	$(BIN)/zjobs demo

test: venv
	$(BIN)/python -m pytest -n auto --dist worksteal

check: venv
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m pytest tests/test_house.py

agree: venv
	$(BIN)/python tests/agreement/agree.py

bench: venv
	$(BIN)/python bench/run.py

docs: venv
	$(BIN)/python docs/generate.py

golden: venv
	$(BIN)/python -m pytest tests/reports --update-golden

fuzz: venv
	$(BIN)/python -m pytest tests/system/fuzz.py

s390x: venv
	sh tests/system/s390x.sh

faults: venv
	$(BIN)/python tests/faults/table.py --cases 1000

lpar-check: venv
	$(BIN)/python -m pytest tests/host -m lpar -rs

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
