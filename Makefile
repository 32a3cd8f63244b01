# make demo · make test · make check · make fuzz · make serve · make matrix
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLES ?= 1000000
BUILD := $(VENV)/built-$(or $(FASTCORS_EXTENSIONS),auto)

.PHONY: demo serve test check fuzz matrix coverage clean

demo: $(BUILD)
	$(BIN)/python examples/demo.py

serve: $(BUILD)
	$(BIN)/python examples/serve.py

test: $(BUILD)
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

check: $(BUILD)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/cython-lint src/fastcors/_core_c.pyx
	$(BIN)/mypy
	$(BIN)/pyright

fuzz: $(BUILD)
	$(BIN)/python tests/fuzz.py --examples $(EXAMPLES)

matrix: $(BUILD)
	$(BIN)/nox

clean:
	rm -rf $(VENV) .nox build dist .coverage .coverage.* src/*.egg-info src/fastcors/*.so src/fastcors/*.c

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"fastcors needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

# Built in place, so that the tests and the demo run what the tree holds.
$(BUILD): $(VENV)/ready setup.py src/fastcors/_core_c.pyx
	rm -f $(VENV)/built-* src/fastcors/*.so
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable .
	@$(BIN)/python -c 'import fastcors; print("fastcors: the", "compiled" if fastcors.COMPILED else "Python", "core")'
	@touch $@
