"""What a computation costs: seconds and bytes."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tito.show.own import in_order
from tito.show.picture import DARK, EMPTY, INK, Picture, amount, hue, sheet, titled

PHASES = ["forward", "backward", "update"]
FRAMES = 8  # of the call stack, by which two allocations are told apart
SEEN = 0.005  # of all that is traced: a smaller change is not drawn, nor measured


def ladder(seconds_by_name: dict[str, float], flops: float | None = None) -> Picture:
    """Draw timings as bars on a logarithmic scale, each with how many times faster it is than the slowest.

    `flops` is the number of floating-point operations that all of them do; with it, each bar also says how many
    of them it does in a second.
    """
    names, seconds = list(seconds_by_name), list(seconds_by_name.values())
    slowest = max(seconds)
    figure, (axes,) = sheet(7, 0.8 + 0.5 * len(names))
    low, high = min(seconds) / 3, slowest * 40
    labels = []
    for place, (name, time) in enumerate(zip(names, seconds)):
        axes.barh(place, time - low, left=low, height=0.6, color=hue(place))
        label = f"{amount(time)}s"
        if flops:
            label += f", {amount(flops / time)}flop/s"
        if time < slowest:
            label += f", {_ratio(slowest / time)} times faster"
        axes.text(time * 1.15, place, label, va="center", color=INK, fontsize=10)
        labels.append(f"{name}: {label}")
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("seconds, logarithmic")
    titled(axes, "Time on this machine")
    return Picture(figure, "Time on this machine. " + "; ".join(labels) + ".")


def shares(parts_by_name: dict[str, dict[str, float]], title: str) -> Picture:
    """Draw a bar of length 1 for each name, cut into its parts by seconds: where the time goes."""
    figure, (axes,) = sheet(8, 1.3 + 0.55 * len(parts_by_name))
    labels, said, drawn = [], [], {}
    for place, (name, parts) in enumerate(parts_by_name.items()):
        total, left = sum(parts.values()), 0.0
        labels.append(f"{name}\n{amount(total)}s")
        for number, (part, seconds) in enumerate(parts.items()):
            colour, share = hue(number), seconds / total
            drawn[part] = axes.barh(place, share, left=left, height=0.7, color=colour, label=part)
            if share > 0.045:
                ink = "white" if colour in DARK else INK
                axes.text(left + share / 2, place, f"{share:.0%}", ha="center", va="center", color=ink, fontsize=10)
            left += share
        said.append(f"{name}, {amount(total)}s: " + ", ".join(f"{part} {s / total:.0%}" for part, s in parts.items()))
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    titled(axes, title)
    axes.legend(drawn.values(), drawn, ncols=len(drawn), loc="upper left", bbox_to_anchor=(0, 0), frameon=False)
    axes.spines[:].set_visible(False)
    return Picture(figure, f"{title}. " + "; ".join(said) + ".")


def checkpoint(path: str | Path) -> Picture:
    """Draw what is in a file of arrays, an .npz: one bar for each, as long as its bytes, on a logarithmic scale."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    figure, (axes,) = sheet(8.5, 1 + 0.27 * len(arrays))
    groups = list(dict.fromkeys("/".join(name.split("/")[1:3]) for name in arrays))
    for place, (name, array) in enumerate(arrays.items()):
        colour = hue(groups.index("/".join(name.split("/")[1:3])))
        axes.barh(place, array.nbytes, color=colour, height=0.75)
        about = "text" if name == "json" else f"{array.dtype} {array.shape}"
        axes.text(array.nbytes * 1.2, place, f"{array.nbytes:,} B, {about}", va="center", fontsize=8, color=INK)
    most = max(array.nbytes for array in arrays.values())
    axes.set_xscale("log")
    axes.set_xlim(1, most * 100)
    axes.set_yticks(range(len(arrays)), arrays, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("bytes, logarithmic")
    title = f"What is in the file: {len(arrays)} arrays"
    titled(axes, title)
    said = "; ".join(f"{name} {array.nbytes:,} bytes" for name, array in arrays.items())
    return Picture(figure, f"{title}. {said}.")


# A training step, watched.
def memory(step: Callable[[], Any]) -> Picture:
    """Run `step`, one training step, and draw how many bytes of arrays live at each moment of it, by when they were made.

    Forward is what comes before the first `backward()`, update all that comes after it. The bytes are measured: NumPy
    tells tracemalloc of every array, and they are counted when a function returns, so that arrays that come and go
    within one are not seen, and neither are changes by less than 0.5 %. Of what was there before, the parameters are
    shown. A ValueError if `step` cannot be called or never goes backward.
    """
    if not callable(step):
        given = type(step).__name__
        raise ValueError(
            f"show.memory wants a function that runs one training step, not its result; this is of type {given}"
        )
    watch = _Watch()
    watch.run(step)
    if not watch.parameters:
        raise ValueError("this step never went backward: show.memory wants one that calls backward() on its loss")
    bands = {"parameters, there before": np.full(len(watch.moments), watch.parameters)}
    for phase, name in enumerate(("made going forward", "made going backward", "made in the update")):
        bands[name] = np.array([bytes_[phase] for _, bytes_ in watch.moments])
    phases = np.array([phase for phase, _ in watch.moments])
    total = sum(bands.values())
    figure, (axes,) = sheet(8, 4)
    below, edges = np.zeros(len(total)), np.arange(len(total) + 1)
    for number, (name, band) in enumerate(bands.items()):
        top = below + band
        style = {"facecolor": hue((6, 3, 1, 4)[number]), "hatch": ("", "//", "..", "xx")[number], "edgecolor": "white"}
        axes.fill_between(edges, [*below, below[-1]], [*top, top[-1]], step="post", label=name, linewidth=0, **style)
        below = top
    axes.step(edges, [*total, total[-1]], where="post", color=INK, linewidth=1)
    peak = int(total.argmax())
    axes.set_ylim(0, 1.25 * total.max())
    for phase, name in enumerate(PHASES):
        own = np.flatnonzero(phases == phase)
        axes.axvline(own[0], color=INK, linewidth=0.8, linestyle=":")
        axes.text((own[0] + own[-1] + 1) / 2, 1.17 * total.max(), name, ha="center", color=INK, fontsize=11)
    label = f"{amount(total[peak])}B\n▼"
    axes.text(peak + 0.5, total[peak], label, ha="center", va="bottom", color=INK, linespacing=0.9)
    axes.yaxis.set_major_formatter(lambda value, _: f"{amount(value)}B")
    axes.set(xlabel="each time the arrays in memory change, in order", ylabel="bytes of arrays", xlim=(0, len(total)))
    axes.grid(axis="y", color=EMPTY)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9, frameon=False)
    title = f"Memory in one training step: at most {amount(total[peak])}B"
    titled(axes, title)
    ends = {name: [np.flatnonzero(phases == phase)[-1] for phase in range(3)] for name in bands}
    said = "; ".join(
        f"{name}: " + ", ".join(f"{amount(band[end])}B after {phase}" for end, phase in zip(ends[name], PHASES))
        for name, band in bands.items()
    )
    return Picture(figure, f"{title}, in {PHASES[phases[peak]]}. {said}.")


class _Watch:
    """Counts the bytes of arrays while a step runs, each time a function returns."""

    def __init__(self) -> None:
        self.moments: list[tuple[int, list[int]]] = []  # phase, and bytes by the phase in which they were made
        self.parameters = 0  # bytes
        self.phase = 0
        self.traced = 0  # bytes of all kinds, Python's objects too, when they were last looked at
        self.born: dict[Any, int] = {}  # call stack of an allocation -> phase in which it was first seen
        self.going_back: Any = None  # the frame of backward()

    def run(self, step: Callable[[], Any]) -> None:
        if tracemalloc.is_tracing():
            raise ValueError("tracemalloc is at work already, and its counts would mix: call tracemalloc.stop() first")
        before = sys.getprofile()
        tracemalloc.start(FRAMES)
        sys.setprofile(self.see)
        try:
            step()
        finally:
            sys.setprofile(before)
            self.count()
            tracemalloc.stop()

    def see(self, frame: Any, event: str, result: Any) -> None:
        if event == "call" and frame.f_code.co_name == "backward" and self.phase == 0:
            loss = frame.f_locals.get("self")
            if getattr(loss, "node", None) is not None:
                self.count()
                self.parameters = _parameters(loss)
                self.phase, self.going_back = 1, frame
        elif event == "return" and frame is self.going_back:
            self.count()
            self.phase, self.going_back = 2, None
        elif event == "return" and abs(tracemalloc.get_traced_memory()[0] - self.traced) > SEEN * self.traced:
            self.count()

    def count(self) -> None:
        """Note the bytes of all arrays."""
        alive = [0, 0, 0]
        for trace in tracemalloc.take_snapshot().traces:
            if trace.domain == np.lib.tracemalloc_domain:
                alive[self.born.setdefault(trace.traceback, self.phase)] += trace.size
        if not self.moments or self.moments[-1] != (self.phase, alive):
            self.moments.append((self.phase, alive))
        self.traced = tracemalloc.get_traced_memory()[0]


def _parameters(loss: Any) -> int:
    """The bytes of the parameters behind a loss. (Its Graph has cycles, and would keep every array of the step alive.)"""
    inputs = [x for node in in_order(loss.node) for x in node.inputs]
    leaves = {id(x): x for x in inputs if getattr(x, "requires_grad", False) and x.node is None}
    return sum(leaf.array.nbytes for leaf in leaves.values())


def _ratio(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"
