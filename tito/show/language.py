"""Text as a model sees it, and how well it is predicted."""

from __future__ import annotations

from typing import Any

import numpy as np

from tito.show.picture import INK, Picture, hue, sheet, text, titled

WIDEST, NARROWEST = 84, 48  # characters in a line
PATCHES = ["#cfe5f5", "#fbe3b5", "#c9ecdf", "#f3d7e6"]  # of tokens in turn: four tints on which ink can be read
LINE, LETTER = 0.235, 0.1  # inches
ENDS, LABEL = (1, 0.78, 0.56, 0.22), 0.2  # of the width: where a label may end, and what it takes


def tokens(words: str, tokenizers: Any) -> Picture:
    """Draw the text `words` cut into tokens, a patch for each; `tokenizers` is one, or a dict with several by name.

    A tokenizer has `encode(text)` and `decode(ids)`. A line end is drawn as ↵, and part of a character as �.
    """
    named = tokenizers if isinstance(tokenizers, dict) else {"Tokens": tokenizers}
    cut = {name: [one.decode([i]) for i in one.encode(words)] for name, one in named.items()}
    placed = {name: _placed(parts) for name, parts in cut.items()}
    heights = [max((line for *_, line in patches), default=0) + 1 for patches in placed.values()]
    size = sum(LINE * height + 0.4 for height in heights)
    ratios = {"gridspec_kw": {"height_ratios": [height + 1.7 for height in heights]}}
    columns = max([NARROWEST, *(column + len(part) for patches in placed.values() for _, part, column, _ in patches)])
    figure, grid = sheet(LETTER * columns + 0.3, size, len(named), 1, **ratios)
    said = []
    for axes, (name, patches), height in zip(grid, placed.items(), heights):
        for number, part, column, line in patches:
            colour = PATCHES[number % len(PATCHES)]
            axes.barh(line, len(part), left=column, height=0.86, color=colour, edgecolor="white", linewidth=0.6)
            for offset, letter in enumerate(part):
                axes.text(
                    column + offset + 0.5,
                    line,
                    letter,
                    ha="center",
                    va="center",
                    family="monospace",
                    fontsize=9.5,
                    color=INK,
                    parse_math=False,
                )
        axes.set(xlim=(0, columns), ylim=(height - 0.4, -0.6))
        axes.axis("off")
        titled(axes, f"{name}: {len(cut[name])} for {len(words)} characters")
        first = ", ".join(repr(part) for part in cut[name][:8])
        said.append(f"{name}: {len(cut[name])} for {len(words)} characters, the first {first}")
    return Picture(figure, f"A text in which each token has a patch of colour. {'; '.join(said)}.")


def _placed(parts: list[str]) -> list[tuple[int, str, int, int]]:
    """Where each part stands: its number, what is drawn, column and line. What does not fit goes on in the next line."""
    placed, column, line = [], 0, 0
    for number, part in enumerate(parts):
        for piece in part.replace("\n", "↵\n").splitlines(keepends=True) or [part]:
            shown = "".join(letter if letter.isprintable() else "·" for letter in piece.rstrip("\n"))
            while shown:
                if column == WIDEST:
                    column, line = 0, line + 1
                fitting, shown = shown[: WIDEST - column], shown[WIDEST - column :]
                placed.append((number, fitting, column, line))
                column += len(fitting)
            if piece.endswith("\n"):
                column, line = 0, line + 1
    return placed


def heat(matrix: Any, rows: list[str], columns: list[str], title: str, across: str = "", down: str = "") -> Picture:
    """Draw a table of numbers from 0 on as dark and light cells; `across` and `down` say what columns and rows are."""
    matrix = np.asarray(matrix, dtype=float)
    figure, (axes,) = sheet(1.4 + 0.21 * matrix.shape[1], 1.2 + 0.21 * matrix.shape[0])
    axes.imshow(np.sqrt(matrix / (matrix.max() or 1)), cmap="Blues", vmin=0, vmax=1)  # the root shows small ones, too
    axes.set_xticks(range(len(columns)), columns, family="monospace", fontsize=8)
    axes.set_yticks(range(len(rows)), rows, family="monospace", fontsize=8)
    axes.set(xlabel=across, ylabel=down)
    titled(axes, title)
    places = np.argsort(-matrix, axis=None)[:6]
    dark = [
        f"{text(float(matrix[i, j]))} at {rows[i]!r}, {columns[j]!r}"
        for i, j in zip(*np.unravel_index(places, matrix.shape))
    ]
    return Picture(figure, f"{title}: a table of {len(rows)} by {len(columns)}. The largest: {'; '.join(dark)}.")


def rungs(values_by_name: dict[str, float | None], title: str, unit: str) -> Picture:
    """Draw numbers as bars, one below the other, the less the better; None is an empty place for one still to come."""
    known = [value for value in values_by_name.values() if value is not None]
    figure, (axes,) = sheet(7.5, 0.9 + 0.38 * len(values_by_name))
    for place, value in enumerate(values_by_name.values()):
        if value is None:
            axes.barh(place, min(known), height=0.7, fill=False, edgecolor=INK, linestyle=":")
            axes.text(0.02 * max(known), place, "still to come", va="center", color=INK, fontsize=9)
        else:
            best = value == min(known)
            axes.barh(place, value, height=0.7, color=hue(2 if best else 0))
            axes.text(value + 0.01 * max(known), place, f"{value:.3f}", va="center", color=INK, fontsize=9)
    axes.set_yticks(range(len(values_by_name)), values_by_name)
    axes.set_xlim(0, 1.1 * max(known))
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    titled(axes, title)
    said = "; ".join(f"{name}: {'still to come' if v is None else f'{v:.3f}'}" for name, v in values_by_name.items())
    return Picture(figure, f"{title}, in {unit}. {said}.")


def crossing(
    points: list[tuple[float, float]],
    levels: dict[str, float],
    title: str,
    along: str,
    unit: str,
    sample: str = "",
) -> Picture:
    """Draw how something falls, by pairs (x, value), below fixed `levels`; `sample`, a text, stands beside it.

    `along` says what x is, and `unit` what all values are.
    """
    points = sorted(points)
    across, down = np.array(points, dtype=float).T
    figure, grid = sheet(10.5 if sample else 7.5, 4.4, 1, 2 if sample else 1, width_ratios=[3, 2] if sample else None)
    axes = grid[0]
    axes.plot(across, down, color=hue(2), marker="o", markersize=3, linewidth=2)
    low, high = min([down.min(), *levels.values()]), max([*levels.values(), float(np.median(down))])
    for place, (level, name) in enumerate(sorted((level, name) for name, level in levels.items())):
        axes.axhline(level, color=INK, linewidth=0.8, linestyle=":")
        order = (*ENDS[place % 3 :], *ENDS[: place % 3])  # neighbours would write over each other
        end = next((end for end in order if _apart(points, level, end) > 0.06 * (high - low)), order[0]) * across[-1]
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axes.text(end, level, f"{name} {level:.3f}", ha="right", va="center", color=INK, fontsize=8, bbox=box)
    axes.set(
        ylim=(low - 0.1 * (high - low), high + 0.15 * (high - low)), xlim=(0, across[-1]), xlabel=along, ylabel=unit
    )
    titled(axes, title)
    if sample:
        grid[1].axis("off")
        grid[1].text(0, 1, sample, va="top", family="monospace", fontsize=8, color=INK, parse_math=False)
    passed = []
    for name, level in levels.items():
        below = next((x for x, value in points if value < level), None)
        passed.append(f"{name}, {level:.3f}, " + ("not passed" if below is None else f"passed by {below:g}"))
    said = f"{title}, in {unit}: from {down[0]:.3f} to {down[-1]:.3f} at {across[-1]:g}. {'; '.join(passed)}."
    return Picture(figure, said + (f" Beside it, a sample: {sample}" if sample else ""))


def _apart(points: list[tuple[float, float]], level: float, end: float) -> float:
    """How far a curve stays from a label that is written at this level, and ends at this share of the width."""
    across, down = np.array(points, dtype=float).T
    return float(np.abs(np.interp(np.linspace(end - LABEL, end, 9) * across[-1], across, down) - level).min())
