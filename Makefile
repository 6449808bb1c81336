# A thin face: the building is in CMakeLists.txt.
SHELL := /bin/bash
BUILD ?= build
JOBS ?= $(shell nproc)
CONFIG ?= conf/comet.toml
ARGS ?=
PREFIX ?= /usr/local
SYSCONFDIR ?=
TESTS ?=
T ?= 60

PACKAGES := cmake ninja-build g++ node-llhttp libtomlplusplus-dev libcli11-dev \
  libspdlog-dev libfmt-dev libsimdjson-dev libabsl-dev libhighwayhash-dev prometheus-cpp-dev \
  zlib1g-dev libssl-dev libgtest-dev libgmock-dev libbenchmark-dev valgrind curl patch
# Node.js of another source than Debian brings its own npm, which Debian's package conflicts with.
NODE_PACKAGES = $(shell command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm)
BROWSER_PACKAGES = $(NODE_PACKAGES) chromium fonts-inter fonts-dejavu-core
CLIENT_PACKAGES = $(NODE_PACKAGES) python3 python3-websockets
PROXY_PACKAGES := python3 nginx-light haproxy
DEB_PACKAGES := debhelper dpkg-dev fakeroot systemd util-linux iproute2 curl lintian
BENCH_PACKAGES := python3 util-linux wrk nginx-light libnginx-mod-nchan nats-server
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
CTEST := ctest --output-on-failure --no-tests=error -j $(JOBS) $(if $(TESTS),-R '$(TESTS)')
configure = cmake -S . -B $(1) -DCMAKE_BUILD_TYPE=Release $(2) \
  $$([ -f $(1)/CMakeCache.txt ] || ! command -v ninja >/dev/null || echo -G Ninja) >$(1)/configure.log 2>&1 \
  || { cat $(1)/configure.log >&2; exit 1; }

.PHONY: help deps have-deps build run demo test sim asan tsan bench bench-load bench-wrk bench-peers \
  bench-deps browser-deps client-deps docs format lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo "  variables: BUILD=$(BUILD) JOBS=$(JOBS) CONFIG=$(CONFIG) ARGS= TESTS=<regex>"

deps: ## install what building needs (Debian and its children)
	@command -v apt-get >/dev/null || { \
	  echo "This is not a Debian-like system; please install the equivalents of: $(PACKAGES)" >&2; exit 1; }
	$(SUDO) apt-get update
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(PACKAGES) </dev/null

# Installs only when something is missing, so that everyday builds need neither network nor root.
have-deps:
	@if command -v dpkg-query >/dev/null; then \
	  installed=$$(dpkg-query -W -f '$${db:Status-Status} $${Package}\n' $(PACKAGES) 2>/dev/null | grep -c '^installed '); \
	  [ "$$installed" -ge $(words $(PACKAGES)) ] || $(MAKE) --no-print-directory deps; \
	else \
	  for tool in cmake c++; do command -v $$tool >/dev/null || exec $(MAKE) --no-print-directory deps; done; \
	fi

build: have-deps ## build/comet-server, optimised
	@mkdir -p $(BUILD) && $(call configure,$(BUILD))
	@cmake --build $(BUILD) -j $(JOBS) --target comet-server

run: build ## build and run the server with CONFIG
	$(BUILD)/comet-server --config $(CONFIG) $(ARGS)

demo: build ## a page to look at: a chat and a crowd of simulated clients (ARGS=--help)
	@command -v python3 >/dev/null || { echo "missing python3, which plays the crowd and the backend" >&2; exit 1; }
	@python3 -B -m demo --server $(BUILD)/comet-server $(ARGS)

test: have-deps ## build and run all tests (TESTS=<regex> for some)
	@mkdir -p $(BUILD) && $(call configure,$(BUILD))
	@cmake --build $(BUILD) -j $(JOBS)
	@cd $(BUILD) && $(CTEST)

asan: have-deps ## the same tests under the address and undefined-behaviour sanitizers
	@mkdir -p $(BUILD)/asan && $(call configure,$(BUILD)/asan,-DCOMET_SANITIZE=address)
	@cmake --build $(BUILD)/asan -j $(JOBS)
	@cd $(BUILD)/asan && $(CTEST)

tsan: have-deps ## the same tests under the thread sanitizer
	@mkdir -p $(BUILD)/tsan && $(call configure,$(BUILD)/tsan,-DCOMET_SANITIZE=thread)
	@cmake --build $(BUILD)/tsan -j $(JOBS)
	@cd $(BUILD)/tsan && $(CTEST)

sim: have-deps ## simulate: SEED=<n> tells what happens with one, SEEDS=<count> tries many
	@mkdir -p $(BUILD) && $(call configure,$(BUILD))
	@cmake --build $(BUILD) -j $(JOBS) --target comet-sim
	$(BUILD)/comet-sim $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST)) --jobs $(JOBS) $(ARGS)

# The build of the sanitizer that SANITIZE names, or the optimised one.
SANITIZE ?=
soak_build = $(BUILD)$(if $(SANITIZE),/$(if $(filter address,$(SANITIZE)),asan,tsan))

.PHONY: soak
soak: have-deps ## everything at once for T seconds, watching memory (SEED=<n> SANITIZE=address|thread)
	@command -v python3 >/dev/null || { echo "missing python3 (3.11 or newer), which plays the clients" >&2; exit 1; }
	@mkdir -p $(soak_build) && $(call configure,$(soak_build),$(if $(SANITIZE),-DCOMET_SANITIZE=$(SANITIZE)))
	@cmake --build $(soak_build) -j $(JOBS) --target comet-server
	@python3 -B -m tests.soak --server $(soak_build)/comet-server --seconds $(T) $(if $(SEED),--seed $(SEED)) --out $(soak_build)/soak $(ARGS)

.PHONY: sim-faults fuzz
sim-faults: have-deps ## plant faults in copies of the hubs, and see that the simulation finds each
	@mkdir -p $(BUILD) && $(call configure,$(BUILD))
	@cmake --build $(BUILD) -j $(JOBS) --target sim-faults

fuzz: have-deps ## libFuzzer on all targets of tests/fuzz, T=60 seconds in all (clang, libclang-rt-14-dev)
	@command -v clang++ >/dev/null || { echo "missing clang++; on Debian: clang libclang-rt-14-dev" >&2; exit 1; }
	@mkdir -p $(BUILD)/fuzz && $(call configure,$(BUILD)/fuzz,-DCOMET_FUZZ=ON -DCOMET_SANITIZE=address \
	  -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCOMET_TEST_PCH=OFF)
	@cmake --build $(BUILD)/fuzz -j $(JOBS) --target comet-fuzz
	@tests/fuzz/run $(BUILD)/fuzz $(T)

bench: have-deps ## build and run the micro-benchmarks
	@mkdir -p $(BUILD) && $(call configure,$(BUILD),-DCOMET_BENCH=ON)
	@cmake --build $(BUILD) -j $(JOBS) --target comet-bench
	$(BUILD)/comet-bench $(ARGS)

# suite(program, targets): looks for what it takes, builds the targets, runs the program.
define suite
@command -v python3 >/dev/null || { echo "missing python3; \`make bench-deps\` installs it" >&2; exit 1; }
@PYTHONPATH=bench python3 -B -m suite.$(1) --check
@mkdir -p $(BUILD) && $(call configure,$(BUILD))
@cmake --build $(BUILD) -j $(JOBS) --target $(2)
@PYTHONPATH=bench python3 -B -m suite.$(1) --build $(BUILD) $(ARGS)
endef

bench-load: have-deps ## floor and server in turns, against the table of targets (ARGS=--help)
	$(call suite,bench_load,comet-server comet-floor comet-load)

bench-wrk: have-deps ## the request side, with wrk (ARGS=--help)
	$(call suite,bench_wrk,comet-server comet-floor)

bench-peers: have-deps ## fan-out beside nginx with nchan, and NATS (ARGS=--help)
	$(call suite,bench_peers,comet-server comet-floor comet-load)

bench-deps: ## install what these three need besides (Debian and its children)
	$(SUDO) apt-get update
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(BENCH_PACKAGES) </dev/null

browser-deps: ## install what the tests of the console need (Debian and its children, npm)
	@command -v node >/dev/null && command -v npm >/dev/null && command -v chromium >/dev/null || { \
	  $(SUDO) apt-get update && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(BROWSER_PACKAGES) </dev/null; }
	cd tests/browser && npm ci --no-audit --no-fund

client-deps: ## install the WebSocket clients that `make test` tries (Debian and its children, npm)
	$(SUDO) apt-get update
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(CLIENT_PACKAGES) </dev/null
	cd tests/clients && npm ci --no-audit --no-fund

.PHONY: install deb deb-test deb-deps proxy-deps

install: build ## install below PREFIX (and DESTDIR); configuration that is there stays
	@cmake -S . -B $(BUILD) -DCOMET_SYSCONFDIR=$(SYSCONFDIR) >/dev/null
	DESTDIR=$(DESTDIR) cmake --install $(BUILD) --prefix $(PREFIX)

deb: have-deps ## build/deb/comet-server_*.deb, a Debian package
	@command -v dh >/dev/null || { echo "missing debhelper; \`make deb-deps\` installs it" >&2; exit 1; }
	tools/build-deb $(BUILD)/deb

deb-test: deb ## install, start, ask, upgrade, remove and purge that package, in a copy of the system
	tests/package/run $(BUILD)/deb/comet-server_*.deb
	@! command -v lintian >/dev/null || lintian --fail-on error,warning $(BUILD)/deb/*.changes

deb-deps: ## install what these two need besides (Debian and its children)
	$(SUDO) apt-get update
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(DEB_PACKAGES) </dev/null

proxy-deps: ## install the proxies that conf/ has recipes for, so that `make test` tries them
	$(SUDO) apt-get update
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(PROXY_PACKAGES) </dev/null

docs: have-deps ## rewrite the generated pages
	@mkdir -p $(BUILD) && $(call configure,$(BUILD))
	@cmake --build $(BUILD) -j $(JOBS) --target comet-docs
	$(BUILD)/comet-docs --write .

SOURCES = $(wildcard */*.h */*.cc tests/*/*.h tests/*/*.cc bench/*/*.h bench/*/*.cc perf/*/*.h perf/*/*.cc)

format: ## lay out the sources with clang-format
	clang-format -i $(filter-out build/%,$(SOURCES))

lint: have-deps ## clang-format as a check, and clang-tidy
	clang-format --dry-run -Werror $(filter-out build/%,$(SOURCES))
	@mkdir -p $(BUILD)/lint && $(call configure,$(BUILD)/lint,-DCOMET_TEST_PCH=OFF)
	printf '%s\n' $(filter-out build/% tests/% bench/%,$(filter %.cc,$(SOURCES))) \
	  | xargs -P $(JOBS) -n 1 clang-tidy --quiet -p $(BUILD)/lint

clean: ## remove what was built
	rm -rf $(BUILD)
