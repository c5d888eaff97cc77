PYTHON ?= python3
BIN := .venv/bin
LITE := book/_build/lite

.PHONY: demo test lint build book book-links lite conformance bench bench-tito grade-demo bench-grade clean

demo: .venv/ready            ## play the course as a student would, on real data
	@$(BIN)/tito demo

test: .venv/ready-dev        ## run every test
	@$(BIN)/pytest

lint: .venv/ready-dev        ## check format and style
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

build: .venv/ready-dev       ## make modules/ from solutions/
	@$(BIN)/tito build

book: .venv/ready-dev        ## make the website, book/_build/html/index.html
	@$(BIN)/python book/make

book-links: .venv/ready-dev  ## see whether the website's links to other sites work
	@$(BIN)/python book/make --links

lite: .venv/ready .venv-lite/ready  ## make the site on which the notebooks run in the browser, book/_build/lite/site
	@rm -rf $(LITE) && mkdir -p $(LITE) && cp book/lite/*.json $(LITE)
	@$(BIN)/tito release --to $(LITE)/files && cp book/lite/README.md $(LITE)/files
	@cd $(LITE) && $(CURDIR)/.venv-lite/bin/jupyter lite build >log 2>&1 || { cat log; exit 1; }
	@echo "$(LITE)/site is the site. python3 -m http.server -d $(LITE)/site shows it, at"
	@echo "http://localhost:8000/lab/index.html?path=modules/01_tensor/tensor.ipynb"

conformance: .venv/ready .venv-torch/ready  ## compare every operation with PyTorch, and write book/conformance.md
	@$(BIN)/tito build --reference .venv-torch/reference && PYTHONPATH=.venv-torch/reference .venv-torch/bin/pytest tests/conformance

bench: .venv/ready .venv-bench/ready  ## how fast the framework is beside PyTorch, mygrad and autograd
	@$(BIN)/tito build --reference .venv-bench/reference && PYTHONPATH=.venv-bench/reference .venv-bench/bin/python benchmarks/framework.py

grade-demo: .venv/ready-dev  ## hand out, collect and grade 40 submissions, from right to broken
	@$(BIN)/python -m tests.grading.demo

bench-grade: .venv/ready-dev  ## how fast submissions are graded, beside nbgrader
	@$(BIN)/python benchmarks/grade.py

bench-tito: .venv/ready-dev  ## how long tito takes beside a bare Python
	@$(BIN)/python benchmarks/tito.py

clean:                       ## remove the environment and all that can be made again
	@rm -rf .venv .venv-torch .venv-bench .venv-lite .tito book/_build *.egg-info

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) tito/install.py .

.venv/ready-dev: requirements.txt pyproject.toml
	@$(PYTHON) tito/install.py .[dev]

.venv-torch/ready:
	@$(PYTHON) tito/install.py --into .venv-torch torch==2.13.0 numpy pytest hypothesis tokenizers

.venv-bench/ready:
	@$(PYTHON) tito/install.py --into .venv-bench torch==2.13.0 numpy mygrad autograd

.venv-lite/ready:
	@$(PYTHON) tito/install.py --into .venv-lite 'jupyterlite-core[contents]>=0.8' 'jupyterlite-pyodide-kernel>=0.8'
