"""Twice applies a module two times."""

from tinytorch.autograd import Module, Scale, Tensor, Twice
from tito.testing import assert_close, on_student_side


@on_student_side
def adder():
    class Adder(Module):
        def forward(self, x):
            return Tensor(x.data + 1)

    return Adder()


def test_it_is_applied_two_times():
    assert_close(Twice(adder())(Tensor([1])), [3])
    assert_close(Twice(Twice(adder()))(Tensor([1])), [5])


def test_its_parameters_are_those_of_the_inner_one():
    inner = Scale(2)
    model = Twice(inner)
    model(Tensor([1, 1]))
    assert next(model.parameters()) is inner.weight
