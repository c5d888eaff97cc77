"""Milestone 10: a GPT learns eight plays, passes every n-gram on held-out text, and writes.

The last tenth of the plays is held out, before tokens are learnt, letters counted or weights trained. A GPT of 0.87 million
parameters then learns the rest, and is measured beside the n-grams of module 08, in nats a character. What it has become
goes into a file, from which `tito talk` writes. Stopped in between, it goes on where it stood. Run it from the folder of
the course:

    python modules/10_gpt/milestone.py [--quick | --long] [--seed N] [--out DIR]

`--quick` trains a small GPT for a few seconds, beside n-grams up to three letters. `--long` makes 8,000 steps with dropout,
beside the best that counting is known to do.
"""

import argparse
import math
import os
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))  # the folder of the course, where tinytorch/ and tito/ are
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # products this small are faster on one core

import numpy as np

from tinytorch.gpt import (
    GPT,
    EndlessLoader,
    Trainer,
    WarmupCosineLR,
    Writer,
    end_to_end,
    next_token_loss,
    parameter_groups,
    prepare_text,
)
from tinytorch.language import NGram, Windows, hold_out, nats_per_character
from tinytorch.layers import Dropout
from tinytorch.optimizers import AdamW
from tinytorch.tensor import manual_seed
from tinytorch.training import (
    Callback,
    Checkpoint,
    DataLoader,
    ProgressBar,
    load_checkpoint,
    save_checkpoint,
)
from tito import show
from tito.datasets import shakespeare

TOKENS, HEADS, BATCH = 512, 4, 16


@dataclass
class Plan:
    """How large the model is, how long it learns, and what it is measured beside."""

    name: str
    longest: int = 64
    features: int = 128
    layers: int = 4
    lr: float = 0.002
    steps: int = 2500
    every: int = 250  # steps between two measurements
    orders: int = 6  # n-grams up to this
    beside: str = "5-gram"  # what the model must be below
    dropout: float = 0.0  # the share that is left out of what each half of a block adds


PLANS = {
    "quick": Plan("10_gpt-quick", 32, 64, 2, 0.004, 200, 50, 3, "2-gram"),
    "full": Plan("10_gpt"),
    "long": Plan("10_gpt", steps=8000, every=500, dropout=0.1),
}


def main():
    parser = argparse.ArgumentParser(description="Train a GPT on eight plays, and let it write.")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="a small GPT, for a few seconds")
    length.add_argument("--long", action="store_true", help="8,000 steps, beside the best counting")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, default=Path(".tito/milestones"), help="where picture and model go"
    )
    arguments = parser.parse_args()
    plan = PLANS["quick" if arguments.quick else "long" if arguments.long else "full"]
    arguments.out.mkdir(parents=True, exist_ok=True)

    plays = shakespeare()
    learn, held_out = hold_out(plays)
    ladder = {f"{n}-gram": NGram(learn, n).nats(held_out) for n in range(1, plan.orders + 1)}
    if arguments.long:
        ladder["Kneser-Ney, 7"] = KneserNey(learn, 7).nats(held_out)
    print(f"{len(learn):,} characters learnt, {len(held_out):,} held out; nats a character:")
    print(*(f"    {name:13} {nats:.3f}" for name, nats in ladder.items()), sep="\n", flush=True)

    writer, curve, seconds = train(plays, plan, arguments.seed, arguments.out)
    save_checkpoint(arguments.out / f"{plan.name}.npz", writer=writer)
    (_, reached) = curve[-1]
    print(
        f"GPT: {reached:.3f} nats a character after {plan.steps:,} steps, {seconds:.0f} s; "
        f"{plan.beside} {ladder[plan.beside]:.3f}"
    )
    pieces = writer.write("ROMEO:", 80, generator=np.random.default_rng(arguments.seed))
    sample = "ROMEO:" + "".join(pieces)
    print(*(f"    {line}" for line in sample.splitlines()), sep="\n")
    print(f"picture: {draw(curve, ladder, sample, seconds, arguments.out)}")
    if reached > ladder[plan.beside]:
        sys.exit(f"The GPT should be below the {plan.beside}.")


def train(plays, plan, seed, folder):
    """A writer, what it reached on held-out text by steps, and the seconds that it took."""
    tokenizer, learn_ids, held_out_ids = prepare_text(plays, TOKENS)
    characters = len(hold_out(plays)[1])
    manual_seed(seed)
    model = GPT(len(tokenizer), plan.longest, plan.features, HEADS, plan.layers)
    if plan.dropout:
        leave_out(model, plan.dropout)
    optimizer = AdamW(parameter_groups(model, 0.1), lr=plan.lr, betas=(0.9, 0.95))
    schedule = WarmupCosineLR(optimizer, warmup=plan.steps // 25, steps=plan.steps)
    windows = Windows(learn_ids, plan.longest)
    batches = EndlessLoader(windows, BATCH, generator=np.random.default_rng(seed))
    exam = DataLoader(end_to_end(held_out_ids, plan.longest), BATCH)
    log = Log(plan.every, len(held_out_ids), characters)
    trainer = Trainer(
        model, next_token_loss, optimizer, schedule, clip=1.0, schedule_each="batch",
        callbacks=[log],
    )  # fmt: skip
    count = sum(parameter.numel() for parameter in model.parameters())
    start = trainer.evaluate(exam)["loss"]
    print(
        f"GPT of {count:,} parameters, {TOKENS} tokens\n"
        f"    at the start: {start:.3f} nats a token; log {TOKENS} is {math.log(TOKENS):.3f}",
        flush=True,
    )
    kept = folder / f"{plan.name}-{plan.steps}-{seed}.part.npz"
    if kept.exists():
        load_checkpoint(kept, trainer=trainer, batches=batches)
        print(f"    goes on after step {trainer.step:,}, from {kept.name}")
    if sys.stderr.isatty():
        trainer.callbacks.append(ProgressBar())
    trainer.callbacks.append(Checkpoint(kept, batches=batches))
    log.begun = time.perf_counter() - log.seconds
    if trainer.step < plan.steps:
        trainer.fit(batches, exam, steps=plan.steps - trainer.step, every=plan.every)
    kept.unlink(missing_ok=True)
    curve = [(0, nats_per_character(start, len(held_out_ids), characters)), *log.curve(trainer)]
    return Writer(model, tokenizer), curve, log.seconds


def leave_out(model, share):
    """In training, let each half of a block add all but this share: so less is learnt by heart in many steps."""
    for block in model.blocks:
        for half in (block.attention, block.network):
            half.dropout = Dropout(share)
            half.register_forward_hook(lambda half, inputs, output: half.dropout(output))


class Log(Callback):
    """Says what was reached after each stretch, and remembers how long it took, over interruptions."""

    def __init__(self, every, tokens, characters):
        self.every, self.tokens, self.characters = every, tokens, characters
        self.begun = self.seconds = 0.0

    def curve(self, trainer):
        """Pairs of steps and held-out nats a character."""
        for n, nats in enumerate(trainer.history["validation_loss"], 1):
            yield n * self.every, nats_per_character(nats, self.tokens, self.characters)

    def on_epoch_end(self, trainer):
        self.seconds = time.perf_counter() - self.begun
        *_, (step, nats) = self.curve(trainer)
        print(f"    {step:5,} steps: {nats:.3f} held out, {self.seconds:.0f} s", flush=True)

    def state_dict(self):
        return {"seconds": self.seconds}

    def load_state_dict(self, state):
        self.seconds = state["seconds"]


class KneserNey:
    """Characters predicted by modified Kneser-Ney counts (Chen and Goodman 1998), the best counting known to us.

    Shorter contexts count after how many *different* characters something stood, not how often. From each count a
    discount is taken, which depends on whether it is 1, 2 or more, and given to the shorter contexts.
    """

    def __init__(self, text, order):
        self.order, self.size = order, len(set(text))
        longest = defaultdict(Counter)
        for i in range(order - 1, len(text)):
            longest[text[i - order + 1 : i]][text[i]] += 1
        tables = [longest]
        for _ in range(order - 1):
            shorter = defaultdict(Counter)
            for context, seen in tables[0].items():
                shorter[context[1:]].update(seen.keys())
            tables.insert(0, shorter)
        self.tables = [self.discounted(table) for table in tables]

    def discounted(self, table):
        """For each context the shares of the characters after it, discounted, and what is left for shorter contexts."""
        one, two, three, four = (
            sum(count == n for seen in table.values() for count in seen.values()) or 1
            for n in (1, 2, 3, 4)
        )
        rest = one / (one + 2 * two)
        off = [0, 1 - 2 * rest * two / one, 2 - 3 * rest * three / two, 3 - 4 * rest * four / three]
        off = [min(max(amount, 0), n) for n, amount in enumerate(off)]
        found = {}
        for context, seen in table.items():
            total = seen.total()
            shares = {token: (n - off[min(n, 3)]) / total for token, n in seen.items()}
            found[context] = shares, 1 - sum(shares.values())
        return found

    def probability(self, context, token):
        chance = 1 / self.size
        for n, table in enumerate(self.tables[: len(context) + 1]):
            if (known := table.get(context[len(context) - n :])) is None:
                break
            shares, left = known
            chance = shares.get(token, 0) + left * chance
        return chance

    def nats(self, text):
        """The mean of -log of the probability of each character, after those before it."""
        return -sum(
            math.log(self.probability(text[max(0, i - self.order + 1) : i], token))
            for i, token in enumerate(text)
        ) / len(text)


def draw(curve, ladder, sample, seconds, folder):
    """Save a picture of how the loss goes below that of each n-gram; return its path."""
    path = folder / "10_gpt.png"
    title = "Held-out loss on eight plays"
    along = f"steps of training, {seconds:.0f} s in all"
    show.crossing(curve, ladder, title, along, "nats a character", sample).save(path)
    return path


if __name__ == "__main__":
    main()
