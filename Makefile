# Everything starts here. `make demo` needs Python 3.11 and make, nothing else.
#
#   make demo            run ippro with its demo world; Ctrl-C stops it.  PORT=8000  IPPRO_DATA_DIR=.data
#   make demo ONCE=1     the same, then walk one complaint through it over HTTP and exit
#   make test            the whole suite, on SQLite and on PostgreSQL
#   make lint            formatting, types, layers, templates, migrations, known vulnerabilities
#   make bench           the benchmarks
#   make fuzz            schemathesis against the API as every role.  MINUTES=15  AS="rights holder"
#   make client          write the Python client anew from the description of the API

PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3,$(shell command -v $(p))))
VENV := .venv
PY := $(VENV)/bin/python
RUN := $(VENV)/.ready-to-run
DEV := $(VENV)/.ready-to-develop
PORT ?= 8000
IPPRO_DATA_DIR ?= $(CURDIR)/.data
export PORT IPPRO_DATA_DIR

.PHONY: demo test lint bench fuzz client
.DEFAULT_GOAL := demo

demo: $(RUN)
	@$(PY) manage.py demo $(if $(ONCE),--once)

test: $(DEV)
	@$(PY) -m tests.run $(ARGS)

lint: $(DEV)
	@PY=$(PY) .ci/lint

bench: $(DEV)
	@$(PY) -m benchmarks $(ARGS)

fuzz: $(DEV)
	@$(PY) -m tests.api --minutes $(or $(MINUTES),15) $(if $(AS),--as "$(AS)")

client: $(DEV)
	@$(PY) -m clients.generate

$(PY):
	@PYTHON="$(PYTHON)" .ci/venv make

$(RUN): requirements.txt | $(PY)
	@.ci/venv install requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@.ci/venv install requirements-dev.txt
	@touch $@ $(RUN)
