"""A mistake is recognised where the same happened in every case, explained by what its results have in common, or neither."""

import time

import numpy as np
import pytest

from tito.checker import relations
from tito.checker.mistakes import explain, explain_most, happened, normalised, placed, recognise, same, shortened
from tito.checker.raised import meaning
from tito.checker.report import Outcome, Verdict, details
from tito.checker.static import reading, returning
from tito.export import Source
from tito.notebook import Cell

CELL = Cell(7, "code", "def mean(x):\n    return x", mark="mean", solution=True, exercise="mean")
SOURCE = Source("tinytorch/tensor.py", "", [(CELL, 1), (CELL, 2), (Cell(8, "code", "given"), 1)])


def returned(value, expected, behaviour="it is the mean"):
    """The outcome of a case in which a value came back that was not the expected one."""
    but = "its values are not the expected ones"
    related = relations.between(value, expected)
    return Outcome(behaviour, False, happened={"returned": happened(value), "but": but}, related=related)


def raised(kind, message, *frames):
    happening = {"raised": kind, "saying": normalised(message)}
    return Outcome("it is the mean", False, happened=happening, frames=[*frames], meaning=meaning([kind], message))


def said(*runs, source=CELL.source, known=(), returning=("mean",), reading=()):
    """The sentence after these outcomes under each seed."""
    facts = {"mistakes": {"mean": [*known]}, "returning": {"mean": [*returning]}, "reading": {"mean": [*reading]}}
    cell = Cell(7, "code", source, exercise="mean")
    place = Source("tinytorch/tensor.py", "", [(cell, n + 1) for n in range(len(source.splitlines()))])
    return explain("mean", [*runs], cases(*runs), cell, place, facts)


def cases(*runs):
    return placed([*runs], SOURCE)


PASSED = Outcome("it is the mean", True, happened="+")
FIRST, SECOND = returned(np.array([1.0, 2.5]), [2.0, 9.0]), returned(np.array([4.0, 7.5]), [5.0, 1.0])
KNOWN = [{"sentence": "Divide.", "cases": shortened(cases([PASSED, FIRST], [PASSED, SECOND]))}]


# known mistakes


def test_what_differs_by_rounding_is_the_same_mistake():
    near = returned(np.array([1.0, 2.5]) * (1 + 1e-5), [2.0, 9.0])
    assert said([PASSED, near], [PASSED, SECOND], known=KNOWN) == "Divide."


@pytest.mark.parametrize(
    "other",
    [
        returned(np.array([1.0, 2.51]), [2.0, 9.0]),
        returned(np.array([1.0, 2.5], np.float32), [2.0, 9.0]),
        returned(np.array([[1.0, 2.5]]), [2.0, 9.0]),
        returned([1.0, 2.5], [2.0, 9.0]),
        PASSED,
    ],
)
def test_what_differs_by_more_is_another(other):
    assert said([PASSED, other], [PASSED, SECOND], known=KNOWN) == ""


def test_one_case_that_is_other_under_the_second_seed_is_enough():
    assert said([PASSED, FIRST], [PASSED, FIRST], known=KNOWN) == ""
    assert said([PASSED, FIRST], [SECOND, SECOND], known=KNOWN) == ""


def test_two_mistakes_that_look_the_same_are_not_told_apart():
    other = {"sentence": "Multiply.", "cases": KNOWN[0]["cases"]}
    assert said([PASSED, FIRST], [PASSED, SECOND], known=[*KNOWN, other]) == ""
    assert said([PASSED, FIRST], [PASSED, SECOND], known=[*KNOWN, *KNOWN]) == "Divide."


def test_an_exception_is_known_by_its_message_its_function_and_the_exercise_it_came_from():
    line, given = ("tinytorch/tensor.py", 2, "mean"), ("tinytorch/tensor.py", 3, "helper")
    runs = [[raised("TypeError", "no number", line)]] * 2
    known = [{"sentence": "Convert.", "cases": shortened(cases(*runs))}]
    moved = ("tinytorch/tensor.py", 1, "my_own_name")
    assert said(*[[raised("TypeError", "no number", moved)]] * 2, known=known) == "Convert."
    assert said(*[[raised("TypeError", "no list", line)]] * 2, known=known) == ""
    assert said(*[[raised("ValueError", "no number", line)]] * 2, known=known) == ""
    assert said(*[[raised("TypeError", "no number", line, given)]] * 2, known=known) == ""


@pytest.mark.parametrize(
    "one, other",
    [
        ("name 'rows' is not defined", "name 'cols' is not defined. Did you mean: 'col'?"),
        (
            "local variable 'n' referenced before assignment",
            "cannot access local variable 'm' where it is not associated with a value",
        ),
        ("too many values to unpack (expected 2)", "too many values to unpack (expected 2, got 3)"),
        (
            "ValueError: too many values to unpack (expected 2)",
            "ValueError: too many values to unpack (expected 2, got 3)",
        ),
        ("max() arg is an empty sequence", "max() iterable argument is empty"),
        ("float division by zero", "division by zero"),
        ("integer division or modulo by zero", "integer modulo by zero"),
        ("'Node' object has no attribute 'hooks'", "'tinytorch.autograd.Node' object has no attribute 'hooks'"),
        ("unhashable type: 'list'", "cannot use 'list' as a dict key (unhashable type: 'list')"),
        ("mine() takes 1 positional argument", "mean.<locals>.other() takes 1 positional argument"),
        ("takes from 2 to 3 arguments but 1 were given", "takes from 2 to 3 arguments but 1 was given"),
        ("the norm is 0.33333334", "the norm is 0.33333331"),
    ],
)
def test_names_versions_and_rounding_make_no_difference_to_a_message(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, "text", [1, 2.5], {"a": [1.0]}, np.arange(40.0), np.array(["a"]), np.array([np.nan, np.inf])],
)
def test_what_happened_is_the_same_as_itself_after_json(value):
    import json

    assert same(happened(value), json.loads(json.dumps(happened(value))))


def test_a_long_text_costs_no_time():
    began = time.process_time()
    assert len(normalised("x" * 4_000_000)) < 1000
    assert time.process_time() - began < 1


def test_a_large_array_is_another_if_one_of_its_values_is():
    array, other = np.arange(1000.0), np.arange(1000.0)
    other[501] = -1
    assert not same(happened(array), happened(other))


# a forgotten return


def test_a_function_without_a_return_is_told_whatever_came_of_it():
    source = "def mean(x):\n    x.sort()"
    nothing = returned(None, [2.0, 9.0])
    assert said([nothing], [nothing], source=source, known=KNOWN) == "It returned None: is a `return` missing?"
    assert said([FIRST], [SECOND], source=source) == "It has no `return` with a value."
    assert said([PASSED, FIRST], [PASSED, SECOND], source=source, known=KNOWN).startswith("It has no `return`")
    endless = Outcome("it is the mean", False, happened={"no answer": "5 s"})
    assert said([endless], [endless], source=source) == ""
    inner = "def mean(x):\n    def by_a():\n        x\n    return by_a"
    assert said([FIRST], [SECOND], source=inner, returning=["mean", "by_a"]) == "`by_a` has no `return` with a value."


def test_a_branch_without_a_return_is_told_if_nothing_came_back():
    source = "def mean(x):\n    if x:\n        return x\n    x.sort()"
    nothing = returned(None, [2.0, 9.0])
    assert said([PASSED, nothing], [nothing], source=source) == "It returned None: is a `return` missing?"
    assert said([FIRST, nothing], [nothing], source=source) == ""
    assert said([nothing], [nothing]) == ""  # its `return` is there: it gave None away


def test_what_has_nothing_to_return_is_not_told_to():
    assert said([FIRST], [SECOND], source="def mean(x):\n    x.sort()", returning=[]) == ""
    assert said([FIRST], [SECOND], source="def mean(x):\n    raise ValueError(x)") == ""
    assert returning("def f():\n    def g():\n        return 1\n    g()") == ["g"]
    assert returning("def f():\n    yield 1") == ["f"]


# relations

X, Y = np.array([[1.5, -2.0, 3.5], [4.0, 0.25, -6.0]]), np.array([[2.0, 7.0, -1.5], [9.0, 3.0, 5.5]])


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda e: -e, "It is the negative of what is expected."),
        (lambda e: e.T, "It is the transpose of what is expected."),
        (lambda e: e * 6, "It is 6 times what is expected."),
        (lambda e: e / 2, "What is expected is 2 times as much."),
        (lambda e: e**2, "It is the square of what is expected."),
        (lambda e: 1 / e, "It is 1 divided by what is expected."),
        (lambda e: e + 1, "Everything differs by 1 from what is expected."),
        (lambda e: e.astype(np.float32), "The values are right, but not their dtype."),
        (lambda e: e[None], "The values are right, but there is an axis of size 1 too many."),
        (lambda e: e[::-1], "The values are right, but in reverse order."),
        (lambda e: e.reshape(3, 2), "The values are right, but in another shape."),
        (lambda e: e[:, [2, 0, 1]], "The values are right, but in another order."),
        (lambda e: e[:1], "The last is missing; the others are right."),
        (lambda e: np.vstack([e, e[:1]]), "There is one too many at the end; the others are right."),
        (np.zeros_like, "Everything that came back is 0."),
        (lambda e: e[:0], "What came back is empty."),
        (
            lambda e: e * np.inf,
            "All that came back is infinity or nan: something was divided by 0, or grew beyond its dtype.",
        ),
        (lambda e: e * 1.5, "It is 1.5 times what is expected."),
        (lambda e: e * -0.4, "It is -0.4 times what is expected."),
        (lambda e: 1 - e, "It is 1 minus what is expected."),
        (np.exp, "It is exp of what is expected."),
        (lambda e: e * [[1.5, 1.5, 2]], ""),
        (lambda e: e + np.arange(3), ""),
    ],
)
def test_a_relation_is_said_if_it_holds_in_every_case(change, sentence):
    x, y = returned(change(X), X), returned(change(Y), Y)
    assert said([PASSED, x], [PASSED, y]) == sentence
    assert said([x, FIRST], [y]) == "" == said([x], [y, raised("TypeError", "no number")])


LONG = np.array([7.5, 2.0, -3.5, 9.0, 4.25])


@pytest.mark.parametrize(
    "change, sentence",
    [
        (np.trunc, "It is what is expected without the part after the point: did it become whole numbers on the way?"),
        (lambda e: np.round(e / 7, 1) * 7, ""),
        (np.cumsum, "Each is the sum of those expected up to there: is something not set back to 0?"),
        (lambda e: np.roll(e, 1), "The values are right, but stand one place too late."),
        (lambda e: np.roll(e, -1), "The values are right, but stand one place too early."),
        (lambda e: np.append(e[:1], e[1:] + 50 / e[1:]), "Only the first is right."),
        (lambda e: np.append(e[:-1] + 50 / e[:-1], e[-1]), "Only the last is right."),
        (
            lambda e: np.full_like(e, 3),
            "All that came back along the first axis is alike, and what is expected is not.",
        ),
        (lambda e: np.append(e[:2], e[2:] + 50 / e[2:]), ""),
    ],
)
def test_a_relation_of_a_row_is_said(change, sentence):
    x, y = (returned(change(due), due) for due in (LONG, LONG[::-1] * 1.5))
    assert said([PASSED, x], [PASSED, y]) == sentence
    assert said([x, FIRST], [y]) == ""


def test_zeros_and_ones_for_bools_are_of_another_dtype():
    masks = [np.tri(n, dtype=bool) for n in (3, 4)]
    told = "The values are right, but not their dtype."
    assert said(*[[returned(mask.astype(float), mask)] for mask in masks]) == told
    assert said(*[[returned(2.0 * mask, mask)] for mask in masks]) == ""


@pytest.mark.parametrize(
    "got, due, sentence",
    [
        ([True, True], [False, False], "Where it is wrong, it is True and should be False"),
        ([[False, True], False], [[True, True], True], "Where it is wrong, it is False and should be True"),
        ([True, False], [False, True], ""),
        ([[True, False], True], [[False, True], False], ""),
    ],
)
def test_a_condition_that_holds_too_often_is_told(got, due, sentence):
    cases = [returned(one, other) for one, other in zip(got, due)]
    told = said([*cases, cases[0]], [cases[1]] * 3)
    assert told.startswith(sentence) and bool(told) is bool(sentence)
    assert said([cases[1]], [cases[1]]) == ""


def test_what_comes_twice_instead_of_another_is_told():
    cases = [returned([7, 3, 9, 3], [7, 3, 9, 5]), returned(["a", "a", "c", "c"], ["a", "b", "c", "d"])]
    told = "Some of what is expected comes more than once, and some of it not at all."
    assert said([cases[0]], [cases[1]]) == told
    assert said([cases[0]], [returned([7, 3, 9, 4], [7, 3, 9, 5])]) == "All is right but the last."
    assert said([cases[0]], [returned(["a", "x", "c", "c"], ["a", "b", "c", "d"])]) == ""


def test_what_is_rounded_is_told():
    due, other = LONG / 7, LONG[::-1] / 3
    told = "It is what is expected, rounded (digits after the point: 2)."
    assert said(*[[returned(np.round(one, 2), one)] for one in (due, other)]) == told
    assert said([returned(np.round(due, 2), due)], [returned(np.round(other, 1), other)]).endswith(", rounded.")
    assert said([returned(np.round(due, 2), due)], [returned(np.round(other, 2) + 0.01, other)]) == ""


def test_numbers_among_texts_are_compared_where_all_else_is_right():
    due, other = [("a", 0.25), {"b": 0.75}], [("c", 0.125), {"d": 2.5}]

    def turned(value):
        return [(value[0][0], 1 - value[0][1]), {key: 1 - number for key, number in value[1].items()}]

    told = "It is 1 minus what is expected."
    assert said([returned(turned(due), due)], [returned(turned(other), other)]) == told
    assert said([returned([("x", 0.75), {"b": 0.25}], due)], [returned(turned(other), other)]) == ""


def test_what_is_exactly_something_else_goes_before_n_times_with_any_n():
    assert said(*[[returned(1 / n, n) for n in (2.0, 3.0, 7.0)]] * 2) == "It is 1 divided by what is expected."


def test_what_holds_in_all_cases_but_errors_is_told_as_such():
    twice, error = [returned(array * 2, array) for array in (X, Y, X + Y)], raised("TypeError", "no number")
    told = "It is 2 times what is expected. That is so in all cases that fail but those that are about an error."
    assert explain_most([[PASSED, *twice, error]] * 2) == told
    assert explain_most([[*twice[:2], error]] * 2) == "", "too few to tell"
    assert explain_most([[*twice, returned(X - 1 / X, X), error]] * 2) == "", "one returns something else"
    assert explain_most([[*twice, *[error] * 4]] * 2) == "", "most are errors"


def test_a_diagonal_is_told():
    square, other = np.arange(16.0).reshape(4, 4) + 2, np.arange(25.0).reshape(5, 5) * 3 + 2
    x, y = (returned(due + 40 * np.eye(len(due)), due) for due in (square, other))
    assert said([x], [y]) == "All is right but the diagonal."
    nearly = square + 40 * np.eye(4)
    nearly[0, 0] -= 40
    assert said([returned(nearly, square)], [y]) == ""


def test_what_may_be_seen_is_told_from_its_transpose():
    mask, larger = np.tri(4, dtype=bool), np.tri(6, k=-1, dtype=bool)
    assert said([returned(mask.T, mask)], [returned(larger.T, larger)]) == "It is the transpose of what is expected."
    few = np.tri(2, dtype=bool)
    assert said([returned(few.T, few)], [returned(larger.T, larger)]) == ""


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda e: e[:-1], "The last is missing; the others are right."),
        (lambda e: e[::-1], "The values are right, but in reverse order."),
        (lambda e: [e[1], e[0], *e[2:]], "The values are right, but in another order."),
        (lambda e: [*e[:-1], e[-1] * 2], "All is right but the last."),
        (lambda e: [[float(n) for n in item] if item[0] == 1 else item for item in e[1:]], "The first is missing"),
        (lambda e: e[:2], ""),
        (lambda e: None, ""),
    ],
)
def test_a_relation_of_lists_of_anything_is_said(change, sentence):
    words, ragged = ["the", " cat", " sat", "!"], [[1], [2, 3], [4], [5, 6, 7], [8]]
    told = said([PASSED, returned(change(words), words)], [returned(change(ragged), ragged)])
    assert told.startswith(sentence) and bool(told) is bool(sentence)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda text: text.partition("/")[2], "Of each text that is wrong, the beginning is missing"),
        (lambda text: text.partition("/")[0], "Of each text that is wrong, the end is missing"),
        (lambda text: f"./{text}", "In front of each text that is wrong stands something that is too much"),
        (lambda text: f"{text}/", "Behind each text that is wrong stands something that is too much"),
        (str.upper, "Only capital and small letters differ."),
        (lambda text: text.replace(" ", "  "), "Only spaces and line ends differ."),
        (lambda text: text.replace("/", "."), ""),
    ],
)
def test_a_relation_of_texts_in_lists_and_dicts_is_said(change, sentence):
    def tree(text, number=3):
        return {"array": [text("a b/c"), (number, text("d e/f"))], "kind": "list", "size": np.ones(2)}

    told = said(*[[returned(tree(change), tree(str))]] * 2)
    assert told.startswith(sentence) and bool(told) is bool(sentence)
    assert said(*[[returned(tree(change, 4), tree(str))]] * 2) == "", "a number differs, too"


def test_a_relation_of_the_values_in_a_dict_is_said():
    due, other = {"a": 2.0, "b": 3.5, "c": 7.0}, {"a": 4.0, "b": 9.5, "c": 5.0}
    x, y = (returned({key: 4 * value for key, value in dict.items()}, dict) for dict in (due, other))
    assert said([x], [y]) == "It is 4 times what is expected."
    assert said([returned({"a": 8.0, "b": 14.0, "d": 28.0}, due)], [y]) == ""


def beside(got, due, *given):
    """The outcome of a case in which this was handed in."""
    outcome = returned(got, due)
    outcome.related = relations.between(got, due, given)
    return outcome


def test_another_axis_is_told():
    x, y = X @ X.T, np.outer(Y[0], Y[1] + 4)
    told = "It is what is expected, but along another axis."
    for f in (np.sum, np.mean, np.max):
        one, other = (beside(f(array, axis=0), f(array, axis=1), array) for array in (X, Y))
        assert said([PASSED, one], [PASSED, other]) == told
    assert said([beside(x.sum(axis=0), x.mean(axis=1), x)], [beside(y.sum(axis=0), y.mean(axis=1), y)]) == ""
    assert said([beside(X.sum(axis=0), X.sum(axis=1))], [beside(Y.sum(axis=0), Y.sum(axis=1))]) == ""


@pytest.mark.parametrize(
    "wrong_at, sentence",
    [
        (lambda given: given == 3, "Only values are wrong that were handed in more than once"),
        (lambda given: given == 0, "All is right but where a 0 was handed in."),
        (lambda given: given < 0, "All is right but where a negative number was handed in."),
        (lambda given: given > 3, ""),
    ],
)
def test_the_places_are_named_by_what_was_handed_in(wrong_at, sentence):
    cases = []
    for given in ([3.0, -1.5, 0.0, 3.0, 7.5, -4.0], [6.0, 3.0, 0.0, 3.0, -2.0, 8.5]):
        given = np.array(given)
        due = given * 2 + 5
        cases.append(beside(np.where(wrong_at(given), due + 11 / due, due), due, given))
    told = said([PASSED, cases[0]], [PASSED, cases[1]])
    assert told.startswith(sentence) and bool(told) is bool(sentence)
    assert said([cases[0], FIRST], [cases[1]]) == ""


def test_a_case_of_such_places_alone_is_no_evidence_and_refutes_nothing():
    def case(*numbers):
        given = np.array(numbers)
        return beside(np.where(given < 0, 40 + given**2, given * 2 + 5), given * 2 + 5, given)

    mixed, negative = case(3.0, -1.5, 7.5, -4.0), case(-6.0)
    assert said([mixed, negative], [negative, mixed]) == "All is right but where a negative number was handed in."
    assert "negative" not in said([negative], [negative])


def test_rows_of_different_lengths_are_no_numbers():
    odd = returned(([1], [2, 3], "four"), ([1], [2, 3], "five"))
    assert said([odd], [odd]) == ""


def test_zeros_and_ones_that_are_exchanged_are_told():
    x, y = returned(1 - np.eye(2), np.eye(2)), returned(1 - np.eye(3), np.eye(3))
    assert said([PASSED, x], [PASSED, y]) == "Where 1 is expected there is 0, and 1 where 0 is expected."
    assert said([x], [returned(np.eye(3), np.eye(3)[::-1])]) == ""


def test_what_an_exception_means_is_said_if_every_case_raised_it():
    past = [raised("IndexError", f"index {n} is out of bounds for axis 0 with size {n}") for n in (3, 5)]
    assert said([PASSED, past[0]], [PASSED, past[1]]) == "Axis 0 has size 3: counted from 0, it has no index 3."
    assert said([past[0], FIRST], [past[1]]) == said([past[0]], [raised("KeyError", "'lr'")]) == ""
    shown = details(Verdict("mean", 1, "failed", failure=past[0]))
    assert "    Axis 0 has size 3: counted from 0, it has no index 3." in shown


def test_a_value_that_is_not_used_is_told():
    source = "def mean(x):\n    'The mean.'\n    if x is None:\n        return 0\n    {}"
    for line, quoted in {"tuple(y for y in x)": "tuple((y for y in x))", "x / 2": "x / 2", "{1: x}": "{1: x}"}.items():
        told = f"The value of `{quoted}` is worked out and not used: is a `return` missing, or a name for it?"
        assert said([FIRST], [SECOND], source=source.replace("{}", line), returning=()) == told
    for line in ("x.sort()", "print(x)", "...", "[x.append(n) for n in range(3)]", "return x / 2"):
        assert said([FIRST], [SECOND], source=source.replace("{}", line), returning=()) == ""


def test_a_parameter_that_is_not_read_though_the_answer_reads_it_is_told():
    assert reading("def mean(x, dim=None, keepdims=False):\n    def by(y):\n        return x\n    return dim") == [
        "x",
        "dim",
    ]
    source = "def mean(x, dim=None):\n    return x.mean()"
    told = "`dim` is never used, and what is expected depends on it."
    assert said([FIRST], [SECOND], source=source, reading=["x", "dim"]) == told
    assert said([FIRST], [SECOND], source=source, reading=["x"]) == ""
    assert said([FIRST], [SECOND], source="def mean(x, dim=None):\n    return by(lambda: dim)", reading=["dim"]) == ""
    assert said([FIRST], [SECOND], source="def mean(x, dim=None):\n    dim += 1\n    return x", reading=["dim"]) == ""


def test_a_name_that_is_given_a_value_in_vain_is_told():
    source = "def mean(x):\n    count = len(x)\n    {}"
    told = "`count` is given a value, and that is never used."
    assert said([FIRST], [SECOND], source=source.replace("{}", "return sum(x)")) == told
    for line in ("return sum(x) / count", "return lambda: count"):
        assert said([FIRST], [SECOND], source=source.replace("{}", line)) == ""
    assert said([FIRST], [SECOND], source="def mean(x):\n    n, k = x.shape\n    _ = n\n    return n") == ""


def test_what_does_not_depend_on_the_seed_is_told():
    x, y = returned(X, Y * 1.3), returned(X, Y * 1.7)
    assert said([PASSED, x], [PASSED, y]) == "It is the same whatever goes in."
    assert said([x], [x]) == said([x, x], [x, y]) == ""


def test_the_number_is_named_that_a_sum_lacks():
    x, y = returned(X * 3, X), returned(Y * 2, Y)
    assert said([x], [y]) == "It is n times what is expected, with n = 3, 2: is a division by a count missing?"
    x, y = returned(X + 1, X), returned(Y + 2, Y)
    assert said([x], [y]) == ""


def test_the_places_are_named_at_which_it_is_wrong():
    expected = np.array([3.0, 5.0, np.inf, 7.0, 0.0])
    for places, sentence in {
        (0,): "All is right but the first.",
        (-1,): "",  # the last is also the only 0
        (2,): "All is right but where infinity is expected.",
        (1,): "",
    }.items():
        got = expected.copy()
        got[list(places)] = 11
        assert said([returned(got, expected)], [returned(got, expected)]) == sentence


def test_few_or_plain_numbers_prove_nothing():
    assert said([returned(4.0, 2.0)], [returned(4.0, 2.0)]) == ""
    assert said([returned(np.array([1.0, -1.0]), [-1.0, 1.0])], [returned(np.array([1.0, -1.0]), [-1.0, 1.0])]) == ""
    assert said([returned(True, False)], [returned(True, False)]) == ""
    one, other = ([returned(n, due) for n, due in pairs] for pairs in ([(3, 2), (6, 4)], [(7.5, 5), (21, 7)]))
    assert said(one, [other[0]]) == "It is 1.5 times what is expected."
    assert said(one, other[1:]) == "" == said(one, [returned(9, 7)])
    nothing = np.zeros(5)
    assert said([returned(LONG, nothing)], [returned(-2 * LONG, nothing)]) == ""
    assert said([returned("text", [1.0, 2.0])], [returned(None, [1.0, 2.0])]) == ""


def test_a_known_mistake_comes_before_a_relation():
    x, y = returned(-X, X), returned(-Y, Y)
    known = [{"sentence": "Known.", "cases": shortened(cases([x], [y]))}]
    assert said([x], [y], known=known) == "Known."
    assert recognise(cases([x], [y]), known) == "Known."


def test_what_comes_back_as_it_went_in_is_told():
    x, y = (returned(array, array + 1 / (array + 20)) for array in (X, Y))
    for outcome, array in ((x, X), (y, Y)):
        outcome.related = relations.between(array, array + 1 / (array + 20), [3, None, array])
    assert said([PASSED, x], [PASSED, y]) == "What comes back is what went in, as it was."
    assert "unchanged" not in relations.between(X, X + 1 / (X + 20), [], [X]).by  # it went in somewhere else
    assert relations.between(X, X, [X]).by == {} == relations.between(X, Y.copy(), [Y]).by


def outcome_of(**happened):
    return Outcome("it is refused", False, happened=happened)


def test_an_error_that_does_not_come_is_told():
    none = outcome_of(returned=3, but="no error was raised")
    told = "Only an error is missing that should come: there is no `raise` in it."
    assert said([PASSED, none], [none]) == told
    source = "def mean(x):\n    if x is None:\n        raise ValueError(x)\n    return x"
    assert said([none], [none], source=source).endswith("no line that raises it is reached.")
    assert said([none, FIRST], [none]) == ""


def test_an_error_with_another_message_is_told():
    other = outcome_of(said="ValueError: no", but="its message does not say 'ragged'")
    assert said([PASSED, other], [other]).startswith("The right error comes at the right time")
    assert said([other], [FIRST]) == ""


def test_an_error_where_an_answer_is_due_is_told_with_its_line():
    source = "def mean(x):\n    if True:\n        raise ValueError('too few')\n    return 3"
    refused = raised("ValueError", "too few", ("tinytorch/tensor.py", 3, "mean"))
    told = "The `raise` in line 3 refuses what should get an answer: look at its condition."
    assert said([PASSED, refused], [refused], source=source) == told
    elsewhere = raised("ValueError", "too few", ("tinytorch/tensor.py", 4, "mean"))
    other = raised("ValueError", "too few", ("tinytorch/tensor.py", 3, "mean"))
    other.instead_of = "TypeError"
    told = "An error comes where one is due, but it is of another type: TypeError is expected."
    assert said([other], [other], source=source) == told
    assert said([refused, other], [other], source=source) == ""
    assert said([refused], [elsewhere], source=source) == said([refused, FIRST], [refused], source=source) == ""


# where it happened
