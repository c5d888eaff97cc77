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
from tito import show
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
    figure = Figure(figsize=(15, 4.2), layout="constrained")
    left, middle, right = figure.subfigures(1, 3)
    left.suptitle("XOR, 8 hidden values")
    middle.suptitle("two spirals, 32 and 32 hidden values")
    right.suptitle("both")
    losses = {"XOR": xor_losses, "spirals": spiral_losses}
    parts = [
        show.boundary(bent, *xor(), into=left),
        show.boundary(winding, *spirals(), into=middle),
        show.curves(losses, "The loss at each step", "loss", log=True, into=right),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "04_backprop.png"
    show.Picture(figure, " ".join(part.alt for part in parts)).save(path)
    return path


if __name__ == "__main__":
    main()
