"""Feedback: one HTML page for each student and module, with what `check` says, the marks and the comments.

What a student wrote is shown as text, never as HTML, and the page loads nothing from anywhere.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tito.checker.report import Report
from tito.checker.shown import Shown
from tito.grader.course import GradingCourse
from tito.grader.ledger import results, submitted
from tito.grader.marks import wrote
from tito.grader.status import FAILED, WAITING, Row, statuses
from tito.notebook import HandedOut, handed_out
from tito.workspace import Module, write

if TYPE_CHECKING:
    from nbgrader.api import SubmittedNotebook

STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; font-size: 13px; }
.bar { background: #1a7f37; height: .7rem; display: inline-block; }
.comment { border-left: 3px solid #0969da; padding-left: .8rem; white-space: pre-wrap; }
h2 { margin-top: 2.5rem; }
"""


def page(title: str, body: str) -> str:
    """A whole HTML page that stands by itself."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def feedback(course: GradingCourse, module: Module) -> list[Path]:
    """Write the pages of all students who handed in; their paths."""
    original = handed_out(module)
    pages, graded = [], results(course, module)
    rows = {row.student: row for row in statuses(course, module)}
    for student, row in rows.items():
        if row.status == FAILED:
            body = f"<p>{escape(student)}: your notebook could not be graded, and has no mark: {escape(row.why)}</p>"
            pages.append(_written(course, module, student, body))
        elif row.status == WAITING:
            body = f"<p>{escape(student)}: what you handed in is not graded yet.</p>"
            pages.append(_written(course, module, student, body))
    with course.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(module.key):
            student = submission.student_id
            notebook = next((part for part in submission.notebooks if part.name == module.name), None)
            if notebook is None or student not in rows or rows[student].score is None:
                continue
            head = f"<p>{escape(student)}: {_points(rows[student])}</p>"
            own = wrote(submitted(course, module, student), original)
            body = f"{head}\n{_parts(original, notebook, graded[student].found, own)}"
            pages.append(_written(course, module, student, body))
    return pages


def _points(row: Row) -> str:
    """The points, and what of them being late has cost."""
    less = f": {row.score + row.penalty:g}, less {row.penalty:g}, as it was {row.lateness}" if row.penalty else ""
    late = f" (handed in {row.lateness})" if row.lateness.late and not row.penalty else ""
    return f"{row.score:g} of {row.most:g} points{less}{late}"


def _parts(original: HandedOut, notebook: SubmittedNotebook, found: Report, own: dict[str, str]) -> str:
    """The marks, and what there is to say about each exercise and question."""
    grades = {grade.name: grade for grade in notebook.grades}
    comments = {comment.name: comment.comment for comment in notebook.comments if comment.comment}
    rows, parts = [], [f"<p>Left out, as it cannot run: {escape(cell)}</p>" for cell in found.left_out]
    for exercise in found.exercises:
        grade = grades.get(f"{exercise.name}-check")
        score = grade.score if grade else exercise.earned
        rows.append((exercise.name, score, exercise.points))
        parts.append(f"<h2>{escape(exercise.name)}: {score:g} of {exercise.points:g}</h2>")
        parts.append(Shown.of(exercise)._repr_html_())
        parts += _own_words(own.get(exercise.name, ""), comments.get(exercise.name, ""))
    for name, points in original.questions.items():
        grade = grades.get(name)
        waiting = grade is None or (grade.needs_manual_grade and grade.manual_score is None)
        rows.append((name, None if waiting else grade.score, points))
        shown = "not graded yet" if waiting else f"{grade.score:g} of {points:g}"
        parts.append(f"<h2>{escape(name)}: {shown}</h2>")
        parts += _own_words(own.get(name, ""), comments.get(name, ""))
    return "\n".join([_table(rows), *parts])


def _written(course: GradingCourse, module: Module, student: str, body: str) -> Path:
    """Write a student's page where nbgrader keeps its own feedback, which it can hand back."""
    path = course.root / "feedback" / student / module.key / f"{module.name}.html"
    write(path, page(f"Feedback: {module}", body), sync=False)
    return path


def _own_words(text: str, comment: str) -> list[str]:
    parts = [f"<details><summary>what you handed in</summary><pre>{escape(text)}</pre></details>"] if text else []
    return parts + ([f'<p class="comment">{escape(comment)}</p>'] if comment else [])


def _table(rows: list[tuple[str, float | None, float]]) -> str:
    lines = [
        f'<tr><td>{escape(name)}</td><td class="number">{"–" if score is None else f"{score:g}"}</td>'
        f'<td class="number">{points:g}</td></tr>'
        for name, score, points in rows
    ]
    head = '<tr><th>part</th><th class="number">points</th><th class="number">of</th></tr>'
    return f"<table>{head}{''.join(lines)}</table>"
