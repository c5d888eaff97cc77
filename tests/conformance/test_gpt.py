"""From the same start and on the same batches, the GPT of module 10 learns as the same model in PyTorch does."""

import gzip
import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import tinytorch as tt
from tinytorch import gpt
from tinytorch.language import Windows

PLAYS = Path(__file__).parents[2] / "tito" / "data" / "shakespeare.txt.gz"
STEPS, CLOSE = 300, 1e-5
LONGEST, FEATURES, HEADS, LAYERS = 32, 64, 4, 2


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(FEATURES, 3 * FEATURES), nn.Linear(FEATURES, FEATURES)

    def forward(self, x):
        parts = self.qkv(x).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)  # (3, batch, heads, n, size)
        return self.out(F.scaled_dot_product_attention(*parts, is_causal=True).transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before_attention, self.before_network = nn.LayerNorm(FEATURES), nn.LayerNorm(FEATURES)
        self.attention = Attention()
        self.network = nn.ModuleDict(dict(up=nn.Linear(FEATURES, 4 * FEATURES), down=nn.Linear(4 * FEATURES, FEATURES)))

    def forward(self, x):
        x = x + self.attention(self.before_attention(x))
        wide = F.gelu(self.network["up"](self.before_network(x)), approximate="tanh")
        return x + self.network["down"](wide)


class GPT(nn.Module):
    """The model of module 10 with PyTorch's layers, under the same names."""

    def __init__(self, size):
        super().__init__()
        self.tokens = nn.Embedding(size, FEATURES)
        self.positions = nn.ModuleDict(dict(table=nn.Embedding(LONGEST, FEATURES)))
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(FEATURES)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions["table"].weight[: ids.shape[1]]
        return F.linear(self.norm(self.blocks(x)), self.tokens.weight)


@pytest.fixture(scope="module")
def learnt():
    """A tokenizer's size, and the tokens of a part of the plays."""
    plays = gzip.decompress(PLAYS.read_bytes()).decode("ascii")
    tokenizer, ids, _ = gpt.prepare_text(plays[:200_000], 512)
    return len(tokenizer), ids


def pair(size):
    """Both models, from the same start, with the optimizer of the milestone and a schedule of the same kind."""
    tt.manual_seed(0)
    ours, theirs = gpt.GPT(size, LONGEST, FEATURES, HEADS, LAYERS), GPT(size)
    theirs.load_state_dict({name: torch.tensor(value.numpy()) for name, value in ours.state_dict().items()})
    options = dict(lr=0.002, betas=(0.9, 0.95))
    our_optimizer = tt.AdamW(gpt.parameter_groups(ours, 0.1), **options)
    matrices = [p for p in theirs.parameters() if p.ndim >= 2]
    others = [p for p in theirs.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    their_optimizer = torch.optim.AdamW(groups, **options)
    schedule = gpt.WarmupCosineLR(our_optimizer, warmup=30, steps=STEPS)
    their_schedule = torch.optim.lr_scheduler.LambdaLR(their_optimizer, lambda step: gpt.warmup_cosine(step, 30, STEPS))
    trainer = gpt.Trainer(ours, gpt.next_token_loss, our_optimizer, schedule, clip=1.0)
    return trainer, theirs, their_optimizer, their_schedule


def test_300_steps_give_the_same_losses(learnt):
    size, ids = learnt
    trainer, theirs, optimizer, schedule = pair(size)
    loader = gpt.EndlessLoader(Windows(ids, LONGEST), 16, generator=np.random.default_rng(0))
    apart, last = [], None
    for inputs, targets in itertools.islice(loader, STEPS):
        ours = trainer.train_step(inputs, targets)
        trainer.scheduler.step()
        scores = theirs(torch.tensor(inputs.numpy()))
        loss = F.cross_entropy(scores.flatten(0, 1), torch.tensor(targets.numpy()).flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        apart.append(abs(ours - loss.item()))
        last = ours
    assert last < 4.5  # both have learnt
    assert max(apart) < CLOSE, (max(apart), int(np.argmax(apart)))
    print(f"{STEPS} steps: losses at most {max(apart):.1e} apart, the last {last:.4f}")
