PYTHON ?= python3
BIN := .venv/bin
LITE := book/_build/lite

.PHONY: demo test lint build book book-links lite site mutants conformance bench bench-tito grade-demo bench-grade clean

demo: .venv/ready            ## play the course as a student would, on real data
	@$(BIN)/tito demo

test: .venv/ready-dev        ## run every test
	@$(BIN)/pytest

mutants: .venv/ready-dev     ## change every answer in small ways: the tests must reject it, and what is said be right
	@$(BIN)/python -m tito.author.mutants

lint: .venv/ready-dev        ## check format and style
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@$(BIN)/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema -q --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/form-*.yml
	@$(BIN)/check-jsonschema -q --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/check-jsonschema -q --builtin-schema vendor.citation-file-format CITATION.cff

build: .venv/ready-dev       ## make modules/ from solutions/
	@$(BIN)/tito build

book: .venv/ready-dev        ## make the website, book/_build/html/index.html
	@$(BIN)/python book/make

book-links: .venv/ready-dev  ## see whether the website's links to other sites work
	@$(BIN)/python book/make --links

lite: .venv/ready .venv-lite/ready  ## make the site on which the notebooks run in the browser, book/_build/lite/site
	@$(BIN)/python book/lite/make.py $(LITE)
	@echo "$(LITE)/site is the site. python3 -m http.server -d $(LITE)/site shows it, at"
	@echo "http://localhost:8000/lab/index.html?path=modules/01_tensor/tensor.ipynb"

site: lite .venv/ready-dev   ## make the whole website, with the notebooks that run in the browser, book/_build/html
	@$(BIN)/python book/make --with $(LITE)/site

conformance: .venv/ready .venv-torch/ready  ## compare every operation with PyTorch, and write book/conformance.md
	@$(BIN)/tito build --reference .venv-torch/reference && PYTHONPATH=.venv-torch/reference:. .venv-torch/bin/pytest tests/conformance

bench: .venv/ready .venv-bench/ready  ## how fast the framework is beside PyTorch, mygrad and autograd
	@$(BIN)/tito build --reference .venv-bench/reference && PYTHONPATH=.venv-bench/reference .venv-bench/bin/python benchmarks/framework.py

grade-demo: .venv/ready-dev  ## hand out, collect and grade the work of a class, from right to broken
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
