# A thin front for Meson. `make help` lists the targets.
MESON_BUILD = meson compile -C
PYTHON ?= /usr/bin/python3
SECONDS ?= 60
prefix ?= /usr/local

.PHONY: all help watcher setup setup-test setup-bench setup-e2e demo test unit pytest e2e test-registry image \
	test-image lint fuzz bench bench-commands docs install clean

all: build/pratique

help:
	@echo 'make          build build/pratique (installs what the build needs, once)'
	@echo 'make demo     build, and see the webhook answer real admission reviews over HTTPS'
	@echo 'make test     build with sanitizers and run all tests'
	@echo 'make e2e      build, and run the tests against a real kube-apiserver (VERSION=1.34 for an older one)'
	@echo 'make test-registry  build, and run the tests against real registries of several kinds'
	@echo 'make image    build the container image; writes build/image/'
	@echo 'make test-image  build it from Debian'\''s archive alone, and test it through a real registry'
	@echo 'make lint     format, layers, contracts, sizes'
	@echo 'make fuzz     fuzz every target for SECONDS ($(SECONDS)); TARGET=name for one'
	@echo 'make bench    compare with nginx and Flask in one run; writes bench/report.md'
	@echo 'make bench-commands  compare check with kyverno and conftest in one run; builds both once'
	@echo 'make docs     write the generated reference pages'
	@echo 'make install  install the binary, its manual pages and completions below $$prefix ($(prefix))'

setup:
	@scripts/setup --build

setup-test:
	@scripts/setup --test

setup-bench:
	@scripts/setup --bench

build/build.ninja: | setup
	@meson setup build -Dtests=false >/dev/null

build-asan/build.ninja: | setup-test
	@meson setup build-asan -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

# Ninja knows what is out of date; so this is always asked.
.PHONY: build/pratique
build/pratique: build/build.ninja
	@ninja -C build pratique $(QUIET)

demo: QUIET = >/dev/null
demo: build/pratique
	@scripts/demo build/pratique

test: unit pytest

unit: build-asan/build.ninja
	@ninja -C build-asan
	@scripts/run-unit build-asan

pytest: build/pratique build-asan/build.ninja
	@ninja -C build-asan
	PRATIQUE_BINARY=build-asan/pratique $(PYTHON) -B -m pytest -q -p no:cacheprovider tests

# What tests drive by itself: the watch, and the question for referrers.
watcher: build-asan/build.ninja
	@ninja -C build-asan tests/watcher tests/referrers

setup-e2e:
	@scripts/setup --e2e

VERSION ?= 1.37
e2e: build/pratique watcher | setup-e2e
	@PRATIQUE_E2E_VERSION=$(VERSION) scripts/e2e

test-registry: build/pratique watcher | setup-e2e
	@scripts/parts registry referrers images oras >/dev/null
	PRATIQUE_REGISTRIES=1 PRATIQUE_BINARY=build/pratique $(PYTHON) -B -m pytest -q -p no:cacheprovider tests/registry

image:
	@scripts/image

test-image: setup-test
	@scripts/setup --image
	@scripts/image --base debootstrap
	PRATIQUE_IMAGE=build/image $(PYTHON) -B -m pytest -q -p no:cacheprovider tests/image

lint: setup-test
	@scripts/lint

fuzz: setup-test
	@scripts/fuzz $(SECONDS) $(TARGET)

bench: setup-bench build/pratique
	@bench/run

bench-commands: setup-bench build/pratique
	@bench/commands

docs: build/pratique
	@scripts/docs build/pratique

install: build/pratique
	install -D -m 755 build/pratique $(DESTDIR)$(prefix)/bin/pratique
	scripts/install-pages build/pratique $(DESTDIR)$(prefix)/share

clean:
	rm -rf build build-asan build-tsan build-clang build-fuzz
