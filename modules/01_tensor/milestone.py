"""Milestone 01: tell handwritten digits apart with nothing but your Tensor.

The average of all the zeros is a blurred zero. Make ten such mean images, and call a new image by the name of the
mean image it is nearest to. Run it from the folder of the course:

    python modules/01_tensor/milestone.py [--out DIR]
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are

import numpy as np
from matplotlib.figure import Figure

from tinytorch.tensor import Tensor, arange, stack
from tito.datasets import digits

HELD_OUT = 450  # images that the means never see
SEED = 1


def main():
    parser = argparse.ArgumentParser(
        description="Classify handwritten digits by the nearest mean image."
    )
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    out = parser.parse_args().out

    images, labels = load()
    train, held_out = slice(HELD_OUT, None), slice(HELD_OUT)
    means = mean_images(images[train], labels[train])
    guesses = nearest(images[held_out], means)
    correct = guesses == labels[held_out]

    print(
        f"{len(images)} images of 8 × 8 pixels: {len(images) - HELD_OUT} to learn from, {HELD_OUT} held out"
    )
    right = 100 * correct.mean().item()
    print(f"{right:.1f} % of the held-out images named correctly, by the nearest mean image;")
    print(f"{HELD_OUT - correct.sum().item()} errors. Guessing would name about 10 % correctly.")
    print(f"picture: {draw(means, images[held_out], labels[held_out], guesses, out)}")


def load():
    """All images, as rows of 64 values from 0 to 1, and their labels, in an order that is mixed but fixed."""
    images, labels = digits()
    order = np.random.default_rng(SEED).permutation(len(images))
    return Tensor(images)[order].flatten(1), Tensor(labels)[order]  # (1797, 64), (1797,)


def mean_images(images, labels):
    """The mean of the images of each digit, (10, 64)."""
    return stack([images[labels == digit].mean(dim=0) for digit in range(10)])


def nearest(images, means):
    """For each of the n images the number of the nearest mean, (n,).

    The squared distance of x and m is x·x - 2 x·m + m·m. x·x is the same for all means, so it may be left out. What
    remains is one matrix product for all images and all means.
    """
    squares = (means * means).sum(dim=1)  # (10,)
    return (2 * images @ means.T - squares).argmax(dim=1)  # (n, 64) @ (64, 10) -> (n, 10)


def draw(means, images, labels, guesses, folder):
    """Save a picture of the mean images and of the first ten errors; return its path."""
    wrong = arange(len(labels))[guesses != labels][:10]
    figure = Figure(figsize=(10, 3.2), layout="constrained")
    figure.suptitle(
        "Above: the mean image of each digit. Below: errors, with the true digit and the guess."
    )
    axes = figure.subplots(2, 10)
    for column in range(10):
        show(axes[0, column], means[column], str(column))
    for column in range(10):
        axes[1, column].axis("off")
    for column, i in enumerate(wrong.tolist()):
        show(axes[1, column], images[i], f"{labels[i].item()}, not {guesses[i].item()}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "01_tensor.png"
    figure.savefig(path, dpi=120)
    return path


def show(axes, image, title):
    axes.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    axes.set_title(title, fontsize=10)
    axes.axis("off")


if __name__ == "__main__":
    main()
