# Two commands do all the set-up on a fresh machine: make demo, make test.
# Needed: Go, gcc, make, git. Tests install Chromium from Debian where it is missing.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
# SQLite is compiled in; secure_delete also at compile time, and no loadable code.
TAGS    = sqlite_omit_load_extension sqlite_secure_delete osusergo netgo
LDFLAGS = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT) -extldflags=-static
ADDR   ?= 127.0.0.1:8420

export CGO_ENABLED = 1

.PHONY: demo test race lint bench soak fuzz build shots chromium

build:
	go build -trimpath -tags "$(TAGS)" -ldflags '$(LDFLAGS)' -o bin/zat ./cmd/zat

demo: build
	./bin/zat demo --addr $(ADDR)

test: chromium
	go vet ./...
	go test -race -timeout 10m $$(go list ./... | grep -v /internal/house$$)
	go test -timeout 10m ./cmd/zat/internal/house
	go test -race -timeout 8m -run 'Follow|Cover|Concurrent|Race|Midway|Leaving|TwoChairs' ./cmd/zat/internal/house

race: # all of it with the race detector: more than ten minutes on two cores
	go test -race -timeout 30m ./...

chromium:
	@command -v chromium >/dev/null 2>&1 || { \
	  echo "Chromium is missing: installing it from Debian"; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

lint:
	@out=$$(gofmt -l .); test -z "$$out" || { echo "gofmt: $$out"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go test -run Floors ./cmd/zat

bench:
	go test -run '^$$' -bench . -benchtime 2s ./cmd/zat ./cmd/zat/internal/house ./audit ./store ./crypto/... ./pseudonym/...

SOAK ?= 10
soak: build
	@d=$$(mktemp -d); ./bin/zat demo --addr 127.0.0.1:0 --data $$d/data --ready $$d/ready.json >/dev/null & pid=$$!; \
	while [ ! -f $$d/ready.json ]; do sleep 0.2; done; \
	go run ./cmd/zat/internal/soak $$d/ready.json $$pid $(SOAK); status=$$?; kill $$pid; rm -rf $$d; exit $$status

FUZZTIME ?= 20s
fuzz:
	go test -run '^$$' -fuzz FuzzParseFile -fuzztime $(FUZZTIME) ./pseudonym/register
	go test -run '^$$' -fuzz FuzzCheck -fuzztime $(FUZZTIME) ./pseudonym/guard
	go test -run '^$$' -fuzz FuzzCheckpoint -fuzztime $(FUZZTIME) ./crypto/logtree
	go test -run '^$$' -fuzz FuzzToken -fuzztime $(FUZZTIME) ./crypto/keys
	go test -run '^$$' -fuzz FuzzRecoveryCode -fuzztime $(FUZZTIME) ./crypto/keys
	go test -run '^$$' -fuzz FuzzPaper -fuzztime $(FUZZTIME) ./crypto/keys
	go test -run '^$$' -fuzz FuzzDevices -fuzztime $(FUZZTIME) ./account/signin
	go test -run '^$$' -fuzz FuzzClaims -fuzztime $(FUZZTIME) ./account/signin
	go test -run '^$$' -fuzz FuzzCredential -fuzztime $(FUZZTIME) ./cmd/zat/internal/house
	go test -run '^$$' -fuzz FuzzParseLine -fuzztime $(FUZZTIME) ./audit
	go test -run '^$$' -fuzz FuzzFolder -fuzztime $(FUZZTIME) ./audit/tiles
	go test -run '^$$' -fuzz FuzzSubmit -fuzztime $(FUZZTIME) ./audit/witness
	go test -run '^$$' -fuzz FuzzParseDay -fuzztime $(FUZZTIME) ./meeting

# The pictures in docs/images, from a running demo.
shots: build chromium
	@d=$$(mktemp -d); ./bin/zat demo --addr 127.0.0.1:0 --data $$d/data --ready $$d/ready.json >/dev/null & pid=$$!; \
	while [ ! -f $$d/ready.json ]; do sleep 0.2; done; \
	go run ./cmd/zat/internal/shots $$d/ready.json docs/images; status=$$?; kill $$pid; rm -rf $$d; exit $$status
