"""Milestone 05: a race of your optimizers, through a curved valley and on handwritten digits.

All start from the same point, and see the same batches. A race is fair only if each may run at its own best learning
rate. So each tries all rates in a list, and the one with the lowest training loss at the end counts; images that are
held out have no say in it. (AdamW stays out of the valley, where there is no weight to decay.) Run it from the folder
of the course:

    python modules/05_optimizers/milestone.py [--out DIR]
"""

import argparse
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are

import numpy as np
from matplotlib.figure import Figure

from tinytorch.autograd import Tensor, no_grad
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.layers import Linear, Parameter, ReLU, Sequential
from tinytorch.optimizers import SGD, Adam, AdamW, RMSprop
from tinytorch.tensor import manual_seed
from tito.datasets import digits

SEED = 1
HELD_OUT = 450  # images that no optimizer sees
START = (-1.2, 1.0)  # where Rosenbrock himself began
STEPS = {"rosenbrock": 300, "digits": 200}
RATES = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"]
RUNNERS = {
    "SGD": (SGD, {}),
    "momentum": (SGD, {"momentum": 0.9}),
    "Nesterov": (SGD, {"momentum": 0.9, "nesterov": True}),
    "RMSprop": (RMSprop, {}),
    "Adam": (Adam, {}),
    "AdamW": (AdamW, {}),
}


def main():
    parser = argparse.ArgumentParser(
        description="Race the optimizers on Rosenbrock's valley and on digits."
    )
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    out = parser.parse_args().out

    valley = {name: best(through_the_valley, name) for name in RUNNERS if name != "AdamW"}
    steps = STEPS["rosenbrock"]
    print(f"Rosenbrock's valley, loss after {steps} steps:")
    print(folded(ranking(valley, "{:.1e}")))

    data = load()
    learnt = {name: best(lambda optimize: learn(optimize, *data), name) for name in RUNNERS}
    print(f"digits, loss after {STEPS['digits']} batches of 64:")
    print(folded(ranking(learnt, "{:.3f}")))
    accuracies = ", ".join(f"{name} {run['accuracy']:.1%}" for name, run in learnt.items())
    print("digits held out, named correctly:")
    print(folded(accuracies))
    print(
        f"each at the best of {len(RATES)} learning rates from {RATES[0]} to {RATES[-1]}, by training loss"
    )
    print(f"picture: {draw(valley, learnt, out)}")


def folded(text):
    """The text in lines that fit a terminal, indented."""
    return textwrap.fill(text, 70, initial_indent="    ", subsequent_indent="    ")


def best(run, name):
    """The run with the lowest final loss among those with the rates in RATES."""
    kind, options = RUNNERS[name]
    runs = []
    for lr in RATES:
        with np.errstate(all="ignore"):  # a rate that is too high leads to infinity
            found = run(lambda parameters, lr=lr: kind(parameters, lr=lr, **options))
        if np.isfinite(found["final"]):
            runs.append({**found, "lr": lr})
    return min(runs, key=lambda found: found["final"])


def rosenbrock(x, y):
    """A valley along y = x², flat in its bed, steep on its sides; the lowest point is (1, 1)."""
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def through_the_valley(optimize):
    """The path and the losses of an optimizer from START on."""
    x, y = Parameter(START[0]), Parameter(START[1])
    optimizer = optimize([x, y])
    path, losses = [], []
    for _ in range(STEPS["rosenbrock"]):
        optimizer.zero_grad()
        loss = rosenbrock(x, y)
        losses.append(loss.item())
        path.append((x.item(), y.item()))
        if not losses[-1] < 1e6:
            return {"final": np.inf}
        loss.backward()
        optimizer.step()
    return {"final": losses[-1], "losses": losses, "path": np.array(path)}


def load():
    """Images as rows of 64 values and labels, to learn from and held out, in an order that is mixed but fixed."""
    images, labels = digits()
    order = np.random.default_rng(SEED).permutation(len(images))
    images, labels = images[order].reshape(-1, 64), labels[order]
    return images[HELD_OUT:], labels[HELD_OUT:], images[:HELD_OUT], labels[:HELD_OUT]


def learn(optimize, images, labels, held_images, held_labels):
    """The losses of a small network batch by batch, and the share of held-out images it names correctly."""
    manual_seed(SEED)
    model = Sequential(Linear(64, 32), ReLU(), Linear(32, 10))
    optimizer, loss_function = optimize(model.parameters()), CrossEntropyLoss()
    rng, losses = np.random.default_rng(SEED), []
    for _ in range(STEPS["digits"]):
        batch = rng.integers(0, len(images), 64)
        optimizer.zero_grad()
        loss = loss_function(model(Tensor(images[batch])), Tensor(labels[batch]))
        losses.append(loss.item())
        if not losses[-1] < 1e6:
            return {"final": np.inf}
        loss.backward()
        optimizer.step()
    with no_grad():
        guesses = model(Tensor(held_images)).argmax(dim=1)
        accuracy = (guesses == held_labels).mean().item()
    return {"final": np.mean(losses[-20:]), "losses": losses, "accuracy": accuracy}


def ranking(runs, form):
    """The runs in a sentence, the lowest loss first."""
    order = sorted(runs, key=lambda name: runs[name]["final"])
    return ", ".join(f"{name} {form.format(runs[name]['final'])}" for name in order)


def draw(valley, learnt, folder):
    """Save the paths through the valley and the losses in both races; return the picture's path."""
    figure = Figure(figsize=(13, 4.4), layout="constrained")
    figure.suptitle("Six optimizers from the same start, each at the best of nine learning rates")
    paths, left, right = figure.subplots(1, 3)
    x, y = np.meshgrid(np.linspace(-1.6, 1.6, 300), np.linspace(-0.6, 1.8, 300))
    paths.contour(
        x, y, rosenbrock(x, y), levels=np.geomspace(0.05, 500, 12), colors="#9aa3ab", linewidths=0.5
    )
    paths.plot(*START, "o", color="#1f2933", markersize=7)
    paths.plot(1, 1, "*", color="#1f2933", markersize=13)
    for colour, name in zip(COLOURS, RUNNERS):
        if name in valley:
            label = f"{name}, lr {valley[name]['lr']}"
            paths.plot(*valley[name]["path"].T, color=colour, linewidth=1.4)
            left.plot(valley[name]["losses"], color=colour, linewidth=1.4, label=label)
        label = f"{name}, lr {learnt[name]['lr']}"
        smooth = np.convolve(learnt[name]["losses"], np.ones(10) / 10, "valid")
        right.plot(
            np.arange(10, len(smooth) + 10), smooth, color=colour, linewidth=1.4, label=label
        )
    paths.set(
        title="Rosenbrock's valley, from dot to star",
        xlabel="x",
        ylabel="y",
        xlim=(-1.6, 1.6),
        ylim=(-0.6, 1.8),
    )
    left.set(
        title="Rosenbrock's valley: loss", xlabel="step", ylabel="loss, logarithmic", yscale="log"
    )
    right.set(
        title="Digits: loss, mean of 10 batches",
        xlabel="batch",
        ylabel="loss, logarithmic",
        yscale="log",
    )
    left.legend(fontsize=8, loc="lower left")
    right.legend(fontsize=8, loc="upper right")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "05_optimizers.png"
    figure.savefig(path, dpi=120)
    return path


if __name__ == "__main__":
    main()
