"""`tito build`: lessons become notebooks, and every exercise's tests are proved on its known answers."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
)
from nbgrader.utils import is_solution
from traitlets.config import Config

from tito.author.answers import EQUIVALENT, Answer, read_answers
from tito.author.lesson import Lesson, Problem
from tito.author.order import used_too_early
from tito.author.trials import Trial, check_cells, run_all
from tito.checker import mistakes, static
from tito.checker.report import PASSED
from tito.errors import TitoError
from tito.export import write_package
from tito.notebook import digest
from tito.workspace import HIDDEN, Module, Workspace, write

DECIDING = (  # what a case is known by, and how a test draws its inputs
    *(f"checker/{name}.py" for name in ("bridge", "child", "mistakes", "relations", "runner", "static", "wire")),
    "testing.py",
)
STUB, TEXT_STUB = "# Your code here\nraise NotImplementedError()", "Your answer here."


class NameStubs(NbGraderPreprocessor):
    """The stub of a blank says which exercise it is, so that a test can say what is missing."""

    def preprocess_cell(self, cell, resources, cell_index):
        if is_solution(cell):
            name = cell.metadata.nbgrader.grade_id
            cell.source = cell.source.replace("NotImplementedError()", f'NotImplementedError("{name}")')
        return cell, resources


def student_notebook(lesson: Lesson) -> str:
    """The notebook that is handed out, made with nbgrader's own preprocessors; the same lesson gives the same bytes."""
    notebook = nbformat.from_dict(json.loads(json.dumps(lesson.notebook)))
    stubs = {"code_stub": {"python": STUB}, "text_stub": TEXT_STUB}
    resources: dict = {}
    for preprocessor in (ClearOutput, ClearSolutions, NameStubs, LockCells, CheckCellMetadata, ComputeChecksums):
        notebook, resources = preprocessor(config=Config(ClearSolutions=stubs)).preprocess(notebook, resources)
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1) + "\n"


def problems(workspace: Workspace, lessons: list[Lesson]) -> list[Problem]:
    """What is wrong with the lessons and their tests, as far as can be said without running anything."""
    broken = [problem for lesson in lessons for problem in _not_python(lesson)]
    if broken:
        return broken
    answers = {lesson.module.key: [] if lesson.problems else read_answers(lesson) for lesson in lessons}
    found = [problem for lesson in lessons for problem in lesson.problems]
    homes: dict[str, Lesson] = {}
    for lesson in lessons:
        tests = {path.stem.removeprefix("test_"): path for path in lesson.module.tests.glob("test_*.py")}
        for name in lesson.exercises:
            if name not in lesson.lines:
                continue  # the second of one name, which is a problem of its own
            line = lesson.lines[name]
            if name in homes and homes[name] is not lesson:
                there = f"{workspace.shown(homes[name].path)}:{homes[name].lines[name]}"
                found.append(Problem(lesson.path, line, f"exercise {name} is also in {there}; names are used once"))
            homes.setdefault(name, lesson)
            if name not in tests:
                wanted = workspace.shown(lesson.module.tests / f"test_{name}.py")
                found.append(Problem(lesson.path, line, f"exercise {name} has no tests; they belong in {wanted}"))
        for name, path in sorted(tests.items()):
            if name not in lesson.exercises:
                found.append(Problem(path, 1, f"there is no exercise {name} in {workspace.shown(lesson.path)}"))
        no_mistakes = [] if lesson.problems else read_answers(lesson, EQUIVALENT)
        found += [answer.fault for answer in answers[lesson.module.key] + no_mistakes if answer.fault]
    return found + used_too_early(lessons, answers)


def _not_python(lesson: Lesson) -> list[Problem]:
    found = []
    for path in [lesson.path, *sorted(lesson.module.tests.rglob("*.py"))]:
        try:
            ast.parse(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            found.append(Problem(path, error.lineno or 1, error.msg))
    return found


def write_reference(lessons: list[Lesson], parent: Path) -> Path:
    """Write the package made from the answers to `parent/tinytorch`."""
    order = [lesson.module.name for lesson in lessons]
    for lesson in lessons:
        shelves = lesson.path.with_name("shelves")
        write_package(parent / "tinytorch", lesson.module.name, lesson.source(), order, shelves)
    return parent / "tinytorch"


def prove(workspace: Workspace, lesson: Lesson, reference: Path) -> tuple[mistakes.Known, list[Problem]]:
    """Run every known answer: what is to be known of the mistakes, and what the tests let through or refuse."""
    module, found, answers = lesson.module, [], read_answers(lesson)
    known: mistakes.Known = {
        "returning": {name: static.returning(lesson.answer(name)) for name in lesson.exercises},
        "reading": {name: _reading(lesson, name, answers) for name in lesson.exercises},
        "mistakes": {name: [] for name in lesson.exercises},
    }
    for verdict in check_cells(lesson, lesson.cells(), reference).exercises:
        if verdict.status != PASSED:
            problem = verdict.problem or (verdict.failure.behaviour if verdict.failure else "it has no tests")
            text = f"{verdict.name}: the answer fails: {problem}"
            found.append(Problem(lesson.path, lesson.lines[verdict.name], text))
    blanks = [Trial(module, name, f'raise NotImplementedError("{name}")') for name in lesson.exercises]
    trials = run_all(blanks + [Trial(module, answer.exercise, answer.body) for answer in answers], reference)
    cannot_run, wrong = set(), []
    for name, verdict in zip(lesson.exercises, trials):
        if verdict is None:
            problem = f"{name}: the blank cannot be run; put the answer inside a function"
            found.append(Problem(lesson.path, lesson.lines[name], problem))
            cannot_run.add(name)
        elif verdict.passed_count or verdict.status == PASSED:
            passing = ", ".join(behaviour for behaviour, holds in verdict.behaviours.items() if holds)
            found.append(Problem(module.tests / f"test_{name}.py", 1, f"the blank passes: {passing}"))
    for answer, verdict in zip(answers, trials):
        if answer.exercise in cannot_run:
            continue
        if answer.sentence is None:
            if verdict.status != PASSED:
                found.append(answer.problem("it is right, but its tests refuse it"))
        elif verdict.status == PASSED:
            found.append(answer.problem("it is a mistake, but its tests let it pass"))
        else:
            told = {"sentence": answer.sentence, "cases": mistakes.shortened(verdict.cases)}
            known["mistakes"][answer.exercise].append(told)
            wrong.append((answer, verdict))
    for answer, verdict in wrong:
        source = lesson.source_with(answer.exercise, answer.body)
        if mistakes.sentence(answer.exercise, verdict.cases, source, known) != answer.sentence:
            found.append(answer.problem(f"it cannot be told from another mistake of {answer.exercise}"))
    return known, found


def _reading(lesson: Lesson, exercise: str, answers: list[Answer]) -> list[str]:
    """What every right answer to an exercise reads."""
    right = [answer.body for answer in answers if answer.exercise == exercise and answer.sentence is None]
    found = [static.reading(lesson.source_with(exercise, body)) for body in right]
    return [name for name in static.reading(lesson.answer(exercise)) if all(name in other for other in found)]


def build(workspace: Workspace, say=print, force: bool = False, only: list[str] | None = None) -> None:
    """Bring `modules/` up to date with `solutions/`, or `only` these modules of it.

    Raises TitoError that lists what an author must mend.
    """
    import tempfile

    lessons = read_lessons(workspace)
    chosen = [workspace.module(wanted, workspace.lessons) for wanted in only or []] or workspace.lessons
    _complain(workspace, problems(workspace, lessons))
    for path, text in _shelves(workspace).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write(path, text)
    for path in _left_over(workspace):
        path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        reference = write_reference(lessons, Path(folder))
        for lesson in lessons:
            module = lesson.module
            if module not in chosen:
                continue
            say(f"{module}: {_build_notebook(workspace, lesson, force)}")
            if _mistakes_are_fresh(workspace, module) and not force:
                continue
            say(f"{module}: proving the tests on {len(read_answers(lesson))} known answers")
            known, found = prove(workspace, lesson, reference)
            _complain(workspace, found)
            data = {"schema": "tito.mistakes/2", "made_from": _made_from(workspace, module), **known}
            text = json.dumps(data, ensure_ascii=False).replace('{"sentence"', '\n{"sentence"')  # a line for each
            write(module.original / "mistakes.json", text + "\n")


def stale(workspace: Workspace) -> list[str]:
    """The generated files that are not what `build` would write, each with what is wrong with it."""
    lessons = read_lessons(workspace)
    _complain(workspace, problems(workspace, lessons))
    shelves = workspace.root / "solutions" / "shelves"
    found = _differing(workspace, _shelves(workspace), shelves)
    found += [f"{workspace.shown(p)}: {workspace.shown(shelves)} has it no longer" for p in _left_over(workspace)]
    for lesson in lessons:
        module = lesson.module
        found += _differing(workspace, _outputs(lesson), lesson.path)
        if not _mistakes_are_fresh(workspace, module):
            found.append(f"{workspace.shown(module.original / 'mistakes.json')}: made from other tests or answers")
    known = {lesson.module.key for lesson in lessons}
    found += [f"modules/.original/{m.key}: its lesson is gone" for m in workspace.modules if m.key not in known]
    return found


def _differing(workspace: Workspace, outputs: dict[Path, str], made_from: Path) -> list[str]:
    """Those of the `outputs` that do not stand in their files, each with what is wrong."""
    found = []
    for path, text in outputs.items():
        if not path.is_file():
            found.append(f"{workspace.shown(path)}: not there")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"{workspace.shown(path)}: not what {workspace.shown(made_from)} gives")
    return found


def read_lessons(workspace: Workspace) -> list[Lesson]:
    lessons = [Lesson(module) for module in workspace.lessons]
    if not lessons:
        raise TitoError(f"there are no lessons in {workspace.root / 'solutions'}, so there is nothing to build from.")
    return lessons


def _outputs(lesson: Lesson) -> dict[Path, str]:
    """Every file that is made from a lesson alone, with its text."""
    module, text = lesson.module, student_notebook(lesson)
    outputs = {module.original / f"{module.name}.ipynb": text, module.notebook: text}
    milestone = lesson.path.parent / "milestones" / lesson.path.name
    if milestone.is_file():
        outputs[module.milestone] = milestone.read_text(encoding="utf-8")
    return outputs


def _shelves(workspace: Workspace) -> dict[Path, str]:
    """The given files of the package, where students have them, with their texts."""
    home = workspace.root / "solutions" / "shelves"
    files = sorted(home.rglob("*.py"))
    return {workspace.shelves / file.relative_to(home): file.read_text(encoding="utf-8") for file in files}


def _left_over(workspace: Workspace) -> list[Path]:
    """The given files that students have, and that are no longer among those that authors write."""
    return sorted(set(workspace.shelves.rglob("*.py")) - _shelves(workspace).keys())


def _build_notebook(workspace: Workspace, lesson: Lesson, force: bool) -> str:
    """Write the lesson's files, and say what was done. A notebook that someone has worked in is not written over."""
    module, outputs = lesson.module, _outputs(lesson)
    before = module.original / f"{module.name}.ipynb"
    worked_in = module.notebook.is_file() and module.notebook.read_text(encoding="utf-8") not in (
        before.read_text(encoding="utf-8") if before.is_file() else "",
        outputs[module.notebook],
    )
    said = "built"
    if worked_in and force:
        said = f"built; your work is in {workspace.shown(workspace.back_up(module.notebook))}"
    elif worked_in:
        del outputs[module.notebook]
        said = (
            f"built, but {workspace.shown(module.notebook)} has work in it and was left alone (--force writes over it)"
        )
    for path, text in outputs.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write(path, text)
    return said


def _made_from(workspace: Workspace, module: Module) -> str:
    """A digest of all that decides which mistakes are recognised how: lessons, its tests, and parts of tito."""
    lessons = [other.lesson for other in workspace.lessons if other.key <= module.key]
    tito = [Path(__file__).parents[1] / name for name in DECIDING]
    tests = [path for path in sorted(module.tests.rglob("*.py")) if path.parent.name != HIDDEN]
    mistakes = sorted(module.tests.glob("mistakes/*.txt"))
    return digest(*(path.read_text(encoding="utf-8") for path in [*lessons, *tests, *mistakes, *tito]))


def _mistakes_are_fresh(workspace: Workspace, module: Module) -> bool:
    try:
        data = json.loads((module.original / "mistakes.json").read_text(encoding="utf-8"))
        return data["made_from"] == _made_from(workspace, module)
    except (OSError, ValueError, KeyError):
        return False


def _complain(workspace: Workspace, found: list[Problem]) -> None:
    if found:
        lines = [re.sub(f"^{re.escape(str(workspace.root))}/", "", str(problem)) for problem in found]
        raise TitoError("the course does not build:\n" + "\n".join(f"  {line}" for line in lines))
