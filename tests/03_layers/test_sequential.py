"""Sequential gives each module what the one before it gave."""

from tinytorch.autograd import Tensor
from tinytorch.layers import Module, Sequential
from tito.testing import assert_close, on_student_side, raises, sizes


@on_student_side
def row(steps):
    """A row of modules; a step (a, b) is the line a x + b, and a list of steps a row within the row."""

    class Line(Module):
        def __init__(self, a, b):
            self.a, self.b = a, b

        def forward(self, x):
            return self.a * x + self.b

    return Sequential(*(row(step) if isinstance(step, list) else Line(*step) for step in steps))


@on_student_side
def through(steps, x):
    return row(steps)(Tensor(x)).array


@on_student_side
def calls(steps, x):
    """How often each module was called."""
    counts = [0] * steps

    class Counting(Module):
        def __init__(self, number):
            self.number = number

        def forward(self, x):
            counts[self.number] += 1
            return x

    Sequential(*(Counting(number) for number in range(steps)))(Tensor(x))
    return counts


@on_student_side
def is_given_back(x):
    x = Tensor(x)
    return Sequential()(x) is x


@on_student_side
def with_an_array_in_between(x):
    class ToArray(Module):
        def forward(self, x):
            return x.array

    class Same(Module):
        def forward(self, x):
            return x

    return Sequential(Same(), ToArray(), Same())(Tensor(x)).array


@on_student_side
def with_another_at(number, steps, step, x):
    """The row, after another line was set in the place of one."""
    model = row(steps)
    setattr(model, str(number), row([step])[0])
    return model(Tensor(x)).array


def drawn_steps(rng, count):
    return [tuple(step) for step in rng.uniform(1, 2, (count, 2)).tolist()]


def by_hand(steps, x):
    for step in steps:
        x = by_hand(step, x) if isinstance(step, list) else step[0] * x + step[1]
    return x


def test_one_after_the_other(rng):
    assert_close(through([(2, 1), (3, 0)], [1, 2]), [9, 15])
    assert_close(through([(3, 0), (2, 1)], [1, 2]), [7, 13])
    assert_close(through([(1, 1), (2, 0), (1, -3), (10, 0)], [0, 4]), [-10, 70])
    x, steps = rng.standard_normal(sizes(rng, 2)), drawn_steps(rng, int(rng.integers(3, 7)))
    assert_close(through(steps, x), by_hand(steps, x))


def test_a_row_of_one_and_a_row_of_none(rng):
    assert_close(through([(2, 1)], [1, 2]), [3, 5])
    assert_close(through([], [1, 2]), [1, 2])
    x, step = rng.standard_normal(sizes(rng, 2)), drawn_steps(rng, 1)[0]
    assert_close(through([step], x), step[0] * x + step[1])
    assert_close(through([], x), x)
    assert is_given_back(x)


def test_a_row_within_a_row(rng):
    assert_close(through([(2, 0), [(1, 3), (5, 0)], (1, 1)], [1]), [26])
    steps = drawn_steps(rng, 5)
    nested, x = [steps[0], [steps[1], [steps[2], steps[3]]], steps[4]], rng.standard_normal(sizes(rng, 2))
    assert_close(through(nested, x), by_hand(steps, x))


def test_each_is_called_once(rng):
    for steps in (1, 3, int(rng.integers(4, 8))):
        assert calls(steps, rng.standard_normal(2)) == [1] * steps


def test_each_is_called_and_not_its_forward_alone(rng):
    for x in ([1, 2], rng.standard_normal(3)):
        with raises(TypeError, "Same takes a Tensor, not a NumPy array"):
            with_an_array_in_between(x)


def test_what_is_set_later_counts(rng):
    assert_close(with_another_at(1, [(2, 1), (3, 0)], (10, 0), [1, 2]), [30, 50])
    steps, step = drawn_steps(rng, 4), drawn_steps(rng, 1)[0]
    number, x = int(rng.integers(4)), rng.standard_normal(sizes(rng, 2))
    expected = by_hand([*steps[:number], step, *steps[number + 1 :]], x)
    assert_close(with_another_at(number, steps, step, x), expected)
