"""The two libraries, and the record of what was compared, from which the book's page is written."""

from pathlib import Path

import pytest
import torch
from page import Record
from sides import PyTorch, TinyTorch

import tinytorch

PAGE = Path(__file__).parents[2] / "book" / "conformance.md"
RECORD = Record()


@pytest.fixture(scope="session")
def ours():
    return TinyTorch(tinytorch)


@pytest.fixture(scope="session")
def theirs():
    torch.set_num_threads(1)
    return PyTorch(torch)


@pytest.fixture(scope="session")
def record():
    return RECORD


def pytest_sessionfinish(session, exitstatus):
    """Write the page, if everything was run and agrees."""
    chosen = session.config.option.keyword or session.config.option.markexpr
    if exitstatus == 0 and not chosen and all(Path(arg).is_dir() for arg in session.config.args):
        PAGE.write_text(RECORD.page(torch.__version__.partition("+")[0]), encoding="utf-8")
        print(f"\n\nWrote {PAGE.parent.name}/{PAGE.name}.")
