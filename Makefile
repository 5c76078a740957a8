# What there is to run, and what it installs:
#   make check   into ./bin, with go install: golangci-lint and gofumpt
#   make test    into test/clients/node_modules, from npm: the real clients; into ./bin:
#                versitygw, a storage service that speaks S3, pebble, an ACME server, nats-server, and what make dist installs.
#                As root on Debian it also installs the Debian package, and removes it again
#   make dist    into ./bin, with go install: nfpm and cyclonedx-gomod
#   make check, make web and make test
#                into web/node_modules, from npm: what the web client is built and checked with
#   make bench   into test/load/peers/node_modules, from npm: the servers to compare with
# A C compiler (check), Node.js and npm (check, web, test, bench), PostgreSQL (test, bench, cluster) and Chromium (test) come
# from apt-get where make runs as root on Debian; otherwise it says what to install and stops.

GO       ?= go
FUZZTIME ?= 30s
SOAK     ?= 10m
BENCH    ?= all
E2E      ?=
LISTEN   ?= 127.0.0.1:8080

LINT_VERSION    := v2.15.0
GOFUMPT_VERSION := v0.12.0
S3_VERSION      := v1.8.0
PEBBLE_VERSION  := v2.10.3
NFPM_VERSION    := v2.45.2
CDX_VERSION     := v1.10.0

BIN     := $(CURDIR)/bin
LINT    := $(BIN)/golangci-lint-$(LINT_VERSION)
GOFUMPT := $(BIN)/gofumpt-$(GOFUMPT_VERSION)
S3      := $(BIN)/versitygw-$(S3_VERSION)
PEBBLE  := $(BIN)/pebble-$(PEBBLE_VERSION)
NATS    := $(BIN)/nats-server
NFPM    := $(BIN)/nfpm-$(NFPM_VERSION)
CDX     := $(BIN)/cyclonedx-gomod-$(CDX_VERSION)
PARLEY  := $(BIN)/parley
CLUSTER := $(BIN)/cluster
ECHO    := $(BIN)/echo
CLIENTS := test/clients
PEERS   := test/load/peers
WEB     := web
WEB_LICENSES := packaging/web-licenses.txt

.PHONY: postgres help build dist dist-twice cluster check format-check lint generate generate-check race-check race web web-check web-dist-check test clients e2e bench fuzz soak cc node node-web python chromium clean

help:
	@echo 'make check     format, vet, lint, generated files, import rule, race tests, and the web client likewise'
	@echo 'make test      every test, the real clients from npm and the web client in a browser included'
	@echo 'make race      race every package'
	@echo 'make e2e       the browser tests                 (E2E="e2e/chat" for a part)'
	@echo 'make web       build the web client into web/dist, and its licenses; both are committed'
	@echo 'make bench     measure, beside socket.io on Node and Bun   (BENCH="ack idle" for a part; BENCH=-help lists them)'
	@echo 'make fuzz      every fuzz target for $(FUZZTIME)            (FUZZTIME=5m)'
	@echo 'make soak      the kill tests for $(SOAK) each              (SOAK=2h)'
	@echo 'make cluster   run three nodes with PostgreSQL and NATS, to try   (LISTEN=127.0.0.1:8080)'
	@echo 'make generate  rewrite the generated files'
	@echo 'make build     bin/parley'
	@echo 'make dist      dist: archives for every platform, Debian packages, bills of materials, checksums'
	@echo 'make dist-twice  make dist, and hold that a second build has the same bytes'

build:
	$(GO) build -o $(PARLEY) ./cmd/parley

# dist

DIST = $(GO) run ./packaging/dist -nfpm $(NFPM) -cyclonedx $(CDX)

dist: $(NFPM) $(CDX)
	$(DIST)

# Builds everything a second time, from a copy of the sources in another folder and with an empty cache, and compares the bytes.
dist-twice: dist
	@other=$$(mktemp -d) && trap 'rm -rf "$$other"' EXIT && \
	git ls-files --cached --others --exclude-standard -z | tar --create --null --files-from=- | tar --extract --directory "$$other" && \
	version=$$(basename dist/parley_*_linux_amd64.tar.gz _linux_amd64.tar.gz) && \
	(cd "$$other" && GOCACHE="$$other/cache" SOURCE_DATE_EPOCH=$$(git -C $(CURDIR) log -1 --format=%ct) $(DIST) -version "$${version#parley_}") && \
	diff -r dist "$$other/dist" && echo 'both builds have the same bytes'

# check

check: format-check lint generate-check race-check web-check

format-check: $(GOFUMPT)
	@unformatted=$$(git ls-files --cached --others --exclude-standard '*.go' | xargs ls 2>/dev/null | xargs $(GOFUMPT) -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run: $(GOFUMPT) -w <file>"; echo "$$unformatted"; exit 1; fi

lint: $(LINT)
	$(GO) vet ./...
	$(LINT) run ./...

generate:
	$(GO) generate ./...

# Compares the generated files before and after, so that it works in a tree with changes, too.
generate-check:
	@files='git ls-files --cached --others --exclude-standard docs internal web'; \
	before=$$($$files | xargs sha256sum 2>/dev/null); \
	$(MAKE) --no-print-directory generate; \
	after=$$($$files | xargs sha256sum 2>/dev/null); \
	if [ "$$before" != "$$after" ]; then echo 'generated files were out of date; they are rewritten, commit them'; exit 1; fi

# The race detector needs a C compiler; nothing else here does. check races the packages in
# which goroutines meet. It leaves out the tests of damaged and copied databases and of what is
# written into folders and read from them: little meets in them, and they are very slow then.
# race races all packages but two: the kill test runs the
# server as a process of its own, where the detector would see only the test, and the commands
# start nothing that runs beside them.
race-check: cc
	$(GO) test -race -timeout 20m -skip 'Import|Export|Erase|Backup|Retention|FilesThatNothing|ACME' ./engineio/... ./socketio/... ./internal/delivery ./internal/gateway ./internal/blob ./internal/bus ./internal/control ./internal/forward ./internal/server/...
	$(GO) test -race -timeout 20m -skip 'Recover|Verify|Lost|Damage|Migrat|Move|Unclean|Unsafe|Missing|Truncated|Foreign|Stray|Earlier' ./internal/store

race: cc
	$(GO) test -race -timeout 20m $$($(GO) list ./... | grep -v -e /test/fault -e /cmd/parley)

# the web client

web: $(WEB)/node_modules/.package-lock.json
	cd $(WEB) && npm run --silent build
	$(GO) run ./packaging/dist -web-licenses $(WEB_LICENSES)

web-check: web-dist-check
	cd $(WEB) && npm run --silent check && npm test --silent

# Holds that the committed build is the one that the sources make, byte by byte, and the committed licenses those of its packages.
web-dist-check: $(WEB)/node_modules/.package-lock.json
	@built=$$(mktemp -d) && trap 'rm -rf "$$built"' EXIT && \
	(cd $(WEB) && npm run --silent build -- --outDir "$$built/dist" --emptyOutDir --logLevel warn) && \
	diff -rq "$$built/dist" $(WEB)/dist >/dev/null || { echo 'web/dist is not what the sources make: run make web, and commit it'; exit 1; }; \
	$(GO) run ./packaging/dist -web-licenses "$$built/licenses" && \
	diff -q "$$built/licenses" $(WEB_LICENSES) >/dev/null || { echo '$(WEB_LICENSES) is out of date: run make web, and commit it'; exit 1; }

# test

# How many packages are tested at a time. Their tests often wait, so that four take less time than two on two cores as well.
PACKAGES ?= 4

test: node python build postgres $(S3) $(PEBBLE) $(NATS) $(NFPM) $(CDX)
	PARLEY_BIN=$(PARLEY) PARLEY_TEST_NFPM=$(NFPM) PARLEY_TEST_CYCLONEDX=$(CDX) PARLEY_TEST_S3_SERVER=$(S3) PARLEY_TEST_PEBBLE=$(PEBBLE) PARLEY_TEST_NATS=$(NATS) PARLEY_TEST_POSTGRES=$(call postgres-bin) $(GO) test -p $(PACKAGES) -timeout 20m ./...
	$(MAKE) --no-print-directory clients
	$(MAKE) --no-print-directory e2e

clients: node build postgres $(NATS) $(CLIENTS)/node_modules/.package-lock.json
	$(GO) build -o $(ECHO) ./test/cluster/echo
	$(GO) build -o $(CLUSTER) ./test/cluster/run
	cd $(CLIENTS) && PARLEY_BIN=$(PARLEY) PARLEY_ECHO_BIN=$(ECHO) PARLEY_CLUSTER_BIN=$(CLUSTER) PARLEY_TEST_NATS=$(NATS) PARLEY_TEST_POSTGRES=$(call postgres-bin) npm test

e2e: chromium build $(WEB)/node_modules/.package-lock.json
	cd $(WEB) && PARLEY_BIN=$(PARLEY) npm run --silent e2e -- $(E2E)

bench: node postgres $(PEERS)/node_modules/.package-lock.json
	$(GO) run ./test/load $(BENCH)

fuzz:
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

soak: build postgres $(NATS)
	PARLEY_BIN=$(PARLEY) PARLEY_TEST_NATS=$(NATS) PARLEY_TEST_POSTGRES=$(call postgres-bin) PARLEY_SOAK=$(SOAK) $(GO) test -count=1 -timeout 0 -run 'TestKill|TestFaults' -v ./test/fault ./test/cluster

# Three nodes on PostgreSQL and NATS behind a balancer, with the people of the demo, until Ctrl-C.
cluster: build postgres $(NATS)
	@$(GO) run ./test/cluster/run -listen $(LISTEN) -parley $(PARLEY) -nats $(NATS) -postgres $(call postgres-bin)

# what is needed

$(LINT):
	GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv $(BIN)/golangci-lint $@

$(GOFUMPT):
	GOBIN=$(BIN) $(GO) install mvdan.cc/gofumpt@$(GOFUMPT_VERSION)
	mv $(BIN)/gofumpt $@

$(NATS): go.mod
	$(GO) build -o $@ github.com/nats-io/nats-server/v2

$(NFPM):
	GOBIN=$(BIN) $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
	mv $(BIN)/nfpm $@

$(CDX):
	GOBIN=$(BIN) $(GO) install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CDX_VERSION)
	mv $(BIN)/cyclonedx-gomod $@

$(S3):
	GOBIN=$(BIN) $(GO) install github.com/versity/versitygw/cmd/versitygw@$(S3_VERSION)
	mv $(BIN)/versitygw $@

$(PEBBLE):
	GOBIN=$(BIN) $(GO) install github.com/letsencrypt/pebble/v2/cmd/pebble@$(PEBBLE_VERSION)
	mv $(BIN)/pebble $@

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

node:
	@command -v node >/dev/null && command -v npm >/dev/null || { $(call install,nodejs npm,Node.js and npm run the real clients); }
	@node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || { echo "Node.js $$(node --version) is too old: 18 or newer is needed"; exit 1; }

python:
	@command -v python3 >/dev/null || { $(call install,python3,Python runs code of the documentation); }

$(WEB)/node_modules/.package-lock.json: | node-web

node-web: node
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || a === 20 && b >= 19 ? 0 : 1)' || { echo "Node.js $$(node --version) is too old to build the web client: 20.19 or newer is needed"; exit 1; }

# Chromium without windows, which takes half the processor time. Where Debian has no such package, the whole browser does.
chromium:
	@[ -n "$$CHROMIUM" ] || command -v chromium-headless-shell >/dev/null || \
	( [ "$$(id -u)" = 0 ] && $(call install,chromium-headless-shell fonts-noto-cjk,) ) || \
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	{ $(call install,chromium fonts-noto-cjk,the web client is tested in Chromium); }

# The newest PostgreSQL in Debian's place, or the one in PATH.
postgres-bin = $$(dirname "$$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 | grep . || command -v initdb)")

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { $(call install,postgresql,the store is tested on PostgreSQL); }

cc:
	@command -v gcc >/dev/null || command -v clang >/dev/null || { $(call install,gcc libc6-dev,the race detector needs a C compiler); }

# install installs Debian packages as root and otherwise says what is missing.
# $(1): packages, $(2): what for.
define install
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); \
else \
	echo "$(2). Install them, as root on Debian or Ubuntu:  apt-get install -y $(1)"; exit 1; \
fi
endef

clean:
	rm -rf $(BIN) dist $(CLIENTS)/node_modules $(PEERS)/node_modules $(WEB)/node_modules
