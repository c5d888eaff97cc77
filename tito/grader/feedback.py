"""Feedback: one HTML page for each student and module, with what `check` says, the marks and the comments.

What a student wrote is shown as text, never as HTML, and the page loads nothing from anywhere.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from tito.grader.course import GradingCourse
from tito.grader.job import submitted_cells
from tito.grader.run import results
from tito.live import Shown
from tito.notebook import read_original
from tito.workspace import Module, write

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
    """Write the pages of all students whose submission was graded; their paths."""
    original = read_original(module.original, module.name, str(module.original))
    pages = []
    with course.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(module.key):
            student = submission.student.id
            result = results(course, module).get(student)
            notebook = next((part for part in submission.notebooks if part.name == module.name), None)
            if result is None or result.problem or notebook is None:
                continue
            grades = {grade.name: grade for grade in notebook.grades}
            comments = {comment.name: comment.comment for comment in notebook.comments if comment.comment}
            cells = submitted_cells(course.submitted(module, student).read_bytes(), module.name)
            wrote = {cell.grade_id: cell.source for cell in cells if cell.grade_id}
            rows, parts = [], []
            for found in result.found.exercises:
                grade = grades.get(f"{found.name}-check")
                score = grade.score if grade else found.earned
                rows.append((found.name, score, found.points))
                parts.append(
                    f"<h2>{escape(found.name)}: {score:g} of {found.points:g}</h2>\n{Shown.of(found)._repr_html_()}"
                )
                parts += _own_words(wrote.get(found.name, ""), comments.get(found.name, ""))
            for name, points in original.questions.items():
                grade = grades.get(name)
                waiting = grade is None or (grade.needs_manual_grade and grade.manual_score is None)
                score = None if waiting else grade.score
                rows.append((name, score, points))
                shown = "not graded yet" if score is None else f"{score:g} of {points:g}"
                parts.append(f"<h2>{escape(name)}: {shown}</h2>")
                parts += _own_words(wrote.get(name, ""), comments.get(name, ""))
            path = course.root / "feedback" / student / module.key / f"{module.name}.html"
            body = f"<p>{escape(student)}: {submission.score:g} of {submission.max_score:g} points</p>\n{_table(rows)}"
            write(path, page(f"Feedback: {module}", "\n".join([body, *parts])), sync=False)
            pages.append(path)
    return pages


def _own_words(wrote: str, comment: str) -> list[str]:
    parts = [f"<details><summary>what you handed in</summary><pre>{escape(wrote)}</pre></details>"] if wrote else []
    return parts + ([f'<p class="comment">{escape(comment)}</p>'] if comment else [])


def _table(rows: list[tuple[str, float | None, float]]) -> str:
    lines = [
        f'<tr><td>{escape(name)}</td><td class="number">{"–" if score is None else f"{score:g}"}</td>'
        f'<td class="number">{points:g}</td></tr>'
        for name, score, points in rows
    ]
    head = '<tr><th>part</th><th class="number">points</th><th class="number">of</th></tr>'
    return f"<table>{head}{''.join(lines)}</table>"
