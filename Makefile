# Switchboard. `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X switchboard/host/app.Version=$(VERSION)
BIN := bin
# Plugins left out of the build: make build WITHOUT="games pager".
WITHOUT ?=

.DEFAULT_GOAL := help
.PHONY: help run test build package demo screenshots bench soak generate lint fmt fuzz clean deps-build

help: ## list the goals
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## install what is missing, build, and open the window (without a display: a real conversation under Xvfb, with screenshots)
	@.ci/deps build run
	@$(MAKE) --no-print-directory build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then exec $(BIN)/switchboard $(ARGS); else \
	  echo "No display here: running the same program under Xvfb."; .ci/deps demo; exec .ci/demo; fi

build: deps-build ## build everything into bin/
	@mkdir -p $(BIN)
	go run ./plugins/gen -without "$(WITHOUT)" -out plugins/imports_gen.go
	go build -trimpath -tags grpcnotrace -ldflags '$(LDFLAGS)' -o $(BIN)/switchboard ./host
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(BIN)/switchboard-launch ./host/launch
	CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags '-s -w' -o $(BIN)/switchboard-plugins ./plugins
	@go run ./plugins/gen -without "$(WITHOUT)" -layout $(BIN)

deps-build:
	@.ci/deps build

test: ## everything that must hold, from a fresh clone
	@.ci/deps build run test package
	@.ci/test

package: ## a .deb and a .tar.gz, and an untested .zip for Windows, in out/package
	@.ci/deps build package
	@$(MAKE) --no-print-directory build
	@.ci/pack
	@.ci/package-check out/package/*.deb

demo: ## two real people talking in a real window under Xvfb; screenshots and a transcript in out/demo
	@.ci/deps build run demo
	@$(MAKE) --no-print-directory build
	@.ci/demo

screenshots: demo ## renew the pictures in docs/ from the running program
	@.ci/screenshots

bench: ## the budgets of the architecture, each beside its floor
	@.ci/deps build run test
	@$(MAKE) --no-print-directory build
	@.ci/bench

soak: ## the long versions of the kill, storm, power and crowd tests (one of them: make soak ONLY=crowd)
	@.ci/deps build run test soak
	@.ci/soak $(ONLY)

generate: ## renew generated code
	@.ci/deps generate
	@.ci/generate

lint: ## gofmt, vet, staticcheck, tidy, generated code up to date
	@.ci/deps build
	@.ci/lint

fmt: ## format
	@gofmt -w $$(git ls-files '*.go' | grep -v '\.pb\.go$$')

fuzz: ## every fuzz target for FUZZTIME (default 30s) each
	@.ci/fuzz

clean: ## remove what was built
	rm -rf $(BIN) out
