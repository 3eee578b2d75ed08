# The commands of this house: `make` alone lists them.

# Options for what is run: make run ARGS="--tcp 0.0.0.0:5140", make bench ARGS="--only sqlite".
ARGS ?=
# Options for the history bench: make bench HISTORY="--records 5000000 --break-even".
HISTORY ?= --records 1000000
# Options for the serving bench: make bench SERVING="--lines 5000000".
SERVING ?=
# How it is built: `dev` is quick to build, `release` takes three times as long and runs ten times as fast.
PROFILE ?= dev

.DEFAULT_GOAL := help
# How many cases each property is given, and where they begin: make properties CASES=100000 SEED=42.
CASES ?= 5000
SEED ?=
export SEED

.PHONY: help run up test check properties fuzz chaos soak bench bench-live screenshots deb

help: ## List these commands
	@echo 'Tailwater: a log server with a GraphQL face.'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r command text; do printf '%-18s %s\n' "$$command" "$$text"; done
	@echo
	@echo 'ARGS="…" passes options on; PROFILE=release builds `run` and `up` for speed.'

run: ## Build and start it: SQLite and a queue in memory, on 127.0.0.1 (ARGS="--help" for options)
	@scripts/build-needs
	@scripts/pages
	@echo 'Building ($(PROFILE)): a few minutes the first time, a moment afterwards.'
	@echo 'Then it says where it listens; the dashboard is at its HTTP address. Ctrl-C stops it.'
	@exec cargo run --profile $(PROFILE) --bin tailwater -- serve $(ARGS)

up: ## Start all of it as in production: NATS, Postgres, ingest, 2 workers, 2 api (as docker-compose.yml)
	@scripts/build-needs
	@scripts/test-needs
	@scripts/pages
	@echo 'Building ($(PROFILE)): a few minutes the first time, a moment afterwards.'
	@cargo build --profile $(PROFILE) --bin tailwater
	@exec scripts/up $${CARGO_TARGET_DIR:-target}/$(PROFILE:dev=debug)/tailwater

test: ## Run every test, with a private Postgres, nats-server and Chromium (installs them on Debian as root)
	@scripts/build-needs
	@scripts/test-needs --browser
	@echo '== check the format'
	@if cargo fmt --version >/dev/null 2>&1; then cargo fmt --all --check; \
		else echo 'rustfmt is not installed: the format is not checked'; fi
	@scripts/pages --must
	@echo '== check and test the pages'
	cd frontend && npm run --silent types && npm run --silent test
	@echo '== build the tests'
	cargo test --workspace --locked --no-run
	@echo '== run the tests'
	cargo test --workspace --locked --quiet
	@echo '== hold the protocols to the audits and the clients of others'
	cd tests/protocols && npm ci --silent && \
		TAILWATER_BIN=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/debug/tailwater node --test
	@echo '== run the tests in a browser'
	@scripts/browser-test

check: ## Check format, lints, scripts and the rules of the house
	@scripts/build-needs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@if command -v shellcheck >/dev/null; then set -x; shellcheck scripts/* packaging/debian/* .ci/run; \
		else echo 'shellcheck is not installed: the scripts are not checked'; fi
	cargo test --locked --quiet --test suite house

properties: ## Try the parser, framing, frames, search language and blocks on many more inputs (CASES=…, SEED=…)
	@scripts/build-needs
	@seed=$${SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; \
		echo "$(CASES) cases each; again with: make properties CASES=$(CASES) SEED=$$seed"; \
		PROPTEST_CASES=$(CASES) PROPTEST_RNG_SEED=$$seed cargo test --locked --lib -- \
			parse::tests::properties ingest::framing ingest::chunks ingest::inflate queue::frame filter:: store::block

fuzz: ## Look for inputs that break what reads from outside, each target for SECONDS=30 (TARGETS="json query")
	@scripts/build-needs
	@scripts/fuzz $(or $(SECONDS),30) $(TARGETS)

chaos: ## Kill and cut everything at random, and see that nothing is lost (SEED=… LINES=… RATE=… PAUSE=…)
	@scripts/build-needs
	@scripts/test-needs
	cargo test --locked --profile $(PROFILE) --test suite -- --ignored --exact --nocapture chaos::as_told

soak: ## Load a server for SECONDS=600 at RATE=20000 lines/s and see that nothing grows (ARGS="--roles")
	@scripts/build-needs
	@scripts/test-needs
	cargo build --release --bin tailwater
	@TAILWATER_BIN=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/tailwater cargo test --quiet --test soak -- \
		--seconds $(or $(SECONDS),600) --rate $(or $(RATE),20000) $(ARGS)

bench: ## Measure parts, history, pipeline and serving, in 20 minutes (ARGS="--runs 1" HISTORY=… SERVING=…)
	@scripts/build-needs
	@scripts/test-needs
	cargo bench --bench parse --bench matcher --bench blocks
	cargo bench --bench history -- $(HISTORY)
	cargo bench --bench pipeline -- $(ARGS)
	cargo bench --bench serving -- $(SERVING)

bench-live: ## Measure the pages: 5,000 lines/s followed for a minute, and a log of 5 million (RATE=… SECONDS=… LINES=…)
	@scripts/build-needs
	@scripts/test-needs --browser
	@scripts/pages --must
	cargo build --release --bin tailwater
	@TAILWATER_BIN=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/tailwater scripts/browser-test --run bench

screenshots: ## Take the pictures of docs/ anew
	@scripts/build-needs
	@scripts/test-needs --browser
	@scripts/pages --must
	cargo build --profile $(PROFILE) --bin tailwater
	@TAILWATER_BIN=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/$(PROFILE:dev=debug)/tailwater scripts/screenshots

deb: ## Make the Debian package, in target/debian (installs cargo-deb when it is missing)
	@scripts/build-needs
	@scripts/pages --must
	cargo build --release --locked --bin tailwater
	@scripts/deb release
