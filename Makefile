# make demo · make test · make check · make fuzz · make serve · make matrix · make coverage-native
# make interop
# make bench · make load · make bench-compare REV=HEAD~1
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLES ?= 1000000
BUILD := $(VENV)/built-$(or $(FASTCORS_EXTENSIONS),auto)

.PHONY: demo serve test check fuzz matrix interop coverage-native bench load bench-compare clean

demo: $(BUILD)
	$(BIN)/python examples/demo.py

serve: $(BUILD)
	$(BIN)/python examples/serve.py

test: $(BUILD)
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=$$($(BIN)/python -c 'import fastcors; print(100 if fastcors.COMPILED else 0)')

check: $(BUILD)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PATH="$(abspath $(BIN)):$$PATH" cython-lint src/fastcors/_core_c.pyx benchmarks/_floor.pyx
	$(BIN)/mypy
	$(BIN)/pyright

fuzz: $(BUILD)
	$(BIN)/python tests/fuzz.py --examples $(EXAMPLES)

bench: $(BUILD)
	$(BIN)/python benchmarks/bench.py

load: $(BUILD)
	$(BIN)/python benchmarks/load.py

bench-compare: $(BUILD)
	@test -n "$(REV)" || { echo "Which revision? make bench-compare REV=HEAD~1" >&2; exit 2; }
	$(BIN)/python benchmarks/compare.py "$(REV)"

matrix: $(BUILD)
	$(BIN)/nox

# GROUPS="servers browser" runs these alone.
interop: $(BUILD)
	PYTHONPATH=tests $(BIN)/python -m interop.run $(if $(GROUPS),--groups $(GROUPS))

# A build of its own, with line tracing: slower, and never the one that is tested otherwise.
TRACED := build/traced
coverage-native: $(BUILD)
	rm -rf $(TRACED)
	mkdir -p $(TRACED)
	cp -r src tests examples setup.py pyproject.toml README.md LICENSE $(TRACED)
	rm -f $(TRACED)/src/fastcors/*.so $(TRACED)/src/fastcors/*.c
	sed -i '1s/$$/, linetrace=True/' $(TRACED)/src/fastcors/_core_c.pyx
	cd $(TRACED) && CFLAGS=-DCYTHON_TRACE=1 FASTCORS_EXTENSIONS=yes ../../$(BIN)/python setup.py --quiet build_ext --inplace
	printf '[run]\nplugins = Cython.Coverage\nsource_pkgs = fastcors\n[report]\ninclude = */_core_c.pyx\nshow_missing = true\n' >$(TRACED)/coverage.ini
	cd $(TRACED) && PYTHONPATH=src FASTCORS_EXTENSIONS=yes FASTCORS_EXAMPLES=300 ../../$(BIN)/python -m coverage run --rcfile=coverage.ini -m pytest -q $(TRACED_TESTS)
	cd $(TRACED) && ../../$(BIN)/python -m coverage report --rcfile=coverage.ini
TRACED_TESTS := $(addprefix tests/test_,parity.py traps.py deviations.py racing.py safety.py) $(wildcard tests/test_drop_in*.py)

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
