"""leader picks the tensor of the most specific class among the inputs of an operation."""

import numpy as np
import pytest

from tinytorch.tensor import Tensor, leader
from tito.testing import on_student_side


@on_student_side
def chosen(kinds):
    """The class of the leader of inputs of these kinds, and whether it is one of them."""

    class Sub(Tensor):
        pass

    class SubSub(Sub):
        pass

    make = {
        "number": lambda: 2.5,
        "array": lambda: np.ones(2),
        "none": lambda: None,
        "Tensor": lambda: Tensor([1, 2]),
        "Sub": lambda: Sub([1, 2]),
        "SubSub": lambda: SubSub([1, 2]),
    }
    inputs = [make[kind]() for kind in kinds]
    lead = leader(*inputs)
    return type(lead).__name__, any(lead is x for x in inputs)


@on_student_side
def each(*rows):
    return [chosen(kinds) for kinds in rows]


@on_student_side
def who_leads_alone():
    lead = leader(2, 3)
    return type(lead).__name__, lead.shape


def test_a_tensor_leads_and_no_number_or_array(rng):
    others = ["number", "array", "none"]
    for kinds in (["Tensor", "number"], ["number", "Tensor"], rng.permutation([*others, "Tensor"]).tolist()):
        assert chosen(kinds) == ("Tensor", True)
    for kinds in (["Sub", "array"], ["array", "Sub"], rng.permutation([*others, "Sub"]).tolist()):
        assert chosen(kinds) == ("Sub", True)


def test_a_subclass_leads_wherever_it_stands(rng):
    assert each(["Tensor", "Sub"], ["Sub", "Tensor"], ["Tensor", "Sub", "Tensor"]) == [("Sub", True)] * 3
    kinds = rng.permutation(["Tensor"] * 3 + ["number", "Sub"]).tolist()
    assert chosen(kinds) == ("Sub", True)


@pytest.mark.parametrize("case", range(3))
def test_the_most_specific_of_three_classes(case, rng):
    assert each(["Sub", "SubSub", "Tensor"], ["SubSub", "Tensor", "Sub"]) == [("SubSub", True)] * 2
    assert chosen(rng.permutation(["Tensor", "Sub", "SubSub", "Sub", "array"]).tolist()) == ("SubSub", True)


def test_without_a_tensor_a_plain_one_leads(rng):
    assert who_leads_alone() == ("Tensor", ())
    assert chosen(["number", "number"]) == ("Tensor", False)
    assert chosen([]) == ("Tensor", False)
    assert chosen(rng.permutation(["number", "array", "none"]).tolist()) == ("Tensor", False)
