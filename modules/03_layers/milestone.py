"""Milestone 03: what a model knows before it has learnt anything.

A classifier for ten digits, fresh from its starting values, looks at 1797 images. The loss of an image is minus the
logarithm of the probability that the model gives to the right digit. Before any training that comes out as log 10,
and the picture shows why. Run it from the folder of the course:

    python modules/03_layers/milestone.py [--out DIR]
"""

import argparse
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are

import numpy as np
from matplotlib.figure import Figure

from tinytorch.autograd import Tensor, no_grad
from tinytorch.layers import Flatten, Linear, LogSoftmax, ReLU, Sequential
from tinytorch.tensor import arange, manual_seed
from tito.datasets import digits

SEED = 0
TIMES = 10  # how much larger the weights are in the second attempt


def main():
    parser = argparse.ArgumentParser(description="The loss of a classifier that is not trained.")
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    out = parser.parse_args().out

    images, labels = (Tensor(array) for array in digits())
    model = fresh_model()
    size = sum(parameter.numel() for parameter in model.parameters())
    start = right_logarithms(model, images, labels)
    named = 100 * (model(images).argmax(dim=1) == labels).mean().item()
    with no_grad():
        for parameter in model.parameters():
            parameter *= TIMES
    large = right_logarithms(model, images, labels)

    print(f"{len(images)} digits, and a network of {size:,} parameters that has learnt nothing")
    print(f"mean loss {loss(start):.3f}, and log 10 is {math.log(10):.3f}:")
    print(f"each digit gets a probability of about one tenth; {named:.1f} % are named correctly")
    ruled_out = 100 * (np.exp(large) < 0.001).mean()
    print(f"weights {TIMES} times as large: mean loss {loss(large):.1f};")
    print(f"the right digit gets less than 0.001 for {ruled_out:.0f} % of the images")
    print(f"picture: {draw(images, labels, start, large, out)}")


def fresh_model():
    """A network from images (n, 8, 8) to the logarithms of ten probabilities, (n, 10)."""
    manual_seed(SEED)
    return Sequential(Flatten(), Linear(64, 64), ReLU(), Linear(64, 10), LogSoftmax(dim=1))


def right_logarithms(model, images, labels):
    """The logarithm of the probability that the model gives to the right digit of each image: (n,)."""
    with no_grad():
        return model(images)[arange(len(labels)), labels].numpy()


def loss(logarithms):
    """The mean of -log p, where p is the probability of the right digit."""
    return -logarithms.mean()


def draw(images, labels, start, large, folder):
    """Save a picture: the probabilities of the right digits, and the loss by the size of the weights."""
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    figure.suptitle("A classifier of ten digits that has learnt nothing")
    left, middle, right = figure.subplots(1, 3)
    for axes, values, title in (
        (left, start, "Linear's own start"),
        (middle, large, f"weights {TIMES} times as large"),
    ):
        axes.hist(np.exp(values), bins=50, range=(0, 1), color="#0072b2")
        axes.axvline(0.1, color="#d55e00", linestyle="--", label="one tenth")
        axes.set_title(f"{title}: mean loss {loss(values):.2f}", fontsize=11)
        axes.set_xlabel("probability of the right digit")
        axes.set_ylabel("images")
        axes.legend(frameon=False)
    factors = [2.0**k for k in range(-4, 5)]
    losses = []
    for factor in factors:
        model = fresh_model()
        with no_grad():
            for parameter in model.parameters():
                parameter *= factor
        losses.append(loss(right_logarithms(model, images, labels)))
    right.plot(factors, losses, marker="o", color="#0072b2")
    right.axhline(math.log(10), color="#d55e00", linestyle="--", label="log 10")
    right.set_xscale("log", base=2)
    right.set_yscale("log")
    right.set_xticks([1 / 16, 1 / 4, 1, 4, 16], ["1/16", "1/4", "1", "4", "16"])
    right.set_yticks([2.3, 5, 10, 20, 40], ["2.3", "5", "10", "20", "40"])
    right.minorticks_off()
    right.set_title("Surer is not better", fontsize=11)
    right.set_xlabel("all weights, times")
    right.set_ylabel("mean loss, logarithmic")
    right.legend(frameon=False)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "03_layers.png"
    figure.savefig(path, dpi=120)
    return path


if __name__ == "__main__":
    main()
