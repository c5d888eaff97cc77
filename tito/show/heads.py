"""Where the heads of attention look: a picture of all of them, and a page on which each position is asked."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from typing import Any

import numpy as np

from tito.show import computation, sources
from tito.show.picture import INK, Picture, alive, sheet

READABLE = 24  # labels along a side of a small table; of more, every second, third, … is written
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Where each head looks</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; background: #fff; margin: 1rem; }
#text { font: 15px/2 ui-monospace, monospace; margin: .8rem 0; }
#text button { font: inherit; color: inherit; border: 0; border-radius: 3px; margin: 1px; padding: 0 2px;
  background: #f1f3f5; white-space: pre; }
#text button.asked { outline: 2px solid #1f2933; }
#said { min-height: 3em; }
img { max-width: 100%; }
</style></head><body>
<p><label>Layer and head <select id="head"></select></label>. Point at a position, or go there with the tab key:
those that it looks at are tinted, the most looked at the darkest.</p>
<div id="text"></div>
<p id="said" aria-live="polite"></p>
<img alt="__ALT__" src="data:image/png;base64,__PICTURE__">
<script>
const { labels, heads } = __DATA__;
const head = document.getElementById("head"), said = document.getElementById("said");
const text = document.getElementById("text");
const places = labels.map((label, place) => {
  const button = document.createElement("button");
  button.textContent = label;
  for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => ask(place));
  text.append(button, label.includes("\u21b5") ? document.createElement("br") : "");
  return button;
});
heads.forEach(({ name }, number) => head.add(new Option(name, number)));
let asked = labels.length - 1;
function ask(place) {
  asked = place;
  const weights = heads[head.value].weights[place];
  const top = Math.max(...weights, 0.001);
  places.forEach((button, other) => {
    const share = (weights[other] || 0) / top;
    button.style.background = `rgba(0, 114, 178, ${0.85 * share})`;
    button.style.color = share > 0.6 ? "#fff" : "";
    button.classList.toggle("asked", other === place);
  });
  const most = weights.map((weight, other) => [weight, other]).sort((a, b) => b[0] - a[0]).slice(0, 4);
  const told = most.filter(([weight]) => weight >= 0.01).map(([weight, other]) =>
    `${labels[other]} at ${other}, ${weight.toFixed(2)}`);
  said.textContent = `${labels[place]} at ${place} looks at: ${told.join("; ") || "nothing"}`;
}
head.addEventListener("change", () => ask(asked));
ask(asked);
</script></body></html>
"""


class Heads(Picture):
    """The tables of all heads as a picture; in a notebook, and saved as .html, a page that answers for each position."""

    def __init__(self, figure: Any, alt: str, labels: list[str], tables: dict[str, np.ndarray]) -> None:
        super().__init__(figure, alt)
        self.labels, self.tables = labels, tables

    def page(self) -> str:
        """A page that needs nothing else."""
        heads = [{"name": name, "weights": table.round(3).tolist()} for name, table in self.tables.items()]
        data = json.dumps({"labels": self.labels, "heads": heads}).replace("<", "\\u003c")
        picture = base64.b64encode(self.png()).decode("ascii")
        page = PAGE.replace("__ALT__", html.escape(self.alt, quote=True)).replace("__PICTURE__", picture)
        return page.replace("__DATA__", data)

    def save(self, path: str | Path) -> None:
        """Write the picture to `path`, or with a name that ends in .html the page."""
        if Path(path).suffix == ".html":
            Path(path).write_text(self.page(), encoding="utf-8")
        else:
            super().save(path)

    def _repr_html_(self) -> str:
        return alive(self.page(), "Where each head looks", super()._repr_html_())


def attention(model: Any, inputs: Any, labels: list[str]) -> Heads:
    """Show where each head of `model` looks when it reads `inputs`, one sample: a table for each head, by layers.

    `labels` say what stands at each position. The weights are computed from what the operation `attend` was given.
    """
    layers = [_weights(operation) for operation in sources.read(model(inputs)).operations if operation.name == "attend"]
    if not layers:
        raise ValueError("this model has no attention: the operation `attend` was not used")
    labels = [_visible(part) for part in labels]
    rows, columns = len(layers), max(len(heads) for heads in layers)
    size = max(2.2, 0.16 * min(len(labels), READABLE) + 0.5)
    figure, grid = sheet(size * columns, size * rows, rows, columns)
    for axes in grid:
        axes.axis("off")
    said, tables = [], {}
    for layer, heads in enumerate(layers):
        for head, table in enumerate(heads):
            name = f"layer {layer + 1}, head {head + 1}"
            tables[name] = table
            axes = grid[layer * columns + head]
            axes.axis("on")
            axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
            ticks = {"family": "monospace", "fontsize": 7}
            axes.set_xticks(*_ticks(labels, table.shape[1]), rotation=90, **ticks)
            axes.set_yticks(*_ticks(labels, len(table)), **ticks)
            axes.set_title(name, loc="left", fontsize=9, color=INK)
            last = int(table[-1].argmax())
            said.append(f"{name}: the last position looks most at {labels[last]!r} at {last}, {table[-1, last]:.2f}")
    alt = f"Where each head looks: rows fetch from columns. {'; '.join(said)}."
    return Heads(figure, alt, labels, tables)


def _ticks(labels: list[str], count: int) -> tuple[list[int], list[str]]:
    """The places along a side that are labelled, and their labels."""
    places = list(range(0, min(count, len(labels)), -(-count // READABLE)))
    return places, [labels[place] for place in places]


def _weights(operation: computation.Operation) -> np.ndarray:
    """The weights of the first sample, a table for each head."""
    query, key = (value.array for value in operation.inputs[:2])
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    mask = operation.given.get("mask")
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    powers = np.exp(scores - np.where(np.isfinite(highest := scores.max(-1, keepdims=True)), highest, 0))
    weights = powers / np.maximum(powers.sum(-1, keepdims=True), np.finfo(powers.dtype).tiny)
    return weights.reshape(-1, *weights.shape[-3:])[0] if weights.ndim > 3 else weights[:1]


def _visible(part: str) -> str:
    return part.replace("\n", "↵").replace(" ", "·")
