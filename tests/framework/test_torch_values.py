"""The reference gives what PyTorch gave for the cases in torch_values.npz, which `tests/conformance/make_values.py` made."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "conformance"))  # the table, and how to run its rows
from sides import TinyTorch, compare  # noqa: E402
from values import MOST, cases, load  # noqa: E402

STORED = load(HERE / "torch_values.npz")


@pytest.fixture(scope="module")
def wanted(reference):
    """The cases of the table, by name."""
    return {case.name: case for case in cases(reference.package)}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_small_case_is_stored(wanted, reference):
    """A row of the table that was added or changed its name needs `make_values.py` again."""
    assert not STORED.keys() - wanted.keys()
    for name in wanted.keys() - STORED.keys():
        case = wanted[name]
        results = [*case.inputs, *case.run(TinyTorch(reference.package), case.inputs).values()]
        assert sum(array.size for array in results) > MOST, name


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_agrees(wanted, reference):
    side, apart = TinyTorch(reference.package), []
    for name, stored in STORED.items():
        inputs = [array for key, array in stored.items() if key.startswith("input ")]
        results = {key: array for key, array in stored.items() if not key.startswith("input ")}
        try:
            compare(wanted[name].run(side, inputs), results, tolerance=2e-5)
        except Exception as error:
            apart.append(f"{name}: {type(error).__name__}: {error}")
    assert not apart, f"{len(apart)} of {len(STORED)} differ:\n" + "\n".join(apart[:20])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_rule_is_among_the_cases(wanted, reference, monkeypatch):
    used, gradients = set(), reference.autograd.Node.gradients

    def noted(node, grad):
        used.add(node.op)
        return gradients(node, grad)

    monkeypatch.setattr(reference.autograd.Node, "gradients", noted)
    for name in STORED:
        wanted[name].run(TinyTorch(reference.package), wanted[name].inputs)
    own = {
        f"tinytorch.{name}" for name in ("autograd", "layers", "backprop")
    }  # the shelves and 09 have tests of theirs
    rules = {op for op, found in reference.autograd.derivatives.items() if found.__module__ in own}
    unused = {op.__name__ for op in rules} - {op.__name__ for op in used}
    assert unused == {"average", "floor_divide", "pad2d", "unbroadcast", "unfold"}, "the table has no other"
