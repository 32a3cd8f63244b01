# make demo · make test · make check · make workflows · make fuzz · make serve · make matrix · make coverage-native
# make drift · make interop · make wheel · make release-rehearsal · make everywhere · make compilers
# make docs · make docs-links · make reference
# make bench · make load · make hostile · make cliffs · make bench-compare REV=HEAD~1
# make refcounts · make leaks · make sanitize · make memcheck · make nomemory · make fuzz-native · make parallel
# make safety: all seven; QUICK=yes takes minutes instead of hours
# make mutants · make mutants QUICK=yes · make mutants FAULTS="cli regex/multiline" · make mutants JOBS=8 WRITE=yes
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXAMPLES ?= 1000000
PAIRS ?= 10000000
COMPILED_SOURCES := $(wildcard src/fastcors/core/*.pyx src/fastcors/core/*.pxi src/fastcors/core/*.h)
BUILD := $(VENV)/built-$(or $(FASTCORS_EXTENSIONS),auto)

.PHONY: demo serve test check workflows release-check docs docs-links reference fuzz matrix interop coverage-native wheel
.PHONY: release-rehearsal everywhere compilers drift
.PHONY: bench measured-bench load hostile cliffs bench-compare clean
.PHONY: safety refcounts leaks sanitize memcheck nomemory fuzz-native parallel mutants

demo: $(BUILD)
	$(BIN)/python examples/demo.py

serve: $(BUILD)
	$(BIN)/python examples/serve.py

test: $(BUILD)
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --fail-under=$$($(BIN)/python -c 'import fastcors; print(100 if fastcors.COMPILED else 0)')

check: $(BUILD) workflows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PATH="$(abspath $(BIN)):$$PATH" cython-lint $(filter-out %.h,$(COMPILED_SOURCES)) benchmarks/_floor.pyx
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/validate-pyproject pyproject.toml

# actionlint finds shellcheck on PATH. With GH_TOKEN set and OFFLINE empty, zizmor also asks GitHub about the actions.
OFFLINE := --offline
workflows: $(VENV)/ready
	PATH="$(abspath $(BIN)):$$PATH" actionlint
	$(BIN)/zizmor --persona=pedantic --strict-collection --no-progress --quiet $(OFFLINE) .github

release-check:
	@test -n "$$TAG" || { echo "Which tag? make release-check TAG=v1.2.3" >&2; exit 2; }
	@$(PYTHON) .github/release.py tag "$$TAG"

# The pages as a site in build/docs. A warning is an error, and so is a link that leads nowhere in the project. Where
# others' pages are, only docs-links asks, which takes a network. That the code in the pages runs is among the tests.
$(VENV)/docs: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@
SPHINX = $(BIN)/python -m sphinx --conf-dir docs --fail-on-warning --fresh-env --quiet
docs: $(VENV)/docs
	rm -rf build/docs
	$(SPHINX) --builder html . build/docs
	@echo '<!DOCTYPE html><meta http-equiv="refresh" content="0; url=docs/index.html"><title>fastcors</title>' >build/docs/index.html
	@echo "build/docs/index.html"

docs-links: $(VENV)/docs
	$(SPHINX) --builder linkcheck . build/docs-links

# The entries of docs/reference.md, from the signatures and docstrings.
reference:
	@$(PYTHON) docs/reference.py

fuzz: $(BUILD)
	PYTHONPATH=tests $(BIN)/python -m fuzzing.fuzz --examples $(EXAMPLES)
	PYTHONPATH=tests $(BIN)/python -m fuzzing.fuzz_regex --pairs $(PAIRS)

# The newest Python that is released and found; `make bench PYTHON=python3.11` chooses another. It gets an environment of
# its own, and builds of its own in build/benchmarks, so that the tree's own build stays what it is.
NEWEST = $(or $(shell for minor in 19 18 17 16 15 14 13 12 11; do \
	python3.$$minor -c 'import sys; sys.exit(sys.version_info.releaselevel != "final")' 2>/dev/null && \
	echo python3.$$minor && break; done),$(PYTHON))
BENCH_PYTHON = $(if $(filter file,$(origin PYTHON)),$(NEWEST),$(PYTHON))
bench:
	python=$(BENCH_PYTHON) && version=$$($$python -c 'import sys; print(sys.version.split()[0])') && \
	$(MAKE) --no-print-directory PYTHON=$$python BENCH_VENV=build/bench/$$version measured-bench
ifdef BENCH_VENV
$(BENCH_VENV)/ready: pyproject.toml
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --upgrade pip
	$(@D)/bin/python -m pip install --quiet --group bench --group demo --group refcounts
	@touch $@
measured-bench: $(BENCH_VENV)/ready
	$(BENCH_VENV)/bin/python benchmarks/bench.py $(ARGUMENTS)
endif

load: $(BUILD)
	$(BIN)/python benchmarks/load.py

hostile: $(BUILD)
	$(BIN)/python benchmarks/hostile.py

cliffs: $(BUILD)
	$(BIN)/python benchmarks/cliffs.py

bench-compare: $(BUILD)
	@test -n "$(REV)" || { echo "Which revision? make bench-compare REV=HEAD~1" >&2; exit 2; }
	$(BIN)/python benchmarks/compare.py "$(REV)"

# SESSIONS=starlettes runs that alone, SESSIONS=drift what is not run otherwise.
matrix: $(BUILD)
	FASTCORS_EXAMPLES=$${FASTCORS_EXAMPLES:-100} $(BIN)/nox $(if $(SESSIONS),--session $(SESSIONS))

# Which CORS behaviours the Starlette in a directory changes, one line each.
drift: $(BUILD)
	@test -n "$(CHECKOUT)" || { echo "Which Starlette? make drift CHECKOUT=../starlette" >&2; exit 2; }
	@PYTHONPATH=tests $(BIN)/python -m support.drift "$(CHECKOUT)"

# The sdist and the wheels of every Python found, checked, each with the suite run against it: dist/ has them.
wheel: $(BUILD)
	FASTCORS_EXAMPLES=$${FASTCORS_EXAMPLES:-100} $(BIN)/python tests/release/wheels.py $(if $(QUICK),--quick --jobs=1)

# What release.yml does, with an index of its own in place of PyPI; build/rehearsal has all of it.
release-rehearsal: $(BUILD)
	PYTHONPATH=tests $(BIN)/python tests/release/rehearse.py

# TARGETS="3.15 i386" runs these alone. Needs root, debootstrap and, for machines of another kind, qemu-user-static and
# binfmt-support. ARGUMENTS=--root=amd64=/srv/sid uses a chroot that exists.
everywhere: $(BUILD)
	PYTHONPATH=tests $(BIN)/python tests/release/everywhere.py $(ARGUMENTS) $(TARGETS)

# ARGUMENTS="--compilers gcc-16 --no-zig" chooses.
compilers: $(BUILD)
	$(BIN)/python tests/release/compilers.py $(ARGUMENTS)

# GROUPS="servers browser" runs these alone.
interop: $(BUILD)
	PYTHONPATH=tests $(BIN)/python -m interop.run $(if $(GROUPS),--groups $(GROUPS))

# A build of its own, with line tracing: slower, and never the one that is tested otherwise. What an included file runs
# at import, and each head of a function, is counted for the file that includes it, so the report leaves it out.
TRACED := build/traced
coverage-native: $(BUILD)
	rm -rf $(TRACED)
	mkdir -p $(TRACED)
	cp -r src tests benchmarks examples setup.py pyproject.toml README.md LICENSE $(TRACED)
	rm -f $(TRACED)/src/fastcors/core/*.so $(TRACED)/src/fastcors/core/*.c
	sed -i '1s/$$/, linetrace=True/' $(TRACED)/src/fastcors/core/compiled.pyx
	cd $(TRACED) && CFLAGS=-DCYTHON_TRACE=1 FASTCORS_EXTENSIONS=yes ../../$(BIN)/python setup.py --quiet build_ext --inplace
	printf '[run]\nplugins = Cython.Coverage\nsource_pkgs = fastcors\n[report]\ninclude = */core/*.pxi\nshow_missing = true\nexclude_lines =\n  ^\\S\n  ^ +(c?def .*[:(]$$|"__)\n' >$(TRACED)/coverage.ini
	cd $(TRACED) && PYTHONPATH=src FASTCORS_EXTENSIONS=yes FASTCORS_EXAMPLES=$${FASTCORS_EXAMPLES:-100} ../../$(BIN)/python -m coverage run --rcfile=coverage.ini -m pytest -q $(CORE_TESTS)
	cd $(TRACED) && ../../$(BIN)/python -m coverage report --rcfile=coverage.ini
# The tests of the core through everything that calls it, without those that start servers or other programs. Tracing runs
# Python code between any two lines, and with it what another thread or a signal asks for, where the core counts on
# nothing running.
CORE_TESTS := tests/core tests/middleware
CORE_TESTS += --ignore=tests/middleware/external --ignore=tests/core/threads --ignore=tests/core/processes

# Memory and C safety, each on the compiled core in a build of its own. SECURITY.md has the figures.
DEBUG_PYTHON ?= python3-dbg
CLANG ?= clang
ifdef QUICK
REFCOUNTS := --rounds 50 --cases 1000
LEAKS := --requests 500000 --middlewares 20000
SANITIZED_TESTS := tests/core --ignore=tests/core/processes
SANITIZED_CASES := 3000
SANITIZED_EXAMPLES := 100
MEMCHECK := --cases 300
FUZZ_SECONDS := 30
PARALLEL_THREADS := 4
PARALLEL_TESTS := tests/core --ignore=tests/core/processes
PARALLEL_EXAMPLES := 30
else
REFCOUNTS := --rounds 1000 --cases 20000
LEAKS := --requests 10000000 --middlewares 100000
# All but the benchmarks, which count under callgrind, and that takes no sanitizer.
SANITIZED_TESTS := tests --ignore=tests/benchmarks
SANITIZED_CASES := 1000000
SANITIZED_EXAMPLES := 3000
MEMCHECK := --cases 10000 --tests
FUZZ_SECONDS := 3600
PARALLEL_THREADS := 8
# Threads share nothing in tests that only start processes.
PARALLEL_TESTS := tests --ignore=tests/benchmarks --ignore=tests/middleware/external --ignore=tests/release
PARALLEL_TESTS += --ignore=tests/core/processes
PARALLEL_EXAMPLES := 300
endif

safety: refcounts leaks sanitize memcheck nomemory fuzz-native parallel

# $(call instrumented,PYTHON,ENVIRONMENT) builds a copy of the tree in the target's directory.
define instrumented
	rm -rf $(@D)/tree
	mkdir -p $(@D)/tree
	cp -r src setup.py pyproject.toml README.md LICENSE $(@D)/tree
	rm -f $(@D)/tree/src/fastcors/core/*.so $(@D)/tree/src/fastcors/core/*.c
	cd $(@D)/tree && $(2) FASTCORS_EXTENSIONS=yes $(abspath $(1)) setup.py --quiet build_ext --inplace
	@touch $@
endef
SOURCES := setup.py $(wildcard src/fastcors/*.py src/fastcors/*/*.py src/fastcors/*/*/*.py) $(COMPILED_SOURCES)
ON = FASTCORS_EXTENSIONS=yes PYTHONPATH=build/$(1)/tree/src:tests

build/refcounts/bin/ready: pyproject.toml
	rm -rf build/refcounts
	$(DEBUG_PYTHON) -m venv build/refcounts
	build/refcounts/bin/python -W ignore -m pip install --quiet --upgrade pip
	build/refcounts/bin/python -W ignore -m pip install --quiet --group refcounts
	@touch $@
build/refcounts/built: build/refcounts/bin/ready $(SOURCES)
	$(call instrumented,build/refcounts/bin/python,CFLAGS=-O1)
refcounts: build/refcounts/built
	$(call ON,refcounts) build/refcounts/bin/python -m safety.refcounts $(REFCOUNTS)

leaks: $(BUILD)
	PYTHONPATH=tests FASTCORS_EXTENSIONS=yes $(BIN)/python -m safety.leaks $(LEAKS)
	PYTHONPATH=tests FASTCORS_EXTENSIONS=no $(BIN)/python -m safety.leaks $(LEAKS)

# Leaks are not looked for here: the interpreter keeps much of what it has to the end of the process.
SANITIZERS := -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined
build/sanitize/built: $(BUILD) $(SOURCES)
	$(call instrumented,$(BIN)/python,CC=gcc CFLAGS="$(SANITIZERS)")
SANITIZED = $(call ON,sanitize) PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 FASTCORS_EXAMPLES=$(SANITIZED_EXAMPLES) \
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so)"
OVERRUN := import ctypes; ctypes.string_at(ctypes.create_string_buffer(64), 4096)
sanitize: build/sanitize/built
	@if $(SANITIZED) $(BIN)/python -c '$(OVERRUN)' 2>/dev/null; then echo "a planted overrun was not found" >&2; exit 1; fi
	$(SANITIZED) $(BIN)/python -m pytest -q -p no:cacheprovider $(SANITIZED_TESTS)
	$(SANITIZED) $(BIN)/python -m fuzzing.fuzz --examples $(SANITIZED_CASES)

memcheck: $(BUILD)
	PYTHONPATH=tests FASTCORS_EXTENSIONS=yes $(BIN)/python -m safety.memcheck $(MEMCHECK)

build/nomemory/failing.so: tests/safety/failing.c
	mkdir -p $(@D)
	$(CC) -shared -fPIC -O2 -Wall -Wextra -Werror -o $@ $<
nomemory: $(BUILD) build/nomemory/failing.so
	PYTHONPATH=tests FASTCORS_EXTENSIONS=yes PYTHONMALLOC=malloc LD_PRELOAD=build/nomemory/failing.so $(BIN)/python -m safety.nomemory

# libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer at once. What it finds stays in build/fuzz-native:
# make fuzz-native INPUTS=build/fuzz-native/crash-... runs that alone again.
$(VENV)/fuzz-native: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group fuzz-native
	@touch $@
COVERED := $(SANITIZERS),fuzzer-no-link
build/fuzz-native/built: $(BUILD) $(SOURCES)
	$(call instrumented,$(BIN)/python,CC=$(CLANG) LDSHARED="$(CLANG) -shared" CFLAGS="$(COVERED)")
FUZZ = $(call ON,fuzz-native) PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 \
	LD_PRELOAD="$$($(BIN)/python -c 'import atheris; print(atheris.path())')/asan_with_fuzzer.so" \
	$(BIN)/python -m fuzzing.fuzz_native -rss_limit_mb=0 -max_len=256 -artifact_prefix=build/fuzz-native/
fuzz-native: build/fuzz-native/built $(VENV)/fuzz-native
	mkdir -p build/fuzz-native/found
	$(FUZZ) $(or $(INPUTS),-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 build/fuzz-native/found tests/fuzzing/corpus)

parallel: $(BUILD)
	FASTCORS_EXTENSIONS=yes FASTCORS_EXAMPLES=$(PARALLEL_EXAMPLES) $(BIN)/python -m pytest -q -p no:cacheprovider --parallel-threads=$(PARALLEL_THREADS) $(PARALLEL_TESTS)

# One planted fault after the other, each met by the tests of its area: hours, by JOBS. QUICK=yes draws thirty, by a SEED
# that is printed; FAULTS has the names of some; RESUME=yes leaves out those that earlier runs killed; WRITE=yes writes
# benchmarks/MUTANTS.md. The exit status is 1 if a fault survives that no line says may live.
mutants: $(BUILD)
	PYTHONPATH=tests $(BIN)/python -m mutants.run $(if $(FAULTS),--faults '$(FAULTS)') $(if $(QUICK),--quick) \
		$(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(RESUME),--resume) $(if $(WRITE),--write)

clean:
	rm -rf $(VENV) .nox build dist .coverage .coverage.* src/*.egg-info src/fastcors/core/*.so src/fastcors/core/*.c

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"fastcors needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

# Built in place, so that the tests and the demo run what the tree holds.
$(BUILD): $(VENV)/ready setup.py $(COMPILED_SOURCES)
	rm -f $(VENV)/built-* src/fastcors/core/*.so
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable .
	@$(BIN)/python -c 'import fastcors; print("fastcors: the", "compiled" if fastcors.COMPILED else "Python", "core")'
	@touch $@
