"""The class report: one HTML page that says what went well, what went wrong in the same way, and who needs help."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import datetime
from html import escape
from itertools import combinations
from math import log
from pathlib import Path
from statistics import median

from tito.errors import TitoError, counted
from tito.grader.collect import collected
from tito.grader.course import GradingCourse
from tito.grader.feedback import page
from tito.grader.job import Result
from tito.grader.ledger import results, submitted
from tito.grader.marks import wrote
from tito.grader.sandbox import lacking
from tito.grader.status import statuses
from tito.notebook import handed_out
from tito.workspace import Module, write

STUCK = 0.5  # who passes less than this share of the exercises is listed
SHORT = 12  # nodes of a syntax tree; shorter answers look alike by themselves
PAIRS = 20


def report(course: GradingCourse, module: Module) -> Path:
    """Write the report on a module; its path."""
    found = {student: result for student, result in results(course, module).items() if not result.problem}
    if not found:
        raise TitoError(f"{module} has not been graded: `tito grade run {module.number}` comes first.")
    parts = [f"<p>On this machine there is {escape(clause)}.</p>" for clause in lacking()]
    parts += [_standing(course, module), _exercises(found), _mistakes(found), _stuck(found)]
    parts += [_times(course, module), _alike(course, module, found)]
    path = course.root / "reports" / f"{module.key}.html"
    write(path, page(f"Report: {module}", "\n".join(parts)), sync=False)
    return path


def _table(head: list[str], rows: list[list[str]], empty: str) -> str:
    """A table of cells that are HTML already."""
    if not rows:
        return f"<p>{escape(empty)}</p>"
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><tr>{''.join(f'<th>{escape(name)}</th>' for name in head)}</tr>{body}</table>"


def _bar(share: float) -> str:
    return f'<span class="bar" style="width:{share * 12:.2f}rem"></span> {share:.0%}'


def _standing(course: GradingCourse, module: Module) -> str:
    rows = statuses(course, module)
    tally = Counter(row.status for row in rows)
    scores = [row.score for row in rows if row.score is not None]
    middle = f"; median {median(scores):g} of {rows[0].most:g} points" if scores else ""
    by_hand = sum(row.to_do for row in rows)
    waits = f"; {counted(by_hand, 'submission')} with written answers to grade by hand" if by_hand else ""
    return f"<p>{escape(', '.join(f'{n} {status}' for status, n in sorted(tally.items())))}{middle}{waits}.</p>"


def _exercises(found: dict[str, Result]) -> str:
    passed, partly, seen = Counter(), Counter(), Counter()
    for result in found.values():
        for exercise in result.found.exercises:
            seen[exercise.name] += 1
            passed[exercise.name] += exercise.status == "passed"
            partly[exercise.name] += exercise.status != "passed" and exercise.earned > 0
    rows = [[escape(name), _bar(passed[name] / n), str(partly[name]), str(n)] for name, n in seen.items()]
    return "<h2>Exercises</h2>" + _table(["exercise", "pass it", "in part", "of"], rows, "none")


def _mistakes(found: dict[str, Result]) -> str:
    tally = Counter(
        (exercise.name, exercise.mistake)
        for result in found.values()
        for exercise in result.found.exercises
        if exercise.mistake
    )
    rows = [[str(n), escape(name), escape(sentence)] for (name, sentence), n in tally.most_common(20)]
    return "<h2>The commonest mistakes</h2>" + _table(["times", "exercise", "what they were told"], rows, "none known")


def _stuck(found: dict[str, Result]) -> str:
    rows = []
    for student, result in sorted(found.items()):
        exercises = result.found.exercises
        passed = sum(exercise.status == "passed" for exercise in exercises)
        if passed < STUCK * len(exercises):
            first = result.found.next
            rows.append(
                (passed, [escape(student), f"{passed} of {len(exercises)}", escape(first.name if first else "")])
            )
    listed = [row for _, row in sorted(rows, key=lambda row: row[0])]
    return "<h2>Who is stuck</h2>" + _table(["student", "pass", "first that does not"], listed, "nobody")


def _times(course: GradingCourse, module: Module) -> str:
    days = Counter()
    for entry in collected(course, module).values():
        if entry.when:
            days[datetime.fromisoformat(entry.when).astimezone().date().isoformat()] += 1
    most = max(days.values(), default=1)
    rows = [
        [day, f'<span class="bar" style="width:{12 * n / most:.2f}rem"></span> {n}'] for day, n in sorted(days.items())
    ]
    return "<h2>When it was handed in</h2>" + _table(["day", "hand-ins"], rows, "not known")


def _alike(course: GradingCourse, module: Module, found: dict[str, Result]) -> str:
    """Pairs of students who wrote the same, where few others did: the names of variables and the comments aside."""
    original = handed_out(module)
    shapes: dict[str, dict[str, str]] = {}
    for student in found:
        for name, text in wrote(submitted(course, module, student), original).items():
            if name in original.exercises and (shape := shape_of(text)):
                shapes.setdefault(student, {})[name] = shape
    counts = Counter((name, shape) for own in shapes.values() for name, shape in own.items())
    rarity = {key: log(len(shapes) / n) for key, n in counts.items()}
    pairs = []
    for one, other in combinations(sorted(shapes), 2):
        same = [name for name, shape in shapes[one].items() if shapes[other].get(name) == shape]
        weight = sum(rarity[name, shapes[one][name]] for name in same)
        if len(same) > 1 and weight > 2 * log(max(len(shapes) / 2, 1)):
            pairs.append((weight, [escape(one), escape(other), escape(", ".join(same))]))
    rows = [row for _, row in sorted(pairs, key=lambda pair: -pair[0])[:PAIRS]]
    note = "<p>A reason to look, not a proof: short answers, and those that many wrote, are left out.</p>"
    return "<h2>Near-identical answers</h2>" + note + _table(["student", "and", "alike in"], rows, "none")


def shape_of(source: str) -> str:
    """An answer without what is easily changed: names of its own variables, comments, docstring, layout."""
    try:
        return _shape_of(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _shape_of(tree: ast.Module) -> str:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"v{len(names)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id = names[node.id]
    size = sum(1 for _ in ast.walk(tree))
    return ast.dump(tree) if size > SHORT * 3 else ""
