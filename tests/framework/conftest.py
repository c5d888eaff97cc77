"""The reference as programs see it."""

import importlib
import sys

import pytest


@pytest.fixture(scope="module")
def torch(reference_parent):
    """The reference as a program sees it, under the name that it gives it."""

    def ours():
        return {name for name in sys.modules if name.partition(".")[0] == "tinytorch"}

    before = {name: sys.modules.pop(name) for name in ours()}
    sys.path.insert(0, str(reference_parent))
    try:
        yield importlib.import_module("tinytorch")
    finally:
        sys.path.remove(str(reference_parent))
        for name in ours():
            del sys.modules[name]
        sys.modules.update(before)
