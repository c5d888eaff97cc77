"""The cases whose results are kept in `tests/framework/torch_values.npz`, and how they lie in that file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sides import run_layer, run_op, run_rule, run_schedule
from table import fill, layers, operations, rules, schedules

FILE = Path(__file__).parents[1] / "framework" / "torch_values.npz"
MOST = 700  # numbers in a case: larger ones are left to `make conformance`


class Case(NamedTuple):
    """A row of the table with one set of inputs. `run(side, inputs)` gives the results by name."""

    name: str
    inputs: list[np.ndarray]
    run: Callable[[Any, list[np.ndarray]], dict[str, np.ndarray]]


def cases(tt, torch=None) -> Iterator[Case]:
    """All cases, in float32."""
    for op in operations(tt, torch):
        for numbers in ("any", "ties", "special"):
            for n, (shapes, options) in enumerate(op.listed):
                inputs = [fill(shape, numbers, "float32", seed) for seed, shape in enumerate(shapes)]
                alone = bool(op.apart) and numbers == "special"  # without gradients
                yield Case(
                    f"{op.name}, {numbers} {n}",
                    inputs,
                    lambda side, x, op=op, options=options, alone=alone: only(
                        run_op(side, op, x, options), alone, "grad"
                    ),
                )
    for layer in layers():
        for n, shape in enumerate(layer.shapes):
            wanted = zip(shape, (layer.numbers, layer.target)) if layer.target else [(shape, layer.numbers)]
            inputs = [fill(size, numbers, "float32", seed) for seed, (size, numbers) in enumerate(wanted)]
            yield Case(
                f"{layer.title} {n}",
                inputs,
                lambda side, x, layer=layer: only(run_layer(side, layer, x), bool(layer.apart), "grad 0"),
            )
    for rule in rules():
        yield Case(rule.title, [], lambda side, _, rule=rule: run_rule(side, rule, every=10))
    for schedule in schedules():
        yield Case(
            f"{schedule.title} {schedule.rule.title}",
            [],
            lambda side, _, schedule=schedule: run_schedule(side, schedule),
        )


def only(results: dict, wanted: bool, prefix: str) -> dict:
    """The results without those that begin with `prefix`, if that is wanted."""
    return {k: v for k, v in results.items() if not (wanted and k.startswith(prefix))}


def save(file: Path, contents: dict[str, dict[str, np.ndarray]]) -> None:
    """Write the arrays of all cases, end to end by dtype, and an index that says where each is."""
    index: dict[str, dict] = {}
    flat: dict[str, list] = {}
    ends: dict[str, int] = {}
    for case, arrays in contents.items():
        index[case] = {}
        for name, array in arrays.items():
            kind = array.dtype.name
            index[case][name] = [kind, ends.setdefault(kind, 0), list(array.shape)]
            ends[kind] += array.size
            flat.setdefault(kind, []).append(array.ravel())
    text = np.frombuffer(json.dumps(index, separators=(",", ":")).encode(), np.uint8)
    np.savez_compressed(file, index=text, **{kind: np.concatenate(arrays) for kind, arrays in flat.items()})


def load(file: Path) -> dict[str, dict[str, np.ndarray]]:
    """What `save` wrote."""
    with np.load(file) as stored:
        flat = {name: stored[name] for name in stored.files}
    index = json.loads(flat.pop("index").tobytes())
    return {
        case: {
            name: flat[kind][start : start + int(np.prod(shape))].reshape(shape)
            for name, (kind, start, shape) in arrays.items()
        }
        for case, arrays in index.items()
    }
