# hotline: the commands of every day. Details are in scripts/.
#
#   make run      a whole call centre on this machine: builds and starts the demo
#   make test     everything: format, lint, unit tests, end to end (about 15 min cold)
#   make quick    the pure rooms and the fake Asterisk, within 2 minutes
#   make proof    the end-to-end tests with their long counts
#   make bench    hotline beside app_queue: the tables of docs/performance.md, in about 10 minutes
#   make screenshots   the pictures in docs/screenshots, from the real thing
#   make web      the browser apps;  make build  bin/hotline
#   make lint, make fix, make clean
#
# ARGS are handed to the demo: make run ARGS="--port 9000"

.DEFAULT_GOAL := help
.PHONY: help run test quick proof bench screenshots web build lint fix clean need-build

# Recipes stop at the first failing command of a line, pipes included.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/dev -prune -o -type f ! -name '*.go' -print 2>/dev/null)

help:
	@awk '!/^#/ {exit} {sub(/^# ?/, ""); print}' Makefile

run:
	@scripts/need run
	@$(MAKE) --no-print-directory build
	@exec bin/hotline demo $(ARGS)

build: web
	@echo "build: bin/hotline"
	@go build -o bin/hotline ./cmd/hotline

# npm writes .package-lock.json last, so an interrupted install is done again.
web/node_modules/.package-lock.json: web/package-lock.json web/package.json
	@echo "web: installing the libraries (npm ci)"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	@echo "web: building the browser apps"
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

web: need-build web/dist/index.html

need-build:
	@scripts/need build

test:
	@scripts/test

# Pure rooms, their fakes and rapid tests; no race detector, no Asterisk.
quick:
	@scripts/need build
	@go vet ./...
	@go test -timeout 2m ./...

proof:
	@scripts/need test
	@$(MAKE) --no-print-directory build
	@PROOF=1 scripts/test e2e

# On a machine that does nothing else: processor time is what is measured.
bench:
	@scripts/need test
	@BENCH=1 go test -v -tags e2e -count=1 -timeout 20m -run TestSideBySide ./test/bench
	@go test -run NONE -bench ACallsLife ./test/bench

screenshots:
	@scripts/need test
	@$(MAKE) --no-print-directory build
	@HOTLINE_SCREENS=$(CURDIR)/docs/screenshots go test -tags e2e -count=1 -run 'EveryScreen|OneAgentFewer|AnAdministratorSigns' ./test/e2e

lint:
	@scripts/test format lint

fix:
	@git ls-files -co --exclude-standard '*.go' | xargs gofmt -w
	@cd web && npm run --silent fix

# What was built here. The shared Asterisk root and the demo's state stay.
clean:
	@rm -rf bin web/dist/assets web/dist/index.html web/node_modules .cache test-output
