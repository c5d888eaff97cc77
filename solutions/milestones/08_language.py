"""Milestone 08: names that nobody has, and a ladder of held-out losses with an empty rung for the GPT.

A table of bigrams and a small network learn first names, of which a tenth is held out, and invent new ones. Then n-grams
of order 1 to 6 learn eight plays, but for the last tenth, and are measured on it. Run it from the folder of the course:

    python modules/08_language/milestone.py [--quick] [--out DIR]

`--quick` takes one seed instead of five for the names, and a fifth of the text for the plays.
"""

import argparse
import math
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small are faster on one core

import numpy as np

from tinytorch.autograd import Tensor, no_grad
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.language import (
    MLP,
    NGram,
    bigram_counts,
    hold_out,
    mean_nats,
    row_probabilities,
    sample_token,
)
from tinytorch.optimizers import AdamW, OneCycleLR
from tinytorch.tensor import manual_seed
from tinytorch.tokenization import CharTokenizer
from tinytorch.training import DataLoader, TensorDataset, Trainer, random_split
from tito import show
from tito.datasets import names, shakespeare

LENGTH, EPOCHS = 4, 8  # letters before the next one; passes over the names
ORDERS = range(1, 7)


def main():
    parser = argparse.ArgumentParser(description="Invent names, and set up the ladder of losses.")
    parser.add_argument(
        "--quick", action="store_true", help="one seed for the names, a fifth of the plays"
    )
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    arguments = parser.parse_args()

    people = names()
    letters = CharTokenizer("." + "".join(people))
    runs = [learn_names(people, letters, seed) for seed in range(1 if arguments.quick else 5)]
    print(
        f"{len(people):,} first names, a tenth of them held out; nats a letter, guessing {math.log(len(letters)):.3f}"
    )
    for what in ("counting bigrams", "network"):
        each = [run[what] for run in runs]
        print(
            f"{what}: {np.mean(each):.3f} on average; each seed: {', '.join(f'{v:.3f}' for v in each)}"
        )
    new = [name for name in runs[0]["names"] if name not in people]
    print(
        f"{len(new)} of {len(runs[0]['names'])} that it invents are not in the list: {', '.join(new[:12])}"
    )

    learn, held_out = hold_out(shakespeare())
    if arguments.quick:
        learn, held_out = learn[: len(learn) // 5], held_out[: len(held_out) // 5]
    print(f"plays: {len(learn):,} characters learnt, {len(held_out):,} held out; nats a character:")
    ladder = {"guessing": math.log(len(set(learn)))}
    for order in ORDERS:
        start = time.perf_counter()
        ladder[f"{order}-gram"] = NGram(learn, order).nats(held_out)
        print(
            f"    {order}-gram {ladder[f'{order}-gram']:.3f}, {time.perf_counter() - start:.0f} s"
        )
    print(f"picture: {draw(ladder, arguments.out)}")
    network, table = (
        np.mean([run[what] for run in runs]) for what in ("network", "counting bigrams")
    )
    if network > table - 0.2:  # with five seeds it was 0.35 to 0.40
        sys.exit(f"The network should be well below the table: {network:.3f} against {table:.3f}.")


def learn_names(people, letters, seed):
    """Held-out nats a letter of a table and of a network, and names that the network invents."""
    generator = np.random.default_rng(seed)
    parts = random_split(people, [0.9, 0.1], generator=generator)
    learn, held_out = ([part[i] for i in range(len(part))] for part in parts)
    table = row_probabilities(bigram_counts(row(learn, letters), len(letters)))
    manual_seed(seed)
    model = MLP(len(letters), LENGTH, features=16, hidden=128)
    data = DataLoader(
        TensorDataset(*contexts(learn, letters)), 64, shuffle=True, generator=generator
    )
    exam = DataLoader(TensorDataset(*contexts(held_out, letters)), 4096)
    optimizer = AdamW(model.parameters(), lr=0.005, weight_decay=0.05)
    schedule = OneCycleLR(optimizer, max_lr=0.005, epochs=EPOCHS, steps_per_epoch=len(data))
    trainer = Trainer(
        model, CrossEntropyLoss(), optimizer, schedule, schedule_each="batch", clip=1.0
    )
    trainer.fit(data, epochs=EPOCHS)
    return {
        "counting bigrams": mean_nats(table, row(held_out, letters)),
        "network": trainer.evaluate(exam)["loss"],
        "names": [invent(model, letters, generator) for _ in range(30)],
    }


def row(people, letters):
    return letters.encode("." + ".".join(people) + ".")


def contexts(people, letters):
    """The letters of each name with those before them: (n, LENGTH) and (n,); 0, the stop, where there is none."""
    padded = [[0] * LENGTH + letters.encode(name) + [0] for name in people]
    pairs = [(ids[i - LENGTH : i], ids[i]) for ids in padded for i in range(LENGTH, len(ids))]
    return np.array([before for before, _ in pairs]), np.array([token for _, token in pairs])


def invent(model, letters, generator):
    ids = [0] * LENGTH
    with no_grad():
        while len(ids) == LENGTH or (ids[-1] and len(ids) < 20):
            scores = model(Tensor(np.array([ids[-LENGTH:]])))
            ids.append(sample_token(scores.numpy()[0], 0.8, generator))
    return letters.decode(ids[LENGTH:]).rstrip(".")


def draw(ladder, folder):
    """Save a picture of the ladder, with a place for the GPT; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "08_language.png"
    rungs = ladder | {"GPT, module 10": None}
    show.rungs(rungs, "Held-out loss on eight plays", "nats a character").save(path)
    return path


if __name__ == "__main__":
    main()
