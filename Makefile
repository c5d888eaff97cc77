PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint build bench-tito clean

demo: .venv/ready            ## play the course as a student would, on real data
	@$(BIN)/tito demo

test: .venv/ready-dev        ## run every test
	@$(BIN)/pytest

lint: .venv/ready-dev        ## check format and style
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

build: .venv/ready-dev       ## make modules/ from solutions/
	@$(BIN)/tito build

bench-tito: .venv/ready-dev  ## how long tito takes beside a bare Python
	@$(BIN)/python benchmarks/tito.py

clean:                       ## remove the environment and all that can be made again
	@rm -rf .venv .tito *.egg-info

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) tito/install.py .

.venv/ready-dev: requirements.txt pyproject.toml
	@$(PYTHON) tito/install.py .[dev]
