"""Text as a model sees it: cut into tokens."""

from __future__ import annotations

from typing import Any

from tito.show.picture import INK, Picture, sheet, titled

WIDEST, NARROWEST = 84, 48  # characters in a line
PATCHES = ["#cfe5f5", "#fbe3b5", "#c9ecdf", "#f3d7e6"]  # of tokens in turn: four tints on which ink can be read
LINE, LETTER = 0.235, 0.1  # inches


def tokens(text: str, tokenizers: Any) -> Picture:
    """Draw `text` cut into tokens, a patch for each; `tokenizers` is one, or a dict with several by name.

    A tokenizer has `encode(text)` and `decode(ids)`. A line end is drawn as ↵, and part of a character as �.
    """
    named = tokenizers if isinstance(tokenizers, dict) else {"Tokens": tokenizers}
    cut = {name: [one.decode([i]) for i in one.encode(text)] for name, one in named.items()}
    placed = {name: _placed(parts) for name, parts in cut.items()}
    heights = [max((line for *_, line in patches), default=0) + 1 for patches in placed.values()]
    size = sum(LINE * height + 0.4 for height in heights)
    ratios = {"gridspec_kw": {"height_ratios": [height + 1.7 for height in heights]}}
    columns = max(NARROWEST, *(column + len(part) for patches in placed.values() for _, part, column, _ in patches))
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
        titled(axes, f"{name}: {len(cut[name])} for {len(text)} characters")
        first = ", ".join(repr(part) for part in cut[name][:8])
        said.append(f"{name}: {len(cut[name])} for {len(text)} characters, the first {first}")
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
