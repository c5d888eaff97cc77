"""How a notebook shows what a check found."""

from __future__ import annotations

import html
import os

from tito.checker import report as reports

COLOURS = {"✓": "#1a7f37", "✗": "#cf222e", "·": "#767676"}  # on white and on black, 4.5 : 1 or nearly
PAGE = (
    "white-space:pre-wrap;line-height:1.4;font-family:var(--jp-code-font-family,monospace);font-size:13px;padding:5px"
)


class Shown:
    """Lines shown in a notebook or a terminal. To nbgrader it is the points that were earned."""

    def __init__(self, lines: list[str], points: float = 0, passed: bool = False) -> None:
        self.lines, self.points, self.passed = lines, points, passed

    @classmethod
    def of(cls, found: reports.Verdict, then: str = "") -> Shown:
        """What a check found about an exercise, and what to do next."""
        lines = [f"{found.name}   {reports.summary(found)}", "", *reports.details(found, in_notebook=True)]
        lines += ["", then] if then else []
        return cls(lines, found.earned, found.status == reports.PASSED)

    def __repr__(self) -> str:
        if os.environ.get("NBGRADER_EXECUTION"):  # nbgrader reads the points from the cell's plain output
            return str(float(self.points))
        return "\n".join(self.lines)

    def _repr_html_(self) -> str:
        return f'<div style="{PAGE}">{"".join(map(_html_line, self.lines))}</div>'


def _html_line(line: str) -> str:
    """A line as HTML that stays indented where it is broken because the window is narrow."""
    text = html.escape(line.lstrip())
    mark, indent = text[:1], len(line) - len(line.lstrip())
    if mark in COLOURS:
        text = f'<span style="color:{COLOURS[mark]};font-weight:bold">{mark}</span>{text[1:]}'
    weight = "bold" if text and not indent else "normal"
    return f'<div style="padding-left:{indent}ch;font-weight:{weight}">{text or "&nbsp;"}</div>'
