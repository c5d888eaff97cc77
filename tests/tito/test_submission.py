"""A notebook that an editor, a copy or a deletion has damaged still says what its student wrote, and everywhere the same."""

import json
import random
from pathlib import Path

import pytest

from tito.author.lesson import Lesson
from tito.checker.check import Request, check
from tito.course import Course
from tito.export import assemble
from tito.grader.job import Job
from tito.grader.marks import wrote
from tito.grader.worker import grade
from tito.notebook import Cell, HandedOut, fill, handed_out, mark, read_cells
from tito.submission import match
from tito.syntax import definitions
from tito.workspace import Workspace

ROOT = Path(__file__).parents[2]
COURSE = Workspace(ROOT)
MODULE = COURSE.module("01")
ORIGINAL = handed_out(MODULE)
ANSWERS = {cell.exercise: cell.source for cell in Lesson(MODULE).cells() if cell.exercise}
WORDS = dict.fromkeys(ORIGINAL.questions, "A view shares its memory.")
EXPORT = "#| export\n"


def notebook():
    return joined(fill(json.loads((MODULE.original / "tensor.ipynb").read_text(encoding="utf-8")), ANSWERS | WORDS))


def joined(notebook):
    """The notebook with each cell's text in one piece."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def matched(damaged, original=ORIGINAL):
    return match(read_cells(damaged, "tensor.ipynb"), original, "tensor.ipynb")


# What leaves the answers as they are. Each takes the cells and dice.


def strip(cells, dice):
    """What an editor does that does not know nbgrader."""
    for cell in cells:
        cell["metadata"] = {}


def strip_with_ids(cells, dice):
    strip(cells, dice)
    for number, cell in enumerate(cells):
        cell["id"] = f"{number:08x}"


def strip_some(cells, dice):
    for cell in dice.sample(cells, len(cells) // 3):
        cell["metadata"], cell["id"] = {}, f"{dice.getrandbits(32):08x}"


def without_ids(cells, dice):
    strip(cells, dice)
    for cell in cells:
        del cell["id"]


def copy(cells, dice):
    for _ in range(5):
        place = dice.randrange(len(cells))
        cells.insert(dice.randrange(place, len(cells)), json.loads(json.dumps(cells[place])))


def copies_of_blanks(cells, dice):
    """A blank that was pasted below its answer, with its mark."""
    blank = json.loads((MODULE.original / "tensor.ipynb").read_text(encoding="utf-8"))["cells"]
    cells += dice.sample([cell for cell in blank if mark(cell) in ANSWERS], 4)


def without_given(cells, dice):
    for cell in [cell for cell in cells if mark(cell).startswith("given-")]:
        if dice.random() < 0.4:
            cells.remove(cell)


def without_checks(cells, dice):
    cells[:] = [cell for cell in cells if not mark(cell).endswith("-check")]


def given_in_another_format(cells, dice):
    for cell in cells:
        if mark(cell).startswith("given-") and dice.random() < 0.5:
            cell["source"] = cell["source"].replace("    ", "  ").replace('"', "'").replace("'''", '"""')


def trailing_spaces(cells, dice):
    for cell in cells:
        cell["source"] = "\n" + cell["source"].replace("\n", "  \n") + "\n\n"


def windows_lines(cells, dice):
    for cell in cells:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def lists_of_lines(cells, dice):
    for cell in cells:
        cell["source"] = cell["source"].splitlines(keepends=True)


def without_export(cells, dice):
    for cell in cells:
        if mark(cell) in ANSWERS and dice.random() < 0.5:
            cell["source"] = cell["source"].removeprefix(EXPORT)


def in_another_order(cells, dice):
    dice.shuffle(cells)


def tries(cells, dice):
    """Scratch cells that are not exported, with versions of an answer that do not count."""
    for name in dice.sample(list(ANSWERS), 3):
        cells.insert(
            dice.randrange(len(cells)), code(ANSWERS[name].removeprefix(EXPORT).replace("return", "return 0 and"))
        )


def code(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


HARMLESS = [
    *(strip, strip_with_ids, strip_some, without_ids, copy, copies_of_blanks, without_given, without_checks),
    *(given_in_another_format, trailing_spaces, windows_lines, lists_of_lines, without_export, in_another_order, tries),
]


def names(damages):
    return "+".join(damage.__name__ for damage in damages)


def told(source):
    return "\n".join(line.rstrip() for line in source.strip().split("\n")).removeprefix(EXPORT)


@pytest.mark.parametrize("damage", HARMLESS, ids=lambda damage: damage.__name__)
def test_every_answer_is_found_and_given_cells_are_the_courses_own(damage):
    expected = matched(notebook())
    for seed in range(5):
        damaged = notebook()
        damage(damaged["cells"], random.Random(seed))
        found = matched(damaged)
        assert {name: told(cell.source) for name, cell in found.answers.items()} == {
            name: told(source) for name, source in ANSWERS.items()
        }
        assert [cell.mark for cell in found.cells] == [cell.mark for cell in expected.cells]
        given = [cell.source for cell in ORIGINAL.cells if cell.exported and not cell.solution]
        assert [cell.source for cell in found.cells if not cell.solution] == given
        assert not found.missing and not found.own


@pytest.mark.parametrize(
    "damage", [d for d in HARMLESS if d not in (in_another_order,)], ids=lambda damage: damage.__name__
)
def test_what_was_written_in_words_is_found(damage):
    damaged = notebook()
    damage(damaged["cells"], random.Random(1))
    found = wrote(json.dumps(damaged).encode(), ORIGINAL)
    assert {name: found.get(name, "").strip() for name in WORDS} == WORDS


# What changes answers: whatever is left of them, everyone says the same.


def cleared(cells, dice):
    """An answer taken out for a while, with a note in its place."""
    for cell in dice.sample([cell for cell in cells if mark(cell) in ANSWERS], 2):
        cell["source"] = "# later"


def wrong(cells, dice):
    for cell in dice.sample([cell for cell in cells if mark(cell) in ANSWERS], 3):
        cell["source"] = cell["source"].replace("return ", "return 2 * ")


def gone(cells, dice):
    for cell in dice.sample([cell for cell in cells if mark(cell) in ANSWERS], 2):
        cells.remove(cell)


def broken(cells, dice):
    for cell in dice.sample([cell for cell in cells if mark(cell) in ANSWERS], 2):
        cell["source"] = dice.choice(
            ["#| export\ndef eye(", "#| export\n1 / 0", "%%time\n" + cell["source"], "import os\nos._exit(0)"]
        )


def merged(cells, dice):
    """Two cells joined by the editor, which keeps the mark of the first."""
    place = dice.choice([n for n, cell in enumerate(cells) if mark(cell) in ANSWERS])
    cells[place]["source"] += "\n\n\n" + cells.pop(place + 1)["source"]


def own(cells, dice):
    sources = [
        "#| export\ndef mine():\n    return 1",
        "#| export\nhalf = 1 / 0",
        "#| export\n@extend(Tensr)\ndef f(s): pass",
    ]
    for source in sources:
        cells.insert(dice.randrange(len(cells)), code(source))


def given_changed(cells, dice):
    for cell in dice.sample([cell for cell in cells if mark(cell).startswith("given-")], 2):
        cell["source"] = "#| export\n1 / 0"


CHANGING = [cleared, wrong, gone, broken, merged, own, given_changed]


@pytest.mark.parametrize("seed", range(10))
def test_check_and_grade_agree(workspace, seed):
    dice = random.Random(seed)
    damages = dice.sample(CHANGING, 2) + dice.sample(HARMLESS, 2)
    damaged = notebook()
    for damage in damages:
        damage(joined(damaged)["cells"], dice)
    workspace.save(damaged)
    course = Course(Workspace(workspace.root))
    module = course.workspace.module("01")
    checked = check(Request(module, course.submission(module)))
    data = workspace.notebook.read_bytes()
    graded = grade(Job(str(workspace.root), module.key, "ada", data, {}, "key", sandboxed=False))
    assert not graded.problem, names(damages)
    verdicts = [[(v.name, v.status, v.earned, v.behaviours) for v in r.exercises] for r in (checked, graded.found)]
    assert verdicts[0] == verdicts[1], names(damages)
    assert len(checked.left_out) == len(graded.found.left_out), names(damages)


@pytest.mark.parametrize("key", [module.key for module in COURSE.modules])
def test_an_answer_taken_out_leaves_a_blank_of_all_that_it_defines(key):
    module = COURSE.module(key)
    original = handed_out(module)
    defined = {name for cell in original.cells if _counts(cell) for name in definitions(cell.source)}
    for name in original.exercises:
        blank = json.loads((module.original / f"{module.name}.ipynb").read_text(encoding="utf-8"))
        found = matched(fill(blank, {name: "# I shall do this tomorrow."}), original)
        assert found.blank(name) and name not in found.missing
        assert {name for cell in found.cells for name in definitions(cell.source)} == defined


def _counts(cell):
    return cell.exported or (cell.kind == "code" and cell.solution)


def test_a_part_of_an_answer_that_is_gone_comes_back_as_a_blank():
    parts = [f"def {name}():\n    raise NotImplementedError('both')" for name in "fg"]
    blank = Cell(1, "code", EXPORT + "\n\n\n".join(parts), mark="both", solution=True)
    found = match([Cell(1, "code", f"{EXPORT}def g():\n    return 1", mark="both")], HandedOut([blank]), "notebook")
    space = {}
    exec(assemble(found.cells, "notebook", "tensor").text, space)
    assert space["g"]() == 1 and not found.blank("both")
    with pytest.raises(NotImplementedError, match="both"):
        space["f"]()
