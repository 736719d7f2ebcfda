# demo · test · lint · bench: the entry points.  Run as root (network namespaces).

# The system's own before one of a version manager, which may lack ssl or be readable by root alone.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3.11) python3.11)
BIN := .venv/bin

.PHONY: help venv schema man demo test fuzz lint bench role-check docs collection-check clean
help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.done: requirements-dev.txt agent/pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' || { echo \
	    'make: $(PYTHON) is no Python from 3.11 on that can make virtual environments;' \
	    'apt-get install python3.11-venv, or say make PYTHON=/path/to/python3.12' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable ./agent
	touch $@

venv: .venv/.done  ## all commands into .venv/bin

.venv-oracles/.done: requirements-oracles.txt
	lab/require-packages gcc libc6-dev libyang2-dev python3-dev
	$(PYTHON) -m venv .venv-oracles
	.venv-oracles/bin/pip install --quiet --disable-pip-version-check -r requirements-oracles.txt
	touch $@

oracles: .venv-oracles/.done  ## libyang and yangson, which the tests compare our validator with

schema: venv  ## compile yang/ to the schema that the agent runs on
	$(BIN)/python -m smcroute_agent.yang.compile

man: venv  ## build the manual pages
	$(BIN)/python agent/man/build.py

demo: venv  ## one playbook moves real multicast through a real kernel
	$(BIN)/python -m lab.demo

# Tests wait more than they compute: more of them at once than there are cores.
test: venv oracles .venv-clients/.done  ## unit and integration tests
	lab/require-packages
	$(BIN)/python -m pytest --numprocesses $$(($$(nproc) + 1)) --dist worksteal

# NETCONF clients that the tests use, and the collection ansible.netcommon.
.venv-clients/.done: requirements-clients.txt requirements-ansible.txt lab/netcommon.py
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	$(@D)/bin/python lab/netcommon.py $(@D)/collections
	touch $@

MINUTES ?= 10
fuzz: venv oracles  ## generated hostile input, for MINUTES (10)
	$(BIN)/python -m tests.fuzz $(MINUTES)

# The plugins import each other by the collection's name, whatever the directory is called.
COLLECTION := .venv/collections/ansible_collections/mcast/smcroute
$(COLLECTION): | venv
	mkdir -p $(@D)
	ln -sfn "$(CURDIR)" $@

lint: venv $(COLLECTION)  ## ruff, mypy, pyang
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict agent/src/smcroute_agent
	$(BIN)/mypy --strict --package ansible_collections.mcast.smcroute.plugins
	$(BIN)/mypy --strict lab bench
	$(BIN)/mypy --strict .ci/gates/*.py lab/around.py
	$(BIN)/pyang --lint --path $(BIN)/../share/yang/modules yang/*.yang

bench: venv  ## speed, beside Debian's smcroute in the same run, or some of it: NAMES="load legs"
	lab/require-packages
	$(BIN)/python -m bench $(NAMES)

# Tools that do not fit into one environment with others, by file of requirements.
.venv-tools/.done: requirements-collection.txt
.venv-importer/.done: requirements-importer.txt
.venv-core-3.12/.done .venv-core-3.13/.done: requirements-core-newest.txt

.venv-tools/.done .venv-importer/.done: INTERPRETER = $(PYTHON)
.venv-core-%/.done: INTERPRETER = $(shell .ci/find-python $(@D:.venv-core-%=%))

.venv-tools/.done .venv-importer/.done .venv-core-3.12/.done .venv-core-3.13/.done:
	$(INTERPRETER) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# The role's tests want of the network, once: a root of a Debian release, and wheels for its Python.
RELEASE ?= bookworm
role-check: venv  ## the role on a whole Debian system with systemd: install, upgrade, reboot (RELEASE=trixie)
	lab/require-packages openssh-client iproute2
	lab/debian-root .role-check/$(RELEASE) $(RELEASE)
	lab/wheels-for .role-check/$(RELEASE) .role-check/$(RELEASE)-wheels
	RELEASE=$(RELEASE) $(BIN)/python -m pytest tests/role

docs: .venv-tools/.done $(COLLECTION)  ## the documentation site of the collection
	PATH="$(CURDIR)/.venv-tools/bin:$$PATH" ANSIBLE_COLLECTIONS_PATH="$(CURDIR)/.venv/collections" docs/build

collection-check: venv .venv-tools/.done  ## every gate of the collection, or some: GATES="sanity units"
	$(PYTHON) .ci/gates $(GATES)

clean:  ## remove what make built
	rm -rf .venv .venv-clients .venv-oracles .venv-tools .venv-importer .venv-core-* .role-check build
