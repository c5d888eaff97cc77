"""The lessons as chapters: run with their answers, shown as they are handed out."""

from __future__ import annotations

import json
import os
import tempfile
from copy import deepcopy
from functools import partial
from pathlib import Path

import nbformat
from execute import Cache
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tito.author.build import student_notebook, write_reference
from tito.author.lesson import Lesson
from tito.author.trials import check_cells
from tito.checker.process import ONE_THREAD  # small matrices are slower with several
from tito.checker.shown import Shown
from tito.errors import TitoError

NOTE = """
:::{{note}}
This is the notebook of module {number} as it was run with all {count} exercises written; the answers are left out.
`tito start {number}` opens your own.
:::
"""
WIDGET = "application/vnd.jupyter.widget-view+json"  # a progress bar, say, which only a running kernel can draw
PATIENCE = 3600  # seconds for a cell: only one that hangs takes as long, on the busiest machine
DONE = '<div class="check"><p>With the answer in place:</p>{}</div>'


def pages(lessons: list[Lesson], package: Path, cache: Cache) -> dict[str, bytes]:
    """A notebook with its output for each lesson."""
    found = {}
    for place, lesson in enumerate(lessons):
        module = lesson.module
        sources = [cell.source for cell in lesson.cells()]
        earlier = [package / f"{other.module.name}.py" for other in lessons[:place]]
        outputs = cache.get(module.key, sources + earlier, partial(run, lessons[: place + 1]))
        made_from = [*sources, *earlier, module.tests]
        checks = cache.get(f"{module.key}-checks", made_from, partial(verdicts, lesson, package))
        chapter = compose(lesson, outputs, checks)
        found[f"lessons/{module.key}.ipynb"] = json.dumps(chapter, ensure_ascii=False).encode()
    return found


def run(lessons: list[Lesson]) -> dict[str, list]:
    """What each cell of the last of these lessons puts out, by the cell's id, on the package that they all make."""
    lesson = lessons[-1]
    cells = [nbformat.v4.new_code_cell(cell.source, id=cell.id) for cell in lesson.cells() if not _is_check(cell.id)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=deepcopy(lesson.notebook.metadata))
    with tempfile.TemporaryDirectory() as folder:
        for part in ("modules", "tests"):  # that makes it a workspace, where `tito.live` looks for the package
            (Path(folder) / part).mkdir()
        write_reference(lessons, Path(folder))
        client = NotebookClient(notebook, timeout=PATIENCE, resources={"metadata": {"path": folder}})
        try:
            client.execute(env=os.environ | ONE_THREAD | {"PYTHONPATH": folder})
        except CellExecutionError as error:
            raise TitoError(f"{lesson.path} cannot be run: {error.ename}: {error.evalue}") from None
    return {
        cell.id: [output for output in cell.outputs if WIDGET not in output.get("data", {})] for cell in notebook.cells
    }


def verdicts(lesson: Lesson, package: Path) -> dict[str, str]:
    """What the check of each exercise says of the answer, as a notebook shows it."""
    report = check_cells(lesson, lesson.cells(), package)
    failed = [exercise.name for exercise in report.exercises if not Shown.of(exercise).passed]
    if failed:
        raise TitoError(f"{lesson.path}: the answer of {failed[0]} fails its check; `tito build` says why.")
    return {f"{exercise.name}-check": Shown.of(exercise)._repr_html_() for exercise in report.exercises}


def compose(lesson: Lesson, outputs: dict[str, list], checks: dict[str, str]) -> dict:
    """The notebook that is handed out, with the output of the one that was run."""
    notebook = json.loads(student_notebook(lesson))
    note = NOTE.format(number=lesson.module.number, count=len(lesson.exercises))
    first = notebook["cells"][0]
    title, _, rest = "".join(first["source"]).partition("\n")
    first["source"] = f"{title}\n{note}{rest}"
    for cell in notebook["cells"]:
        marks = cell["metadata"].pop("nbgrader", {})
        name = cell["id"]
        if name in checks:
            cell["metadata"]["tags"] = ["check"]
            cell["outputs"] = [nbformat.v4.new_output("display_data", {"text/html": DONE.format(checks[name])})]
        elif cell["cell_type"] == "code":
            cell["outputs"] = outputs[name]
        if marks.get("solution"):
            cell["metadata"]["tags"] = ["exercise"]
    return notebook


def _is_check(cell_id: str) -> bool:
    return cell_id.endswith("-check")
