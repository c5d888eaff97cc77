"""Within no_grad nothing is remembered."""

from tinytorch.autograd import Tensor, no_grad
from tito.testing import raises


def test_nothing_is_noted_down():
    x = Tensor([1])
    with no_grad():
        assert (x * 2).made_by is None


def test_an_error_ends_it_too():
    x = Tensor([1])
    with raises(KeyError), no_grad():
        raise KeyError("x")
    with no_grad():
        pass
    assert (x * 2).made_by is not None
