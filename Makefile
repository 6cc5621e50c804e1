# The commands of this project. Each one installs what it needs (Debian packages) and builds what it uses.
#   make demo       builds, starts private hosts on this machine, runs the main pipeline on them, leaves you at the prompt
#   make test       builds and runs every test
.PHONY: all demo test repl bench install format lint variants fuzz clean
.DEFAULT_GOAL := all

BUILD ?= build
CMAKE_FLAGS ?=
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

all:
	@packaging/install-dependencies build
	@cmake -S . -B $(BUILD) -G Ninja -DBUILD_TESTING=OFF -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(BUILD) --quiet

demo: all
	@packaging/install-dependencies build test
	@examples/demo $(BUILD)/bin/reops

repl: all
	@$(BUILD)/bin/reops

test:
	@packaging/install-dependencies build test
	@cmake -S . -B $(BUILD) -G Ninja -DBUILD_TESTING=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(BUILD) --quiet
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

# The same suite in the variants that show mistakes of memory, counting, liveness and threads.
variants:
	@packaging/install-dependencies build test fuzz
	@packaging/test-variants

fuzz:
	@packaging/install-dependencies build test fuzz
	@packaging/fuzz

bench: all
	@packaging/install-dependencies build bench
	@REOPS=$(BUILD)/bin/reops bench/run

install: all
	@cmake --install $(BUILD) --prefix $(PREFIX)

format:
	@packaging/install-dependencies lint
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

lint:
	@packaging/install-dependencies build test lint fuzz
	@packaging/lint

clean:
	@rm -rf build build-*
