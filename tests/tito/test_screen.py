"""What a failing check says: the call that gave the value, the place that differs, what was printed, where it happened."""

import re
import subprocess
import sys

import pytest

ATTEMPTS = {
    "a view of what came back": (
        "assert np.unique(numbers(3).data).tolist() == [1]",
        "np.unique(numbers(3).data).tolist()",
    ),
    "its length": ("state = numbers(3)\n    assert len(state.tolist()) == 4", "len(numbers(3).tolist())"),
    "a value under a name": (
        "out = np.asarray(numbers(2)) * 2\n    assert_close(out, [1, 1])",
        "np.asarray(numbers(2)) * 2",
    ),
    "one of several": ("a, b = numbers(2).tolist()\n    assert a == 0 and b == 7", "numbers(2).tolist()[1]"),
    "an input under a name": ("n = 2\n    assert_close(numbers(n), [5, 5])", "numbers(2)"),
    "what comes straight back": ("assert_close(numbers(2), [5, 5])", "numbers(2)"),
    "what has no two sides": ("assert not numbers(2).tolist()", "not numbers(2).tolist()"),
    "the later of two under a name": (
        "out = numbers(3).tolist()\n    assert out[0] == 0\n    out = numbers(2).tolist()\n    assert out == [1]",
        "numbers(2).tolist()",
    ),
    "inputs under a star": ("those = [2]\n    assert_close(numbers(*those), [5, 5])", "numbers(2)"),
    "in a helper of the test": ("same(numbers(2), [5, 5])", "numbers(2)"),
}
HEADER = """
import numpy as np

from tinytorch.tensor import numbers
from tito.testing import assert_close, on_student_side, raises


def same(actual, expected):
    assert_close(actual, expected)


@on_student_side
def doubled(n):
    return numbers(n).data * 2


def test_it_counts(rng):
    TEST
"""
GIVEN = """
class Tensor:
    def __init__(self, data):
        self.data = np.asarray(data, np.float64)

    def tolist(self):
        return self.data.tolist()

    def __array__(self, dtype=None, copy=None):
        return self.data


def helper(n):
    return 1 / n
"""
EARLIER = "from tinytorch.before import half", "def half(n):\n    return 1 / n\n"
COUNTS = "def numbers(n):\n    return Tensor(np.arange(n))"


@pytest.fixture
def said(tmp_path):
    """The lines under an exercise whose answer and whose test these are."""
    from tito.checker.check import Request, check
    from tito.checker.report import details
    from tito.notebook import Cell, HandedOut
    from tito.submission import match
    from tito.workspace import Module

    def run(test, answer=COUNTS, given=GIVEN, earlier=None):
        module = Module("02_tensor" if earlier else "01_tensor", tmp_path)
        module.tests.mkdir(parents=True, exist_ok=True)
        (tmp_path / "modules/.original" / module.key).mkdir(parents=True, exist_ok=True)
        if earlier:
            (tmp_path / "modules/.original/01_before").mkdir()
            (tmp_path / "tinytorch").mkdir()
            (tmp_path / "tinytorch/before.py").write_text(earlier)
        (module.tests / "test_numbers.py").write_text(HEADER.replace("TEST", test))
        cells = [
            Cell(1, "code", f"#| export\nimport numpy as np\n{given}", mark="given-Tensor"),
            Cell(
                2,
                "code",
                "#| export\ndef numbers(n):\n    raise NotImplementedError('numbers')",
                mark="numbers",
                solution=True,
            ),
        ]
        answered = [cells[0], Cell(2, "code", f"#| export\n{answer}", mark="numbers", solution=True)]
        (verdict,) = check(Request(module, match(answered, HandedOut(cells), "tensor.ipynb"))).exercises
        return "\n".join(details(verdict))

    return run


@pytest.mark.parametrize("what", ATTEMPTS)
def test_the_call_that_is_shown_is_the_one_whose_value_is_shown(said, what):
    test, call = ATTEMPTS[what]
    text = said(test)
    assert f"    {call}\n" in text, text
    assert (
        "    tests/01_tensor/test_numbers.py, line" not in text
        and "  test: tests/01_tensor/test_numbers.py, line" in text
    )


def test_of_a_long_array_the_first_place_that_differs_is_shown(said):
    text = said("assert_close(numbers(40), np.arange(40) + (np.arange(40) % 7 == 6))")
    assert re.search(
        r"returned +6\.\n +expected +7\n\n +That is at \[6\], the first of 5 of 40 values that differ\.", text
    ), text
    text = said("assert numbers(40).tolist() == [*range(39), 0]")
    assert re.search(
        r"returned +39\.\n +expected +0\n\n +That is at \[39\], the only one of 40 values that differs\.", text
    ), text


def test_of_what_is_in_lists_and_dicts_the_first_that_differs_is_shown(said):
    answer = "def numbers(n):\n    return [{'a': [k] * 9, 'b': str(k % 5)} for k in range(n)]"
    text = said("assert numbers(9) == [{'a': [k] * 9, 'b': np.str_(k)} for k in range(9)]", answer)
    assert re.search(r"returned +'0'\n +expected +'5'\n\n +That is at \[5\]\['b'\], the first that differs\.", text), (
        text
    )


def test_of_a_short_list_the_only_item_that_differs_is_named(said):
    answer = "def numbers(ways, n):\n    return [way == 'b' for way in ways]"
    text = said("assert numbers(['a', 'b', 'c'], 2) == [False, False, False]", answer)
    assert "Item 2 of 3, for `b`, is the only one that differs." in text, text
    text = said("assert [numbers([way], 2)[0] for way in 'abc'] == [False, False, False]", answer)
    assert "is the only one that differs" in text and "for `" not in text.partition("Item")[2].partition("\n")[0], text
    assert "Item" not in said("assert numbers(['a', 'b', 'c'], 2) == [True, False, False]", answer)


def test_a_shape_and_a_line_of_code_are_broken_with_care():
    from tito.checker.report import WIDTH, Outcome, Verdict, details

    code = f"    return {' + '.join(['count'] * 12)}"
    outcome = Outcome("it counts", False, call="f()", returned=f"[{'1 ' * 24}]  shape (1, 24)", helper=code)
    lines = details(Verdict("f", 1, "failed", failure=outcome))
    assert "                 (1, 24)" in lines
    assert [line for line in lines if "count" in line][1].startswith(" " * 14) and max(map(len, lines)) <= WIDTH


def test_what_was_printed_is_shown(said):
    printing = COUNTS.replace("    return", "    print('n is', n)\n    print('more', end='')\n    return")
    assert re.search(r"printed +n is 2\n +more", said("assert_close(numbers(2), [5, 5])", printing))
    assert re.search(r"printed +n is 2\n +more", said("assert_close(numbers(2), [0, 1])", printing))
    ending = COUNTS.replace("    return", "    print('n is', n)\n    import os; os._exit(3)\n    return")
    assert re.search(r"printed +n is 2\n", said("assert_close(numbers(2), [0, 1])", ending))


def test_a_loop_that_prints_shows_what_it_printed(said):
    text = said("numbers(2)", "def numbers(n):\n    print('round and round')\n    while True: pass")
    assert "printed    round and round" in text and "while True: pass" in text


def test_an_error_is_placed_where_it_was_raised_and_where_that_was_called(said):
    text = said("numbers(0)", "def numbers(n):\n    return helper(n)")
    assert "at cell 1, a given cell, line" in text and "        return 1 / n\n" in text
    assert "called from cell 2, exercise numbers, line 3:\n        return helper(n)" in text


def test_an_error_inside_an_earlier_module_names_module_file_line_and_function(said):
    text = said("numbers(0)", "def numbers(n):\n    return half(n)", *EARLIER)
    assert "at module before, tinytorch/before.py, line 2, in half:\n        return 1 / n\n" in text
    assert "called from cell 2, exercise numbers, line 3:\n        return half(n)" in text


def test_an_error_that_never_reaches_the_exercise_is_not_placed_there(said):
    text = said("from tinytorch.before import half; half(0)", COUNTS, *EARLIER)
    assert "module before" in text and "exercise numbers, line" not in text


def test_an_error_of_another_type_is_shown_beside_the_one_expected(said):
    text = said("with raises(IndexError):\n        numbers(0)", "def numbers(n):\n    raise ValueError(n)")
    assert "expected   IndexError\n" in text and "It raised ValueError: 0" in text, text
    assert "of another type: IndexError is\n    expected." in text, text


def test_a_function_of_the_test_is_shown_with_what_it_gave(said):
    text = said("assert doubled(2).tolist() == [0, 3]")
    assert (
        "    doubled is a function of the test:\n      def doubled(n):\n          return numbers(n).data * 2\n" in text
    )


def test_after_a_pass_comes_the_next_step_in_one_line(workspace):
    workspace.fill()
    said = workspace.tito("check", "01", "--exercise", "eye", code=0)
    assert said.splitlines()[-1] == "Next: exercise as_array in modules/01_tensor/tensor.ipynb"
    report = subprocess.run(
        [sys.executable, "-m", "tito", "check", "01", "--exercise", "as_array", "--json"],
        cwd=workspace.root,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    assert '"then": "Next: exercise apply in modules/01_tensor/tensor.ipynb"' in report


@pytest.mark.parametrize("words", [("01", "eye"), ("eye",), ("--exercise", "eye"), ("tensor", "eye")])
def test_an_exercise_may_be_named_alone_or_behind_its_module(workspace, words):
    workspace.fill()
    assert workspace.tito("check", *words, code=0).startswith("eye   ")
