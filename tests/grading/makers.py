"""Makes notebooks of module 01 as students hand them in, from right to broken in every way."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.notebook import fill, mark
from tito.workspace import Module

WORDS = "A view shares its memory with the array it was made from; a copy does not."


class Maker:
    """Makes notebooks of a module, as students hand them in."""

    def __init__(self, module: Module) -> None:
        self.lesson = Lesson(module)
        self.blank = (module.original / f"{module.name}.ipynb").read_text(encoding="utf-8")
        self.right = {cell.exercise: cell.source for cell in self.lesson.cells() if cell.exercise}
        self.known = read_answers(self.lesson)

    def notebook(self, answers: dict[str, str] | None = None, words: str = WORDS) -> dict:
        """The notebook that was handed out, with these sources in its cells for answers; all right by default."""
        notebook, answers = json.loads(self.blank), self.right if answers is None else answers
        questions = [mark(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown" and mark(cell)]
        return fill(notebook, answers | (dict.fromkeys(questions, words) if words else {}))

    def but(self, **other: str) -> dict:
        """All right but for these sources."""
        return self.notebook(self.right | other)

    def within(self, exercise: str, body: str) -> str:
        """The source of an exercise's cell with this body as its answer."""
        return self.lesson.source_with(exercise, body)

    def nth(self, n: int, wrong: bool) -> dict[str, str]:
        """The right answers, with the n-th known mistake (or other right answer) wherever there are as many."""
        answers = dict(self.right)
        for exercise in self.right:
            of_kind = [a for a in self.known if a.exercise == exercise and bool(a.sentence) == wrong]
            if n < len(of_kind):
                answers[exercise] = self.within(exercise, of_kind[n].body)
        return answers

    def most(self, wrong: bool) -> int:
        """How large n must be to see each known answer once."""
        kinds = [a.exercise for a in self.known if bool(a.sentence) == wrong]
        return max(map(kinds.count, kinds), default=0)


class Attack:
    """What a file in attacks/ hands in, and what it tries with it."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        head, *cells = re.split(r'^# %% exercise="(\w+)"\n', text, flags=re.MULTILINE)
        tree = ast.parse(head)
        self.name, self.tries = path.stem, ast.get_docstring(tree)
        said = {node.targets[0].id: node.value.value for node in tree.body if isinstance(node, ast.Assign)}
        self.unprotected, self.met = said.get("UNPROTECTED", ""), said.get("MET", "")
        self.cells = {name: source.strip() for name, source in zip(cells[::2], cells[1::2])}

    def filled(self, **places: object) -> dict[str, str]:
        """The cells, with the places of files and sockets filled in."""
        cells = dict(self.cells)
        for place, value in places.items():
            cells = {name: source.replace(f"@{place}@", str(value)) for name, source in cells.items()}
        return cells


def attacks() -> list[Attack]:
    return [Attack(path) for path in sorted(Path(__file__).with_name("attacks").glob("*.py"))]


def find(notebook: dict, name: str) -> int:
    return next(n for n, cell in enumerate(notebook["cells"]) if mark(cell) == name)


def changed(notebook: dict, change: Callable[[list[dict]], object]) -> dict:
    change(notebook["cells"])
    return notebook


def added(source: str) -> dict:
    return {"cell_type": "code", "id": "mine", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def submissions(make: Maker) -> dict[str, dict | str]:
    """By student: a notebook, or the text of a file that is none."""
    names = list(make.right)
    found: dict[str, dict | str] = {
        "right": make.notebook(),
        "blank": make.notebook({}, words=""),
        "half": make.notebook({name: make.right[name] for name in names[: len(names) // 2]}),
    }
    found |= {f"otherwise-{n}": make.notebook(make.nth(n, wrong=False)) for n in range(make.most(wrong=False))}
    found |= {f"mistaken-{n}": make.notebook(make.nth(n, wrong=True)) for n in range(make.most(wrong=True))}
    text = json.dumps(make.notebook())
    found |= {"not-json": text[: len(text) // 2], "empty": ""}

    def copy(cells: list[dict], name: str) -> None:
        n = find({"cells": cells}, name)
        cells.insert(n, json.loads(json.dumps(cells[n])))

    def tamper(cells: list[dict]) -> None:
        cells[find({"cells": cells}, "mean-check")]["source"] = "2"
        cells[find({"cells": cells}, "given-Tensor")]["source"] = "#| export\nclass Tensor:\n    pass"
        for cell in cells:
            if marks := cell["metadata"].get("nbgrader"):
                marks |= {"points": 1000, "locked": False, "schema_version": 1, "checksum": "0"}

    def without(*marks: str) -> Callable[[list[dict]], None]:
        return lambda cells: cells.__setitem__(slice(None), [cell for cell in cells if mark(cell) not in marks])

    def rename(cells: list[dict]) -> None:
        cells[find({"cells": cells}, "eye")]["metadata"]["nbgrader"]["grade_id"] = "mine"

    loop = "while True:\n    pass"
    found |= {
        "twice": changed(make.notebook(), lambda cells: [copy(cells, name) for name in ("eye", "eye-check", "mean")]),
        "cells-gone": changed(make.notebook(), without("eye", "given-unwrap", "given-zeros")),
        "check-gone": changed(make.notebook(), without("mean-check")),
        "renamed": changed(make.notebook(), rename),
        "reordered": changed(make.notebook(), lambda cells: cells.reverse()),
        "tampered": changed(make.but(mean=""), tamper),
        "bad-helper": changed(make.notebook(), lambda cells: cells.insert(9, added("#| export\nmine = 1 / 0"))),
        "syntax": make.but(eye="#| export\ndef eye(cls, n, m=None):\n    return ("),
        "endless": make.but(split=make.within("split", loop)),
        "sys-exit": make.but(split="import sys\nsys.exit(0)"),
        "os-exit": make.but(flatten="#| export\nimport os\nos._exit(0)"),
        "prints": make.but(split=make.within("split", 'print("spam" * 10_000_000)\nraise ValueError("spam" * 1000)')),
        "warns": make.but(mean=make.right["mean"] + '\n\nimport sys\nprint("careful", file=sys.stderr)'),
    }
    return found
