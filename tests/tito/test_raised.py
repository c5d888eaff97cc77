"""What Python's and NumPy's exceptions mean: each row of the table, by what really raises it here."""

import math

import numpy as np
import pytest

from tito.checker.raised import TABLE, meaning, sentence

ONES = np.ones((2, 3))
NOTHING = None


def unset():
    if NOTHING:
        count = 1
    return count


def endless():
    return endless()


def two(a, b):
    return a


def frozen():
    array = np.ones(2)
    array.flags.writeable = False
    array += 1


def narrow():
    array = np.ones(2, int)
    array += 0.5


def stored(place, value):
    place[:] = value


def into(out):
    out += ONES


def three(values):
    first, second, third = values
    return first, second, third


ROWS = [
    (lambda: unset_name, "No line that was run gives `unset_name` a value: is it misspelt, or is that line missing?"),  # noqa: F821, it must be undefined
    (unset, "`count` has no value at this line: the line that gives it one was not reached."),
    (lambda: ONES[2], "Axis 0 has size 2: counted from 0, it has no index 2."),
    (lambda: ONES[:, :0][:, -1], "Axis 1 has size 0: counted from 0, it has no index -1."),
    (lambda: [1][1], "The list has fewer items than that index needs."),
    (lambda: ()[0], "The tuple has fewer items than that index needs."),
    (lambda: [].pop(), "The list is empty already: there is nothing to take out."),
    (lambda: ONES[0, 0, 0], "The array has 2 axes, and there are 3 indices."),
    (lambda: ONES.sum(2), "An array with 2 axes has no axis 2: they are counted from 0, or from the end from -1."),
    (
        lambda: ONES + np.ones(2),
        "Shapes (2,3) and (2,) do not go together: from the right, sizes must be equal, or one of them 1.",
    ),
    (lambda: stored(np.ones(3), ONES), "An array of shape (2,3) does not fit into a place of shape (3,)."),
    (lambda: into(np.ones(3)), "The result has shape (2,3); what it is written into has shape (3,)."),
    (
        lambda: ONES @ ONES,
        "A matrix product needs as many columns on its left as rows on its right: here they are 3 and 2.",
    ),
    (lambda: ONES @ np.float64(2), "A matrix product takes arrays with axes: one of these has too few."),
    (lambda: ONES.reshape(4, 2), "6 values do not fill the shape (4,2): the product of the sizes must stay the same."),
    (lambda: ONES.transpose(0), "A transpose names each axis once: these are more or fewer than there are."),
    (lambda: three([1, 2, 3, 4]), "More values came than the 3 names on the left."),
    (lambda: three([1, 2]), "There are 3 names on the left, and only 2 came."),
    (
        lambda: bool(ONES),
        "An array is not true or false as a whole: `if` wants one bool, which `.any()` or `.all()` makes of it.",
    ),
    (lambda: ONES[:0].max(), "An empty array has no maximum: that case needs an answer of its own."),
    (frozen, "An array that was handed in is written into: make a new one, and leave that as it is."),
    (lambda: 1 // 0, "The divisor is 0 for this input: that case needs an answer of its own."),
    (endless, "It calls itself again and again, and nothing ends that."),
    (lambda: {}["lr"], "The dict has no key 'lr'."),
    (
        lambda: range(3 / 2),
        "A value of type float stands where a whole number is needed. `//` divides without a remainder; `/` gives a float.",
    ),
    (lambda: range({}), "A value of type dict stands where a whole number is needed."),
    (lambda: NOTHING + 1, "What `+` is given is None: nothing set or returned it."),
    (lambda: [] - 1, "Python has no `-` between the types list and int."),
    (lambda: NOTHING[0], "What should be a value is None: nothing set or returned it."),
    (lambda: NOTHING.shape, "What should have `.shape` is None: nothing set or returned it."),
    (lambda: list(3), "What is gone through is one value, of type int."),
    (lambda: len("a")[0], "What is indexed is one value, of type int, which has no items."),
    (lambda: ONES(), "What is called like a function is a value of type numpy.ndarray."),
    (lambda: two(1), "`two` is called without 'b'."),
    (lambda: ONES.size.total, "What should have `.total` is of type int, which has no such name."),
    (lambda: math.squared, "`math` has no `squared`: is it misspelt, or does it stand in another module?"),
    (lambda: ONES.transpose(0, 0), "A transpose names each axis once: here one stands twice."),
    (lambda: "é".encode()[:1].decode(), "These bytes end in the middle of a character."),
    (lambda: b"\xff".decode(), "These bytes are no text in UTF-8."),
    (lambda: two(1, 2, 3), "`two` takes 2 arguments by position, and is given 3."),
    (lambda: two(1, c=2), "`two` has no option `c`."),
    (lambda: two(1, a=2), "`two` is given `a` twice, by its place and by its name, or by its name and in `**`."),
    (lambda: isinstance(int, 3), "`isinstance(value, Class)`: first the value, then its class."),
    (lambda: {[]}, "What is of type list can change, so it cannot be in a set or be a key; a tuple can."),
    (narrow, "In place, the dtype of what stands on the left remains: float64 does not fit into int64."),
]


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize(("raises", "told"), ROWS)
def test_what_it_means(raises, told):
    with pytest.raises(Exception) as caught:
        raises()
    assert meaning([kind.__name__ for kind in type(caught.value).__mro__], str(caught.value)) == told


def test_every_row_is_tried():
    assert len(ROWS) >= len(TABLE)


def test_what_a_student_says_is_not_explained():
    assert meaning(["ValueError", "Exception"], "cannot multiply (2, 3) @ (2, 3)") == ""
    assert meaning(["ValueError"], "x" * 10_000_000) == ""


def test_it_is_said_of_all_if_only_the_numbers_differ():
    two_sizes = [meaning(["IndexError"], f"index {n} is out of bounds for axis 1 with size {n}") for n in (2, 30)]
    assert sentence(two_sizes) == two_sizes[0] != two_sizes[1]
    assert sentence([*two_sizes, meaning(["ZeroDivisionError"], "")]) == ""
    two_types = [meaning(["AttributeError"], f"'{kind}' object has no attribute 'size'") for kind in ("int", "str")]
    assert sentence(two_types) == two_types[0] != two_types[1]
    assert sentence([*two_sizes, ""]) == sentence([]) == ""
