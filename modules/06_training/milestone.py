"""Milestone 06: two networks read handwritten digits, trained by nothing but your framework.

A perceptron and a small convolutional network, each trained five times, with five seeds that were not chosen and five
splits. What counts is the mean over all five, after the last epoch, on images that the network has never seen. No run
is left out, and no epoch is picked. Run it from the folder of the course:

    python modules/06_training/milestone.py [--out DIR]
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small are faster on one core

import numpy as np
from matplotlib.figure import Figure

from tinytorch.autograd import Tensor
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.layers import (
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
)
from tinytorch.optimizers import Adam, OneCycleLR
from tinytorch.tensor import manual_seed
from tinytorch.training import (
    DataLoader,
    TensorDataset,
    Trainer,
    accuracy,
    confusion_matrix,
    predict,
    random_split,
)
from tito import show
from tito.datasets import digits

SEEDS = range(5)
HELD_OUT = 360  # of 1797 images, drawn anew for each seed
BATCH = 64


def perceptron():
    return Sequential(
        Flatten(),
        Linear(64, 128),
        BatchNorm1d(128),
        ReLU(),
        Dropout(0.3),
        Linear(128, 10),
    )


def convolutional():
    return Sequential(
        Conv2d(1, 12, 3, padding=1),
        BatchNorm2d(12),
        ReLU(),
        Conv2d(12, 24, 3, padding=1),
        BatchNorm2d(24),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Dropout(0.25),
        Linear(24 * 4 * 4, 10),
    )


NETWORKS = {"perceptron": (perceptron, 40), "convolutional": (convolutional, 10)}  # epochs


def main():
    parser = argparse.ArgumentParser(description="Train two networks on handwritten digits.")
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    out = parser.parse_args().out

    images, labels = digits()
    data = TensorDataset(Tensor(images[:, None]), Tensor(labels))  # (1797, 1, 8, 8), (1797,)
    print(
        f"{len(data)} images, five seeds: each time {len(data) - HELD_OUT} drawn to learn from, {HELD_OUT} held out"
    )
    runs = {}
    for name, (network, epochs) in NETWORKS.items():
        runs[name] = [train(network, epochs, data, seed) for seed in SEEDS]
        shares = [run["history"]["validation_accuracy"][-1] for run in runs[name]]
        each = ", ".join(f"{share:.2%}" for share in shares)
        seconds = np.mean([run["seconds"] for run in runs[name]])
        print(f"{name}: {np.mean(shares):.2%} of the held-out images read correctly on average")
        print(
            f"    seeds 0 to 4: {each}; {runs[name][0]['size']:,} parameters, {seconds:.1f} s each"
        )
    print(f"picture: {draw(runs, out)}")


def train(network, epochs, data, seed):
    """One run: what was measured, the confusion matrix on the held-out images, how long it took."""
    start = time.perf_counter()
    generator = np.random.default_rng(seed)
    learn, held_out = random_split(data, [len(data) - HELD_OUT, HELD_OUT], generator=generator)
    batches = DataLoader(learn, BATCH, shuffle=True, generator=generator)
    held_out_batches = DataLoader(held_out, HELD_OUT)
    manual_seed(seed)
    model = network()
    optimizer = Adam(model.parameters(), lr=0.01)
    schedule = OneCycleLR(optimizer, max_lr=0.01, epochs=epochs, steps_per_epoch=len(batches))
    trainer = Trainer(
        model,
        CrossEntropyLoss(),
        optimizer,
        scheduler=schedule,
        schedule_each="batch",
        metrics=[accuracy],
    )
    history = trainer.fit(batches, held_out_batches, epochs=epochs)
    return {
        "history": history,
        "confusion": confusion_matrix(*predict(model, held_out_batches)).numpy(),
        "size": sum(p.numel() for p in model.parameters()),
        "seconds": time.perf_counter() - start,
    }


def draw(runs, folder):
    """Save a picture of all learning curves, and of the errors of all runs; return its path."""
    figure = Figure(figsize=(15, 9), layout="constrained")
    parts = []
    for row, (name, results) in zip(figure.subfigures(2, 1), runs.items()):
        row.suptitle(f"{name}: five runs, none left out")
        left, right = row.subfigures(1, 2, width_ratios=[2, 1])
        histories = [run["history"] for run in results]
        parts.append(show.training([curves_of(history) for history in histories], into=left))
        parts.append(show.confusion(sum(run["confusion"] for run in results), into=right))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "06_training.png"
    show.Picture(figure, " ".join(part.alt for part in parts)).save(path)
    return path


def curves_of(history):
    """The history without the learning rate, which is the same in all runs."""
    return {name: values for name, values in history.items() if name != "lr"}


if __name__ == "__main__":
    main()
