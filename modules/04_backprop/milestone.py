"""Milestone 04: two networks learn, with your losses, your engine, and an update written by hand.

XOR is what no straight line can separate; two spirals need a curve that winds. Each network starts from random
weights, and takes steps against the gradient that your engine computes. Run it from the folder of the course:

    python modules/04_backprop/milestone.py [--out DIR]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are

import numpy as np
from matplotlib.figure import Figure

from tinytorch.autograd import Tensor, no_grad
from tinytorch.backprop import BCEWithLogitsLoss, CrossEntropyLoss
from tinytorch.layers import Linear, Sequential, Tanh
from tinytorch.tensor import manual_seed
from tito.datasets import spirals, xor

SEED = 4
HELD_OUT = 100  # the seed of points that the networks never see


def main():
    parser = argparse.ArgumentParser(description="Train networks on XOR and on two spirals.")
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    out = parser.parse_args().out
    manual_seed(SEED)

    line = Linear(2, 1)
    learn(line, BCEWithLogitsLoss(), *yes_or_no(xor()), steps=300, rate=1.0)
    bent = Sequential(Linear(2, 8), Tanh(), Linear(8, 1))
    xor_losses = learn(bent, BCEWithLogitsLoss(), *yes_or_no(xor()), steps=300, rate=1.0)
    held_out = xor(seed=HELD_OUT)
    print(f"XOR, a straight line:    {share(line, *held_out):5.1f} % of new points named correctly")
    print(f"XOR, a hidden layer:     {share(bent, *held_out):5.1f} %, after 300 steps")

    winding = Sequential(Linear(2, 32), Tanh(), Linear(32, 32), Tanh(), Linear(32, 2))
    points, labels = spirals()
    losses = learn(winding, CrossEntropyLoss(), Tensor(points), Tensor(labels), 2000, rate=0.5)
    held_out = spirals(seed=HELD_OUT)
    print(f"spirals, two of them:    {share(winding, *held_out):5.1f} %, after 2,000 steps")
    print(f"picture: {draw(bent, winding, xor_losses, losses, out)}")


def learn(model, loss_function, points, targets, steps, rate):
    """Take steps against the gradient on all points at once; return the loss before each."""
    losses = []
    for _ in range(steps):
        loss = loss_function(model(points), targets)
        model.zero_grad()
        loss.backward()
        with no_grad():
            for parameter in model.parameters():
                parameter -= rate * parameter.grad
        losses.append(loss.item())
    return losses


def yes_or_no(data):
    """Points and labels, as a model with one score wants them: (n, 2) and (n, 1)."""
    points, labels = data
    return Tensor(points), Tensor(labels, dtype=np.float32).reshape(-1, 1)


@no_grad()
def margin(model, points):
    """For each point by how much class 1 is ahead, in scores, (n,)."""
    scores = model(Tensor(points)).numpy()
    return scores[:, 0] if scores.shape[1] == 1 else scores[:, 1] - scores[:, 0]


def share(model, points, labels):
    """How many percent of the points the model names correctly."""
    return 100 * np.mean((margin(model, points) > 0) == (labels == 1))


def draw(bent, winding, xor_losses, spiral_losses, folder):
    """Save a picture of both boundaries and of the losses; return its path."""
    figure = Figure(figsize=(12, 4.2), layout="constrained")
    figure.suptitle(
        "What two networks learnt: blue is class 0, orange is class 1, and the line is where they tie"
    )
    left, middle, right = figure.subplots(1, 3)
    boundary(left, bent, xor(), "XOR, 8 hidden values")
    boundary(middle, winding, spirals(), "two spirals, 32 and 32 hidden values")
    right.plot(xor_losses, color="#009e73", label="XOR")
    right.plot(spiral_losses, color="#cc79a7", label="spirals")
    right.set_xlabel("step")
    right.set_ylabel("loss, logarithmic")
    right.set_yscale("log")
    right.set_title("the losses", fontsize=11)
    right.legend()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "04_backprop.png"
    figure.savefig(path, dpi=120)
    return path


def boundary(axes, model, data, title):
    """Colour the plane by the model's answer, and put the points on it."""
    points, labels = data
    reach = 1.1 * np.abs(points).max()
    across = np.linspace(-reach, reach, 200, dtype=np.float32)
    x, y = np.meshgrid(across, across)
    ahead = margin(model, np.stack([x.ravel(), y.ravel()], axis=1)).reshape(x.shape)
    axes.contourf(x, y, ahead > 0, levels=[-0.5, 0.5, 1.5], colors=["#cfe3f2", "#fbe3b8"])
    axes.contour(x, y, ahead, levels=[0], colors="#1f2933", linewidths=1)
    for label, colour, marker in ((0, "#0072b2", "o"), (1, "#d55e00", "^")):
        axes.scatter(
            *points[labels == label].T, s=9, color=colour, marker=marker, label=f"class {label}"
        )
    axes.set_title(title, fontsize=11)
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    axes.set_aspect("equal")
    axes.legend(loc="upper right", fontsize=8)


if __name__ == "__main__":
    main()
