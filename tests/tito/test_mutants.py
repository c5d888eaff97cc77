"""The small changes that `make mutants` makes of an answer, and what it says of them."""

from tito.author.build import read_lessons, write_reference
from tito.author.mutants import all_mutants, mutants, try_out
from tito.workspace import Module, Workspace


def made_of(body):
    return {
        (mutant.kind, mutant.change.partition("  =>  ")[2]) for mutant in mutants(Module("01_tensor", None), "f", body)
    }


def test_every_kind_of_change_is_made_once():
    assert made_of("return x.sum(axis=0) + y") == {
        ("return", "x.sum(axis=0) + y"),
        ("operator", "return x.sum(axis=0) - y"),
        ("operator", "return x.mean(axis=0) + y"),
        ("keyword", "return x.sum() + y"),
        ("constant", "return x.sum(axis=1) + y"),
        ("constant", "return x.sum(axis=-1) + y"),
    }
    assert made_of("for i in range(n):\n    out[i:] -= f(a, -b.copy())") >= {
        ("statement", "pass"),
        ("statement", "out[i:] = f(a, -b.copy())"),
        ("operator", "out[i:] += f(a, -b.copy())"),
        ("arguments", "out[i:] -= f(-b.copy(), a)"),
        ("sign", "out[i:] -= f(a, b.copy())"),
        ("copy", "out[i:] -= f(a, -b)"),
        ("slice", "out[:] -= f(a, -b.copy())"),
        ("off by one", "for i in range(n + 1):"),
        ("off by one", "for i in range(n - 1):"),
    }
    assert made_of("if a < b and c:\n    return a, b") >= {
        ("comparison", "if a <= b and c:"),
        ("operator", "if a < b or c:"),
        ("condition", "if True:"),
        ("condition", "if False:"),
        ("order", "return (b, a)"),
    }
    several = [mutant.body for mutant in mutants(Module("01_tensor", None), "f", "return 1 + 1")]
    assert len(several) == len(set(several)) == 6


def test_what_is_let_through_is_told_from_what_is_rejected(course, tmp_path):
    course.write(
        "tests/02_autograd/mistakes/equivalent/add_rule.txt",
        "exchanged: Both are the same.\n    grad, grad  =>  grad, (grad)\n\n"
        "returns_nothing: This is a lie, told to leave one out.\n    return grad, grad  =>  (grad, grad)\n",
    )
    course.edit("tests/01_tensor/test_ramp.py", ("ramp(3), [0, 1, 2]", "ramp(1), [0]"))
    lessons = read_lessons(Workspace(course.root))
    made = [mutant for mutant in all_mutants(lessons) if mutant.exercise in ("ramp", "add_rule", "multiply_rule")]
    tried = {(m.exercise, m.change): m for m in try_out(made, lessons, write_reference(lessons, tmp_path), workers=1)}
    assert not [change for name, change in tried if name == "add_rule"]
    by_ramp = [mutant for (name, _), mutant in tried.items() if name == "ramp"]
    assert {mutant.kind: mutant.passed for mutant in by_ramp if mutant.kind == "return"} == {"return": False}
    swapped = tried["multiply_rule", "return (grad * b, grad * a)  =>  return (grad * a, grad * b)"]
    assert swapped.sentence == "Each input gets the other one, not itself." and swapped.right
