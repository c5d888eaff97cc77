"""What the tests of a module are written with.

Tests import from `tinytorch`, call, and compare values. What they import are proxies (see `tito.checker.bridge`): the
code under test runs in another process, and the expected values never go there.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tito.checker.bridge import Proxy, StudentError, kind, reference

NO_ERROR = "no error was raised"


class Mismatch(AssertionError):
    """What came back is not what was expected. `worth_saying`: the problem cannot be seen from the two alone."""

    def __init__(self, problem: str, returned: Any, expected: Any, worth_saying: bool = True) -> None:
        super().__init__(problem)
        self.returned, self.expected, self.worth_saying = returned, expected, worth_saying


def assert_close(
    actual: Any, expected: Any, rtol: float = 1e-4, atol: float = 1e-6, dtype: Any = None, finite: bool = True
) -> None:
    """Assert that `actual`, a Tensor or an array, has the shape of `expected` and its values up to rounding.

    With `dtype`, its dtype must be that one too. NaN and infinity are no answer, unless the test says `finite=False`:
    what is expected may have been computed from what the student's side returned. Raises Mismatch.
    """
    wanted = np.asarray(expected)
    try:
        array = np.asarray(actual)
    except (TypeError, ValueError):
        array = None
    if array is None or array.dtype.kind not in "biufc":
        raise Mismatch("what came back holds no numbers", actual, wanted)
    if array.shape != wanted.shape:
        raise Mismatch(f"its shape is {array.shape}, and should be {wanted.shape}", actual, wanted)
    if dtype is not None and array.dtype != np.dtype(dtype):
        raise Mismatch(f"its dtype is {array.dtype}, and should be {np.dtype(dtype)}", actual, wanted.astype(dtype))
    if not np.allclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True) or (
        finite and not np.isfinite(array).all()
    ):
        raise Mismatch("its values are not the expected ones", actual, wanted, worth_saying=False)


@contextlib.contextmanager
def raises(kind: type[Exception], *saying: str) -> Iterator[None]:
    """Assert that the block raises `kind` (or a subclass), with a message in which every text of `saying` occurs."""
    ours = Exception if isinstance(kind, Proxy) else kind  # a class of the package is known by its name
    wanted = kind.__name__ + "".join(f", saying {text!r}" for text in saying[:1])
    wanted += "".join(f" and {text!r}" for text in saying[1:])
    try:
        yield
    except ours as error:
        if isinstance(error, NotImplementedError) and kind is not NotImplementedError:
            raise
        if ours is not kind and kind.__name__ not in getattr(error, "types", ()):
            error.instead_of = kind.__name__
            raise
        missing = [text for text in saying if text not in str(error)]
        if missing:
            name = getattr(error, "types", [type(error).__name__])[0]
            problem = f"its message does not say {missing[0]!r}"
            raise Mismatch(problem, Verbatim(f"{name}: {error}"), Verbatim(wanted), len(saying) > 1) from None
    except StudentError:
        raise
    except Exception as error:
        error.instead_of = kind.__name__
        raise
    else:
        raise Mismatch(NO_ERROR, Latest, Verbatim(wanted))


class Verbatim(str):
    """Text that is shown as it stands, without quotes."""


class Latest:
    """Stands for the result of the last call."""


def on_student_side(helper: Callable) -> Proxy:
    """Run this helper beside the student's code: its source is sent over, so it may hold no expected value.

    In it, `np` is NumPy, and names imported from `tinytorch` and other helpers above mean what they mean in the test
    file. Arguments and results are those of any call to the student's side; the helper may itself be an argument.
    """
    source = textwrap.dedent(inspect.getsource(helper))
    source = source[source.index("def ") :]
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    known = helper.__globals__
    names = {key: reference(known[key]) for key in used if isinstance(known.get(key), Proxy)}
    return Proxy(("__main__", helper.__name__, source, names), helper.__name__, "helper")


def type_name(value: Any) -> str:
    """The name of a value's type, on the side where the value is."""
    if isinstance(value, Proxy):
        return kind(value)
    if isinstance(value, np.ndarray):  # also of the class that an attribute's array has on this side
        return "ndarray"
    return type(value).__name__


def sizes(rng: np.random.Generator, count: int) -> tuple[int, ...]:
    """Draw a shape of `count` axes, five at most, from 2 to 6 long and no two alike: none can stand for another."""
    return tuple(rng.permutation(np.arange(2, 7))[:count].tolist())


def drawn_names(rng: np.random.Generator, count: int) -> list[str]:
    """Draw so many different names that can stand in a program."""
    return [f"v{number}" for number in 100 + rng.choice(900, count, replace=False)]


@on_student_side
def inputs_after(function, *args, **options):
    """What comes back, and the arguments as they are afterwards."""
    return function(*args, **options), args


@on_student_side
def logged(run, Tensor, *args):
    """The operations that `run(Logged, *args)` applies, and the class and the values of what it returns."""
    names = []

    class Logged(Tensor):
        def apply(self, op, *inputs, **options):
            names.append(op.__name__)
            return super().apply(op, *inputs, **options)

    out = run(Logged, *args)
    return names, type(out).__name__, out.array


@on_student_side
def gradient(of, program, **values):
    """The gradient that a program, which goes backward, leaves in one of the tensors with these values."""
    from tinytorch.autograd import Tensor

    names = {name: Tensor(value, requires_grad=True) for name, value in values.items()}
    exec(program, {"np": np}, names)
    return names[of].grad


@on_student_side
def rule(derivatives, op, grad, *arrays, **options):
    """The gradients that the rule of `op` gives, and then grad, the output and the inputs as they are."""
    op = getattr(op, "function", op)
    out = op(*arrays, **options)
    found = derivatives[op](grad, out, *arrays, **options)
    gradients = [g() if callable(g) else g for g in (found if isinstance(found, tuple) else (found,))]
    return gradients, [grad, out, *arrays]
