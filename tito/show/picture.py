"""What all pictures share: the class they come as, colours, a sheet to draw on, and how numbers are written."""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

INK = "#1f2933"
FAINT = "#6b7680"
EMPTY = "#eef1f4"
# Colours that differ from their neighbours in lightness as well as in hue (after Okabe and Ito).
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#56b4e9", "#cc79a7", "#d55e00", "#8c6d31", "#b3a2d9"]
DARK = {"#0072b2", "#009e73", "#d55e00", "#8c6d31"}  # with white letters
MARKERS, DASHES = "os^Dv", ["-", "--", "-.", ":"]  # what tells lines apart without colour


class Picture:
    """A figure with a description in words, which notebooks show as an image with alt text."""

    def __init__(self, figure: FigureBase, alt: str) -> None:
        self.figure = figure
        self.alt = alt

    def png(self) -> bytes:
        """The image as bytes, with the description in it."""
        file = io.BytesIO()
        about = {"Description": self.alt}
        self.figure.savefig(file, format="png", dpi=110, bbox_inches="tight", facecolor="white", metadata=about)
        return file.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the image to `path`, or with a name that ends in .html a page that shows it."""
        if Path(path).suffix == ".html":
            page = (
                f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>A picture</title>{self._repr_html_()}'
            )
            Path(path).write_text(page, encoding="utf-8")
        else:
            Path(path).write_bytes(self.png())

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png()).decode("ascii")
        alt = html.escape(self.alt, quote=True)
        return f'<img alt="{alt}" style="max-width: 100%" src="data:image/png;base64,{data}">'

    def __repr__(self) -> str:
        return self.alt


def sheet(
    width: float, height: float, rows: int = 1, columns: int = 1, into: FigureBase | None = None, **shared: Any
) -> tuple[FigureBase, np.ndarray]:
    """A figure of this size in inches, and its axes, row by row.

    With `into`, a figure or a part of one, they are in there; `shared` goes to matplotlib's `subplots`.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained") if into is None else into
    grid = figure.subplots(rows, columns, squeeze=False, **shared)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, grid.ravel()


def titled(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", color=INK, fontsize=12)


def hue(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def text(value: Any) -> str:
    """A value as it stands in a picture: three digits of a float."""
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else str(value)


def amount(number: float) -> str:
    """A number in engineers' units, to which the unit's name is to be added: 0.0012 is `1.2 m`."""
    prefixes = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "": 1, "m": 1e-3, "µ": 1e-6, "n": 1e-9}
    prefix = next((prefix for prefix, size in prefixes.items() if number >= size), "n" if number else "")
    return f"{number / prefixes[prefix]:.3g} {prefix}"


def alive(page: str, title: str, still: str) -> str:
    """A page as a notebook shows it, in a frame; `still`, a picture, stands where Jupyter lets nothing run."""
    frame = (
        f'<iframe srcdoc="{html.escape(page, quote=True)}" title="{title}" '
        'style="width:100%;height:660px;border:1px solid #8886"></iframe>'
    )
    return (
        f'<style>.tito-still {{ display: none }}</style>{frame}<div class="tito-still"><p>This is a still picture, as '
        "Jupyter runs nothing in a notebook that it does not trust. Run the cell, and it comes alive.</p>"
        f"{still}</div>"
    )
