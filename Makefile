# The commands of this project. Each one installs what it needs (Debian packages) and builds what it uses.
#   make demo       builds, starts private hosts on this machine, runs the main pipeline on them, leaves you at the prompt
#   make test       builds and runs every test
.PHONY: all demo test repl bench bench-remote install deb format lint variants fuzz soak clean
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
	@packaging/install-dependencies build test libraries
	@cmake -S . -B $(BUILD) -G Ninja -DBUILD_TESTING=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(BUILD) --quiet
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

# The same suite in the variants that show mistakes of memory, counting, liveness and threads.
variants:
	@packaging/install-dependencies build test libraries fuzz
	@packaging/test-variants

fuzz:
	@packaging/install-dependencies build test libraries fuzz
	@packaging/fuzz

# A million random evaluations, definitions and reloads, with flat memory; two minutes.
soak: all
	@$(BUILD)/bin/reops tests/soak/soak.clj 1000000

bench: all
	@packaging/install-dependencies build bench
	@REOPS=$(BUILD)/bin/reops bench/run

# Our SSH beside other tools, on make-believe hosts and on real sshd; takes some minutes.
bench-remote: all
	@packaging/install-dependencies build bench
	@ninja -C $(BUILD) --quiet reops_fleet
	@REOPS=$(BUILD)/bin/reops FLEET=$(BUILD)/bench/reops_fleet bench/remote/run

install: all
	@cmake --install $(BUILD) --prefix $(PREFIX)

# The Debian package, in $(BUILD).
deb: all
	@packaging/install-dependencies deb
	@packaging/deb $(BUILD)

format:
	@packaging/install-dependencies lint
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

lint:
	@packaging/install-dependencies build test libraries lint fuzz
	@packaging/lint

clean:
	@rm -rf build build-*
