# One customer, whichever channel they use. `make` alone tells what there is.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark
PROTOS := $(wildcard proto/resolver/v1/*.proto)
SERVICES := $(wildcard proto/resolver/v1/*_service.proto)
GENERATED := resolver/v1

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: $(READY) ## Start the service, feed it sample touchpoints, show one merged customer, go on serving
	@$(BIN)/python -m resolver.demo $(ARGS)

.PHONY: test
test: $(READY) $(SPARK) ## Run the tests; ARGS are pytest's
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup $(ARGS)

.PHONY: check
check: lint types proto-check buf test ## All that CI does

.PHONY: lint
lint: $(READY) ## Style and likely mistakes
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

.PHONY: types
types: $(READY) ## Types, strictly
	@$(BIN)/mypy

# One shell command that writes the generated code below a folder: $(call generate,FOLDER)
generate = $(BIN)/python -m grpc_tools.protoc -I proto --plugin=$(BIN)/protoc-gen-mypy \
	--python_out=$(1) --mypy_out=quiet:$(1) $(PROTOS) \
	&& $(BIN)/python -m grpc_tools.protoc -I proto --plugin=$(BIN)/protoc-gen-mypy_grpc \
	--grpc_python_out=$(1) --mypy_grpc_out=quiet:$(1) $(SERVICES)

.PHONY: proto
proto: $(READY) ## Generate resolver/v1 from the contract
	@rm -f $(GENERATED)/*_pb2*
	@$(call generate,.)

.PHONY: proto-check
proto-check: $(READY) ## The committed code is what the contract generates
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(call generate,"$$fresh"); \
	diff -r --brief -x __init__.py -x __pycache__ "$$fresh/$(GENERATED)" $(GENERATED) \
		|| { echo "resolver/v1 is not what proto/ generates: run make proto" >&2; exit 1; }

# The contract as last committed and different from this one; none in a first commit or a shallow clone.
.PHONY: buf
buf: $(READY) ## Lint the contract; nothing in it breaks those who use the committed one
	@$(BIN)/buf lint
	@$(BIN)/buf format --diff --exit-code
	@for commit in $$(git rev-list --max-count=2 HEAD -- proto 2>/dev/null || true); do \
		git diff --quiet "$$commit" -- proto && continue; \
		exec $(BIN)/buf breaking --against ".git#ref=$$commit"; \
	done; \
	echo "contract: nothing committed to compare with"

.PHONY: bench
bench: $(READY) ## Speed and accuracy; ARGS choose
	@$(BIN)/python -m bench $(ARGS)

.PHONY: constraints
constraints: $(READY) ## Write the versions that are installed to constraints.txt
	@$(BIN)/python -m pip --disable-pip-version-check freeze --exclude-editable > constraints.txt

.PHONY: clean
clean: ## Remove all that make and the tools have made
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "python3 is not installed (3.11 or newer is needed)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "making $(VENV), once" >&2; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --editable '.[dev,neo4j,report]'
	@touch $@

# Half a gigabyte that only tests need, and of no use without Java: then its tests say that they are skipped.
$(SPARK): $(READY)
	@! command -v java >/dev/null \
		|| $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --editable '.[spark]'
	@touch $@
