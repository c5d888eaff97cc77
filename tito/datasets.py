"""Data for the course: real data that is kept in the repository, and small sets of points made from a seed."""

import gzip
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"


def digits():
    """The UCI handwritten digits: images (1797, 8, 8), float32 from 0 to 1, and labels (1797,), int64.

    The file holds ink counts from 0 to 16; they are divided by 16 here. `data/README.md` gives the source.
    """
    text = gzip.decompress((DATA / "digits.csv.gz").read_bytes()).decode("ascii")
    table = np.array(text.replace("\n", ",").rstrip(",").split(","), dtype=np.int64).reshape(-1, 65)
    images = table[:, :64].reshape(-1, 8, 8).astype(np.float32) / 16
    return images, table[:, 64].copy()


def xor(n=200, noise=0.15, seed=0):
    """Points around the corners of a square, of class 1 where the signs of x and y differ: (n, 2) and labels (n,)."""
    rng = np.random.default_rng(seed)
    corners = np.arange(n) % 4
    x, y = 2 * (corners // 2) - 1, 2 * (corners % 2) - 1
    return _mixed(rng, np.stack([x, y], axis=1), x != y, noise)


def spirals(n=400, noise=0.04, seed=0):
    """Points on two spirals that wind around each other one and a half times: (n, 2) and labels (n,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    along = np.sqrt(rng.uniform(0.02, 1, n))  # the root spreads the points evenly over the spiral's length
    angle = 3 * np.pi * along + np.pi * labels
    return _mixed(rng, along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), labels, noise)


def moons(n=400, noise=0.1, seed=0):
    """Points on two half circles that reach into each other: (n, 2) and labels (n,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _mixed(rng, np.where(labels[:, None], (1, 0.5) - upper, upper), labels, noise)


def _mixed(rng, points, labels, noise):
    """The points, with normal noise of this size, as float32 and the labels as int64, in an order that is mixed."""
    order = rng.permutation(len(points))
    points = points + noise * rng.standard_normal(points.shape)
    return points[order].astype(np.float32), np.asarray(labels)[order].astype(np.int64)
