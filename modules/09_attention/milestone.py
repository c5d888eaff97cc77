"""Milestone 09: attention reverses, sorts and adds; without it, the same model cannot.

Three tasks, each learnt from examples that are drawn anew for every step: ten digits in reverse, ten digits sorted, and
the sum of two numbers of three digits. What counts is the share of fresh examples whose whole answer is right. Beside it
stands the same model with attention taken out. Run it from the folder of the course:

    python modules/09_attention/milestone.py [--quick] [--out DIR]

`--quick` reverses and sorts five digits, in fewer steps, and adds nothing.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small are faster on one core

import numpy as np

from tinytorch.attention import Positions, SelfAttention
from tinytorch.autograd import Tensor, no_grad
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.layers import GELU, Embedding, LayerNorm, Linear, Module, Sequential
from tinytorch.optimizers import AdamW, OneCycleLR, clip_grad_norm_
from tinytorch.tensor import manual_seed
from tito import show

FEATURES, HEADS, LAYERS, BATCH = 64, 4, 2, 64
SIGNS = "0123456789=+"
TESTED = 1000  # fresh examples


class Layer(Module):
    """Attention, then a small network at each position, each added to what was there."""

    def __init__(self, attends):
        self.attends = attends
        self.before, self.attention = LayerNorm(FEATURES), SelfAttention(FEATURES, HEADS)
        self.then = LayerNorm(FEATURES)
        self.think = Sequential(
            Linear(FEATURES, 4 * FEATURES), GELU(), Linear(4 * FEATURES, FEATURES)
        )

    def forward(self, x):
        if self.attends:
            x = x + self.attention(self.before(x))
        return x + self.think(self.then(x))


class Solver(Module):
    """Reads signs and scores the next one at each position: (batch, n) -> (batch, n, signs)."""

    def __init__(self, longest, attends=True):
        self.signs, self.positions = Embedding(len(SIGNS), FEATURES), Positions(longest, FEATURES)
        self.layers = Sequential(*(Layer(attends) for _ in range(LAYERS)))
        self.last, self.scores = LayerNorm(FEATURES), Linear(FEATURES, len(SIGNS))

    def forward(self, ids):
        return self.scores(self.last(self.layers(self.positions(self.signs(ids)))))


def reverse(digits):
    """Examples for both tasks on rows of digits: the question, and the answer."""

    def draw(count, rng):
        question = rng.integers(0, 10, (count, digits))
        return question, question[:, ::-1]

    return draw


def order(digits):
    def draw(count, rng):
        question = rng.integers(0, 10, (count, digits))
        return question, np.sort(question, axis=1)

    return draw


def add(digits):
    """a + b, and the sum from its last digit on, as one adds on paper."""

    def draw(count, rng):
        a, b = rng.integers(0, 10**digits, (2, count))
        places = 10 ** np.arange(digits)[::-1]
        spelt = [number[:, None] // places % 10 for number in (a, b)]
        plus = np.full((count, 1), SIGNS.index("+"))
        total = (a + b)[:, None] // 10 ** np.arange(digits + 1) % 10
        return np.concatenate([spelt[0], plus, spelt[1]], axis=1), total

    return draw


def tasks(quick):
    """For each task how examples are drawn, and how many steps it is learnt for."""
    if quick:
        return {
            "reverse 5 digits": (reverse(5), 100),
            "sort 5 digits": (order(5), 200),
        }
    return {
        "reverse 10 digits": (reverse(10), 600),
        "sort 10 digits": (order(10), 1000),
        "add 3-digit numbers": (add(3), 1500),
    }


def main():
    parser = argparse.ArgumentParser(
        description="Let attention reverse, sort and add, and take it out."
    )
    parser.add_argument("--quick", action="store_true", help="shorter tasks and fewer steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where the picture goes"
    )
    arguments = parser.parse_args()
    shown = None
    for name, (draw, steps) in tasks(arguments.quick).items():
        right = {}
        for attends in (True, False):
            start = time.perf_counter()
            model = learn(draw, steps, attends, arguments.seed)
            right[attends] = solved(model, draw, np.random.default_rng(arguments.seed + 1))
            seconds = time.perf_counter() - start
            if attends:
                shown, took = shown or (model, draw), seconds
        print(
            f"{name}, {steps} steps, {took:.0f} s: {right[True]:.1%} of {TESTED:,} fresh examples wholly right; "
            f"without attention {right[False]:.1%}"
        )
    print(f"picture: {picture(*shown, arguments.out)}")


def written(question, answer):
    """Question, an equals sign, answer: one row of signs for each example."""
    equals = np.full((len(question), 1), SIGNS.index("="))
    return np.concatenate([question, equals, answer], axis=1)


def learn(draw, steps, attends, seed):
    """A model that was trained on fresh examples in every step; only what comes after = counts."""
    manual_seed(seed)
    rng = np.random.default_rng(seed)
    length = written(*draw(1, rng)).shape[1]
    model, loss_function = Solver(length, attends), CrossEntropyLoss()
    optimizer = AdamW(model.parameters(), lr=0.002)
    schedule = OneCycleLR(optimizer, max_lr=0.002, total_steps=steps)
    for _ in range(steps):
        question, answer = draw(BATCH, rng)
        rows = written(question, answer)
        scores = model(Tensor(rows[:, :-1]))[:, question.shape[1] :]
        loss = loss_function(scores.reshape(-1, len(SIGNS)), Tensor(answer.reshape(-1)))
        optimizer.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return model


def solved(model, draw, rng):
    """The share of fresh examples that the model, writing sign after sign, answers without a fault."""
    question, answer = draw(TESTED, rng)
    rows = written(question, answer[:, :0])
    with no_grad():
        for _ in range(answer.shape[1]):
            next_sign = model(Tensor(rows)).numpy()[:, -1].argmax(axis=-1)
            rows = np.concatenate([rows, next_sign[:, None]], axis=1)
    return (rows[:, question.shape[1] + 1 :] == answer).all(axis=1).mean()


def picture(model, draw, folder):
    """Save where the heads of the model that reverses look; return the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "09_attention.png"
    row = written(*draw(1, np.random.default_rng(5)))[:, :-1]
    show.attention(model, Tensor(row), [SIGNS[sign] for sign in row[0]]).save(path)
    return path


if __name__ == "__main__":
    main()
