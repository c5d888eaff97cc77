"""What the files of operations share: the decorator for methods, and what all of them need."""

import functools
import sys

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.tensor import leader, operation


lesson = sys.modules["tinytorch.tensor"]  # as an attribute of the package, `tensor` is the function


def method(function):
    """Set `function` on Tensor under its own name; returns it."""
    setattr(Tensor, function.__name__, function)
    return function


def by_name(change, *names):
    """Let what the method `change` takes first come under one of its names in PyTorch as well."""
    plain = getattr(Tensor, change)

    @functools.wraps(plain)
    def changed(self, *sizes, **options):
        named = [options.pop(name) for name in names if name in options] if options else ()
        return plain(self, *sizes, *named, **options)

    setattr(Tensor, change, changed)


def cat(tensors, dim=0, *, axis=None):
    """Tensors end to end along `dim`; empty vectors among them count for nothing."""
    tensors = list(tensors)
    if len({x.ndim for x in tensors}) > 1:
        tensors = [x for x in tensors if x.shape != (0,)]
    return lesson.cat(tensors, dim if axis is None else axis)


@operation
def _stacked(*arrays, dim):
    return np.stack(arrays, dim)


@derivative(_stacked)
def _(grad, out, *arrays, dim):
    return tuple(np.moveaxis(grad, dim, 0))


def stack(tensors, dim=0, *, axis=None):
    """Tensors side by side along a new dimension: module 01's, at once."""
    tensors, dim = list(tensors), dim if axis is None else axis
    try:
        return leader(*tensors).apply(_stacked.function, *tensors, dim=dim)
    except ValueError:
        return lesson.stack(tensors, dim)  # which says what is wrong


def where(condition, input=None, other=None):
    """`input` where the condition is true and `other` elsewhere; without them, where it is true."""
    return (
        condition.nonzero(as_tuple=True) if input is None else lesson.where(condition, input, other)
    )
