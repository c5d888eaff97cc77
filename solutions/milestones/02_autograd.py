"""Milestone 02: fit a line and a curve to points with nothing but your gradients.

Both are found in the same way. Begin anywhere, compute how far off the points are, go back for the gradients, and move
every parameter a little against its own. Run it from the folder of the course:

    python modules/02_autograd/milestone.py [--out DIR]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are

import numpy as np
from matplotlib.figure import Figure

from tinytorch.autograd import Tensor, no_grad

SEED = 2
NOISE = 0.15  # how far the points are scattered around the truth
BUMPS = 8


def main():
    parser = argparse.ArgumentParser(description="Fit a line and a curve by gradient descent.")
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    out = parser.parse_args().out
    rng = np.random.default_rng(SEED)

    line = fit(
        lambda x: 0.8 * x - 0.5,
        model=lambda x, slope, offset: slope * x + offset,
        parameters=[Tensor(-1, requires_grad=True), Tensor(1.5, requires_grad=True)],
        points=points(rng, 40),
        rate=0.1,
        stages=[0, 2, 5, 12, 60],
    )
    slope, offset = (p.item() for p in line.parameters)
    print(
        f"line:  loss {line.losses[0]:.3f} at first, {line.losses[-1]:.3f} after {line.steps} steps;"
    )
    print(f"       y = {slope:.2f} x {offset:+.2f}; the points were made with y = 0.80 x -0.50")

    curve = fit(
        lambda x: np.sin(2.5 * x) + 0.3 * x,
        model=bumps,
        parameters=[
            Tensor(np.zeros(BUMPS, np.float32), requires_grad=True),  # heights
            Tensor(np.linspace(-2, 2, BUMPS, dtype=np.float32), requires_grad=True),  # centres
            Tensor(np.ones(BUMPS, np.float32), requires_grad=True),  # how narrow they are
        ],
        points=points(rng, 120),
        rate=0.05,
        stages=[0, 10, 40, 200, 2000],
    )
    print(
        f"curve: loss {curve.losses[0]:.3f} at first, {curve.losses[-1]:.3f} after {curve.steps} steps,"
    )
    print(f"       with {3 * BUMPS} parameters; the noise in the points alone makes {NOISE**2:.3f}")
    print(f"picture: {draw(line, curve, out)}")


def points(rng, count):
    """Places from -2 to 2 and their noise, both (count,)."""
    places = np.sort(rng.uniform(-2, 2, count)).astype(np.float32)
    return places, NOISE * rng.standard_normal(count).astype(np.float32)


def bumps(x, heights, centres, narrowness):
    """A sum of bell-shaped bumps: (n,) and three times (b,) -> (n,)."""
    apart = (x.unsqueeze(1) - centres) * narrowness  # (n, 1) and (b,) -> (n, b)
    return (heights * (-apart * apart).exp()).sum(dim=1)


class Fit:
    """What came of a fit: the points, the parameters, the loss at each step, and the curve at some of them."""

    def __init__(self, x, y, parameters, steps):
        self.x, self.y, self.parameters, self.steps = x, y, parameters, steps
        self.losses = []
        self.stages = []  # (step, predictions at `grid`)
        self.grid = np.linspace(-2.1, 2.1, 200, dtype=np.float32)


def fit(truth, model, parameters, points, rate, stages):
    """Gradient descent: move the parameters against their gradients, and keep what the model says at each stage."""
    places, noise = points
    x, y = Tensor(places), Tensor(truth(places) + noise)
    found = Fit(x, y, parameters, stages[-1])
    for step in range(found.steps + 1):
        apart = model(x, *parameters) - y
        loss = (apart * apart).mean()
        found.losses.append(loss.item())
        if step in stages:
            with no_grad():
                found.stages.append((step, model(Tensor(found.grid), *parameters)))
        loss.backward()
        with no_grad():
            for p in parameters:
                p -= rate * p.grad
                p.grad = None
    return found


def draw(line, curve, folder):
    """Save a picture of both fits as they learn, and of their losses; return its path."""
    figure = Figure(figsize=(12, 4), layout="constrained")
    figure.suptitle("Learning by gradient descent: from pale to dark")
    left, middle, right = figure.subplots(1, 3)
    for axes, found, title, colour in (
        (left, line, "a line", "C0"),
        (middle, curve, "a curve", "C1"),
    ):
        axes.plot(found.x, found.y, ".", color="0.6", label="points")
        for number, (step, predictions) in enumerate(found.stages, 1):
            strength = number / len(found.stages)
            axes.plot(
                found.grid,
                predictions,
                color=colour,
                alpha=0.2 + 0.8 * strength**1.5,
                label=f"step {step}",
            )
        axes.set(title=f"Fitting {title}", xlabel="x", ylabel="y", ylim=(-3, 3))
        axes.legend(fontsize=8, loc="lower right")
        right.plot(np.arange(1, len(found.losses) + 1), found.losses, color=colour, label=title)
    right.axhline(NOISE**2, color="0.6", linestyle=":", label="noise of the points")
    right.set(title="The loss falls", xlabel="step, logarithmic", ylabel="loss, logarithmic")
    right.set(xscale="log", yscale="log")
    right.legend(fontsize=8)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "02_autograd.png"
    figure.savefig(path, dpi=120)
    return path


if __name__ == "__main__":
    main()
