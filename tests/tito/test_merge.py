"""Merging a student's notebook with a newer one of the course: whatever either has edited, nothing of theirs is lost."""

import copy
import random

import pytest

from tito.merge import KEPT, merge

BLANK = "#| export\ndef {0}():\n    raise NotImplementedError('{0}')"


def text(name, source):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def code(name, source, **marks):
    locked = {
        "nbgrader": {"grade_id": name, "grade": False, "solution": False, "locked": True} | marks,
        "editable": False,
    }
    cell = {"cell_type": "code", "id": name, "source": source, "outputs": [], "execution_count": None}
    return cell | {"metadata": locked if marks or source.startswith("#| export") else {}}


def exercise(name, blank=None):
    answer = code(name, blank or BLANK.format(name), solution=True, locked=False)
    return [answer, code(f"{name}-check", f'check("{name}")', grade=True, points=2)]


def own(source, name="abc", kind="code"):
    cell = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    return cell | (
        {"outputs": [{"output_type": "stream", "name": "stdout", "text": source}], "execution_count": 3}
        if kind == "code"
        else {}
    )


def book(*cells):
    cells = [cell for group in cells for cell in (group if isinstance(group, list) else [group])]
    return {
        "cells": copy.deepcopy(cells),
        "metadata": {"kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def answered(notebook, **answers):
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
            if cell["cell_type"] == "code":
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": f"of {cell['id']}"}]
    return notebook


def sources(notebook):
    return [cell["source"] for cell in notebook["cells"]]


BASE = book(
    text("t1", "# One"),
    code("given-A", "#| export\nclass A: pass"),
    exercise("mean"),
    text("t2", "More"),
    exercise("var"),
    code("demo", "print(mean())"),
)


def test_a_given_text_that_was_left_is_mended_and_all_else_stays():
    mine = answered(BASE, mean="#| export\ndef mean(): return 1", demo="print(mean())")
    mine["cells"].insert(1, own("x = 1"))
    new = book(text("t1b", "# One, mended"), *BASE["cells"][1:])
    merged = merge(mine, BASE, new)
    assert sources(merged.notebook) == ["# One, mended", "x = 1", *sources(mine)[2:]]
    assert merged.notebook["cells"][1:] == mine["cells"][1:] and not merged.notes


def test_outputs_go_with_the_text_that_made_them():
    mine = answered(BASE, demo="print(mean())")
    new = answered(BASE, demo="print(mean(), var())")
    new["cells"][-1]["outputs"] = []
    assert merge(mine, BASE, new).notebook["cells"][-1]["outputs"] == []
    assert merge(mine, BASE, BASE).notebook is mine


def test_what_both_have_changed_is_kept_behind_the_new_text_and_not_exported():
    mine = answered(BASE, **{"given-A": "#| export\nclass A: x = 1"})
    new = answered(BASE, **{"given-A": "#| export\nclass A: y = 2"})
    merged = merge(mine, BASE, new)
    there, kept = merged.notebook["cells"][1:3]
    assert there["source"] == "#| export\nclass A: y = 2" and there["metadata"]["nbgrader"]
    assert kept["source"] == f"{KEPT}\nclass A: x = 1" and kept["metadata"] == {} and kept["id"] != there["id"]
    assert "given-A" in merged.notes[0]


def test_what_only_the_student_has_changed_stays():
    mine = answered(BASE, t2="More, with my notes", **{"given-A": "#| export\nclass A: x = 1"})
    new = answered(BASE, t1="# 1")
    assert sources(merge(mine, BASE, new).notebook) == ["# 1", *sources(mine)[1:]]


def test_an_answer_whose_exercise_is_gone_stays_and_is_not_exported():
    mine = answered(BASE, mean="#| export\ndef mean(): return 1")
    new = book(*BASE["cells"][:2], *BASE["cells"][4:])
    merged = merge(mine, BASE, new)
    assert sources(merged.notebook)[2] == f"{KEPT}\ndef mean(): return 1"
    assert 'check("mean")' not in sources(merged.notebook)
    assert "mean is gone" in merged.notes[0]
    assert sources(merge(BASE, BASE, new).notebook) == sources(new)  # a blank is no answer


def test_an_exercise_in_the_place_of_another_does_not_get_its_answer():
    mine = answered(BASE, mean="#| export\ndef mean(): return 1")
    new = book(*BASE["cells"][:2], exercise("median"), *BASE["cells"][4:])
    found = sources(merge(mine, BASE, new).notebook)
    assert BLANK.format("median") in found and f"{KEPT}\ndef mean(): return 1" in found


def test_an_answer_stays_where_its_blank_has_changed_and_a_blank_gets_the_new_one():
    new = answered(BASE, mean=BLANK.format("mean") + "  # in float32", var=BLANK.format("var") + "  # too")
    merged = merge(answered(BASE, mean="#| export\ndef mean(): return 1"), BASE, new)
    found = {cell["id"]: cell["source"] for cell in merged.notebook["cells"]}
    assert found["mean"] == "#| export\ndef mean(): return 1" and found["var"].endswith("# too")
    assert "mean is asked for in other words" in merged.notes[0]


def test_marks_and_ids_that_an_editor_has_lost_are_found_by_the_text():
    mine = answered(BASE, mean="#| export\ndef mean(): return 1")
    for cell in mine["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    mine["nbformat_minor"] = 4
    new = answered(BASE, t1="# 1", **{"given-A": "#| export\nclass A: y = 2"})
    merged = merge(mine, BASE, new).notebook
    assert sources(merged)[:3] == ["# 1", "#| export\nclass A: y = 2", "#| export\ndef mean(): return 1"]
    assert len({cell["id"] for cell in merged["cells"]}) == len(merged["cells"])


def test_without_a_base_nothing_is_lost():
    mine = answered(BASE, t2="mine", mean="#| export\ndef mean(): return 1")
    merged = merge(mine, None, answered(BASE, t1="# 1"))
    assert {"mine", "# One", "# 1", "#| export\ndef mean(): return 1"} <= set(sources(merged.notebook))


def of_the_course(pick, cells):
    """Edit a notebook as an author does: reword, add, take out and move cells."""
    cells = copy.deepcopy(cells)
    for n in range(pick.randrange(8)):
        what, at = (
            pick.choice(["reword", "reword", "add", "exercise", "drop", "blank", "move"]),
            pick.randrange(len(cells)),
        )
        if what == "reword":
            cell = cells[at]
            if not cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["source"] += f"\n# author {n} {pick.random()}"
                if not cell["metadata"]:
                    cell["id"] = f"new-{n}-{at}-{pick.random()}"
        elif what == "add":
            cells.insert(at, text(f"added-{n}-{pick.random()}", f"added {pick.random()}"))
        elif what == "exercise":
            cells[at:at] = exercise(f"ex{n}{pick.randrange(10**6)}")
        elif what == "drop" and len(cells) > 3:
            mark = cells[at]["id"].removesuffix("-check")
            cells = [cell for cell in cells if cell["id"] not in (mark, f"{mark}-check")]
        elif what == "move":
            cells.insert(pick.randrange(len(cells)), cells.pop(at))
    return book(*cells)


def of_the_student(pick, base):
    """Edit a notebook as a student does; the edited notebook, and each piece of text that is theirs, with its outputs."""
    notebook = copy.deepcopy(base)
    cells, theirs = notebook["cells"], {}
    for n in range(pick.randrange(10)):
        at, word = pick.randrange(len(cells)), f"student{n}x{pick.randrange(10**9)}"
        what = pick.choice(["answer", "answer", "own", "own text", "edit", "run", "delete", "strip", "copy"])
        solutions = [c for c in cells if c["metadata"].get("nbgrader", {}).get("solution")]
        if what == "answer" and solutions:
            cell = pick.choice(solutions)
            cell |= {"source": f"#| export\n{word} = 1", "outputs": [{"text": word}]}
        elif what == "own":
            cells.insert(at, own(word, name=word))
        elif what == "own text":
            cells.insert(at, own(word, name=word, kind="markdown"))
        elif what == "edit":
            cells[at]["source"] += f"\n# {word}"
        elif what == "run" and cells[at]["cell_type"] == "code":
            cells[at]["outputs"] = [{"text": word}]
        elif what == "delete" and len(cells) > 3:
            del cells[at]
        elif what == "strip":
            cells[at]["metadata"] = {}
        elif what == "copy":
            cells.insert(at, copy.deepcopy(cells[at]) | {"id": word})
    handed_out = set(sources(base))
    own_id = [cell for cell in cells if cell["id"].startswith("student") and not cell["metadata"]]
    theirs = [cell for cell in cells if cell["source"] not in handed_out or cell in own_id]
    return notebook, theirs


def bare(source):
    return "\n".join(line for line in source.split("\n") if line not in ("#| export", KEPT))


@pytest.mark.parametrize("first", range(0, 2000, 200))
def test_whatever_both_have_edited_nothing_of_the_student_is_lost(first):
    for seed in range(first, first + 200):
        try_to_lose_something(seed)


def try_to_lose_something(seed):
    pick = random.Random(seed)
    base = of_the_course(pick, BASE["cells"])
    new = of_the_course(pick, base["cells"])
    mine, theirs = of_the_student(pick, base)
    before = copy.deepcopy((mine, base, new))
    merged = merge(mine, base, new).notebook
    assert (mine, base, new) == before
    for cell in theirs:
        found = [other for other in merged["cells"] if bare(other["source"]) == bare(cell["source"])]
        assert found, cell
        if cell["cell_type"] == "code" and "nbgrader" not in cell["metadata"]:  # their own, with what it printed
            assert cell["outputs"] in [other.get("outputs") for other in found]
    ids = [cell["id"] for cell in merged["cells"]]
    assert len(set(ids)) == len(ids)
    assert merge(merged, new, new).notebook is merged  # twice is the same as once,
    assert sources(merge(merged, base, new).notebook) == sources(merged)  # and so is going on after a stop
    edited = {bare(cell["source"]) for cell in theirs}
    left = [cell for cell in merged["cells"] if bare(cell["source"]) not in edited]
    assert {cell["source"] for cell in left} <= {cell["source"] for cell in new["cells"]}  # nothing old is left
    order = [cell["id"] for cell in new["cells"]]
    assert [name for name in ids if name in order] == [name for name in order if name in ids]


def test_an_update_that_changes_nothing_of_a_notebook_gives_the_new_one():
    for seed in range(200):
        pick = random.Random(seed)
        new = of_the_course(pick, BASE["cells"])
        assert merge(copy.deepcopy(BASE), BASE, new).notebook["cells"] == new["cells"]
