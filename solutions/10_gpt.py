# %% [markdown]
# # 10 GPT
#
# Everything is there. Module 07 makes tokens of a text, 08 says how well they are predicted, 09 lets a position fetch what
# it needs. Here the parts are stacked, and what stands at the end is a program that writes, trained by your own framework.
#
# A GPT is a row of equal **blocks**. Think of a document that goes through several hands. Nobody writes a new one; each
# reads what is there, and adds a note in the margin. After the last hand, the next word is read off.
#
# Half of this module is the model, which is short. The other half is what makes it learn: how it starts, how fast it
# goes, and how one knows what it is worth.

# %%
import itertools
import math
import tempfile
from pathlib import Path
from timeit import default_timer

from tito import show
from tito.datasets import shakespeare
from tito.live import check, extend, hint

# %%
#| export
"""GPT: blocks of attention and a small network, stacked, trained by steps, and set to write."""

import codecs
import itertools
import math

import numpy as np

from tinytorch import training
from tinytorch.attention import Positions, SelfAttention
from tinytorch.autograd import Tensor
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.language import Windows, hold_out, keep_top_k, sample_token
from tinytorch.layers import GELU, Embedding, LayerNorm, Linear, Module, Sequential, linear
from tinytorch.optimizers import LRScheduler, clip_grad_norm_
from tinytorch.tensor import default_generator
from tinytorch.tokenization import Tokenizer, train_bpe
from tinytorch.training import DataLoader, Subset, evaluating, read_checkpoint

# %% [markdown]
# ## 1. What nobody has seen
#
# The last tenth of the plays was held out in module 08. For a model of tokens there is one more way to cheat without
# noticing. The tokenizer *learns*, too: it looks for what occurs often. Let it learn 1,024 tokens from all eight plays, and one
# of them is `PROSPERO`, who occurs in no other. Even with 512, the held-out part becomes shorter by what was given
# away: 50,765 tokens instead of 51,196.
#
# | step | sees |
# |---|---|
# | hold out the last tenth | |
# | learn the tokens | what is left |
# | encode what is left, and what was held out, each by itself | |
# | train the model | what is left |
# | measure it | the rest |
#
# ### Exercise: `prepare_text`
#
# Return three things: the tokenizer, the tokens of what is learnt from, and the tokens of what is held out, both as arrays.
#
# You have all the parts: `hold_out(text, share)`, `train_bpe(text, size)`, which gives the merges, `Tokenizer(merges)`, and
# its `encode`.
#
# Check yourself: decoded, the two rows of tokens are the two parts of the text again.
#
# <details><summary>Hint 1</summary>Hold out first, and give only the first part to <code>train_bpe</code>.</details>
# <details><summary>Hint 2</summary><code>learn, held_out = hold_out(text, share)</code>, then <code>tokenizer =
# Tokenizer(train_bpe(learn, size))</code>, and for each part <code>np.array(tokenizer.encode(part))</code>.</details>


# %% exercise="prepare_text" points=2
#| export
def prepare_text(text, size, share=0.1):
    """A tokenizer, and the tokens of two parts of `text`: what is learnt from, and the last `share`, held out.

    The tokenizer has `size` tokens, and has not seen what is held out.
    """
    ### BEGIN SOLUTION
    learn, held_out = hold_out(text, share)
    tokenizer = Tokenizer(train_bpe(learn, size))
    return tokenizer, np.array(tokenizer.encode(learn)), np.array(tokenizer.encode(held_out))
    ### END SOLUTION


# %%
plays = shakespeare()
tokenizer, learn_ids, held_out_ids = prepare_text(plays, 512)
held_out_characters = len(plays) - len(tokenizer.decode(learn_ids))
print(f"{len(learn_ids):,} tokens to learn from, {len(held_out_ids):,} held out")
print([tokenizer.decode([i]) for i in tokenizer.encode("Enter Prospero, my lord.")])

# %% [markdown]
# ### Each token once
#
# To learn, windows of the text are drawn anywhere; they overlap, and that is fine. To measure, each held-out token should
# be predicted once. So these windows lie **end to end**. With windows of 4 and the tokens 0 to 9:
#
# | window | inputs | to be predicted |
# |---|---|---|
# | starts at 0 | 0 1 2 3 | 1 2 3 4 |
# | starts at 4 | 4 5 6 7 | 5 6 7 8 |
#
# The 9 is left over: there is no whole window for it.
#
# ### Exercise: `end_to_end`
#
# Return a dataset of these windows. `Windows(ids, length)` has one for each start, from 0 to `len(windows) - 1`; a
# `Subset(dataset, indices)` shows some of them.
#
# <details><summary>Hint 1</summary>The starts are every <code>length</code>-th number below
# <code>len(windows)</code>.</details>
# <details><summary>Hint 2</summary><code>Subset(windows, range(0, len(windows), length))</code></details>


# %% exercise="end_to_end" points=1
#| export
def end_to_end(ids, length):
    """Windows of `ids` that lie end to end, so that each token but the first is predicted at most once."""
    ### BEGIN SOLUTION
    windows = Windows(ids, length)
    return Subset(windows, range(0, len(windows), length))
    ### END SOLUTION


# %%
for inputs, targets in (end_to_end(np.arange(10), 4)[i] for i in range(2)):
    print(inputs.tolist(), targets.tolist())

# %% [markdown]
# ## 2. A block
#
# Attention only moves things: what comes out at a position is a mixture of what stands elsewhere. Somebody must also
# **work** on what was fetched. That is a small network of two layers, at each position by itself, four times as wide in
# the middle:
#
# | | shape |
# |---|---|
# | x | (batch, n, features) |
# | `up`, then GELU | (batch, n, 4 · features) |
# | `down` | (batch, n, features) |
#
# ### Exercise: `feed_forward`
#
# Write `forward`. The layers are `self.up`, `self.bend` and `self.down`.
#
# <details><summary>Hint 1</summary>Layers are called, one on what the other returns.</details>
# <details><summary>Hint 2</summary><code>self.down(self.bend(self.up(x)))</code></details>


# %%
#| export
class FeedForward(Module):
    """A network of two layers at each position by itself: (batch, n, features) -> the same shape."""

    def __init__(self, features):
        self.up = Linear(features, 4 * features)
        self.bend = GELU()
        self.down = Linear(4 * features, features)


# %% exercise="feed_forward" points=1
#| export
@extend(FeedForward)
def forward(self, x):
    ### BEGIN SOLUTION
    return self.down(self.bend(self.up(x)))
    ### END SOLUTION


# %% [markdown]
# A block is both, one after the other. Each reads, and **adds** what it found to what was there:
#
# ```
# x ──┬───────────────────────(+)──┬─────────────────────(+)──▶
#     └─▶ norm ─▶ attention ───┘   └─▶ norm ─▶ network ───┘
# ```
#
# The straight line at the top is why a deep GPT can be trained. Module 04 measured how a gradient fades on its way through
# many layers. An addition passes it on whole: along the line it reaches the first block as it left the last.
#
# The norm stands **before** each part, on the way down, and not on the line. In the first transformer of 2017 it stood on
# the line, and needed great care at the start of training; GPT-2 moved it. (R. Xiong and others, 2020, *On Layer
# Normalization in the Transformer Architecture*.)
#
# ### Exercise: `block`
#
# Write `forward`: first `self.attention` on `self.before_attention(x)`, added to x; then, on that sum, `self.network` on
# `self.before_network(…)`, added in the same way.
#
# <details><summary>Hint 1</summary>The second half must read what the first has added: <code>x = x + …</code>, and then go
# on with this <code>x</code>.</details>
# <details><summary>Hint 2</summary><code>x = x + self.attention(self.before_attention(x))</code>, and the same once more with
# the network.</details>


# %%
#| export
class Block(Module):
    """Attention, then a small network, each added to what was there: (batch, n, features) -> the same shape."""

    def __init__(self, features, heads):
        self.before_attention = LayerNorm(features)
        self.attention = SelfAttention(features, heads)
        self.before_network = LayerNorm(features)
        self.network = FeedForward(features)


# %% exercise="block" points=2
#| export
@extend(Block)
def forward(self, x):
    ### BEGIN SOLUTION
    x = x + self.attention(self.before_attention(x))
    return x + self.network(self.before_network(x))
    ### END SOLUTION


# %%
from tinytorch.attention import sees_the_future
from tinytorch.autograd import randn
from tinytorch.tensor import manual_seed

manual_seed(0)
block = Block(8, heads=2)
print(block(randn(2, 5, 8)).shape, "sees the future:", sees_the_future(block, randn(2, 5, 8)))

# %% [markdown]
# ## 3. How it starts
#
# Before it has learnt anything, a model should find every token equally likely. Its loss is then log V, with V tokens;
# module 03's milestone found the same for ten digits. A loss above that says: the model is sure of itself, and wrong. It
# spends its first hundred steps on unlearning.
#
# GPT-2's rule has three lines:
#
# | parameter | starts as |
# |---|---|
# | biases | 0 |
# | matrices, and tables of embeddings | normal numbers with the standard deviation 0.02 |
# | those that write to the line, `attention.out` and `network.down` | normal, with 0.02 divided by the root of how many there are |
#
# Why the third? Each of the two parts of each block adds something to the line. Variances add up: with 2 · layers
# additions, what is on the line grows with the root of that. Divided by this root, a stack of any depth starts with the same
# size. The weights of the norms stay at 1, as they are.
#
# Here is the whole model. Its last line sets the values; its `forward` is yours, further down.


# %%
#| export
class GPT(Module):
    """Predicts the next of `size` tokens at each position: ids (batch, n) -> scores (batch, n, size).

    At most `longest` tokens are read at once. `layers` blocks, each with `heads` heads, work on
    `features` numbers a position.
    """

    def __init__(self, size, longest, features, heads, layers):
        self.config = dict(
            size=size, longest=longest, features=features, heads=heads, layers=layers
        )
        self.longest = longest
        self.tokens = Embedding(size, features)
        self.positions = Positions(longest, features)
        self.blocks = Sequential(*(Block(features, heads) for _ in range(layers)))
        self.norm = LayerNorm(features)
        start_values(self, layers)


# %% [markdown]
# ### Exercise: `start_values`
#
# Go through `model.named_parameters()`, which gives names such as `blocks.0.attention.out.weight`:
#
# - a name that ends in `bias`: fill it with 0;
# - otherwise, a parameter of two dimensions: fill it with `std` times normal numbers, from
#   `default_generator.standard_normal(shape)`. `std` is 0.02, or `0.02 / math.sqrt(2 * layers)` where the name ends in
#   `out.weight` or `down.weight`;
# - leave the rest alone.
#
# Write into the parameter's memory, `parameter.array[...] = …`: the optimizer and the model must keep the same object.
#
# <details><summary>Hint 1</summary><code>name.endswith("bias")</code>; <code>endswith</code> also takes a tuple of
# endings.</details>
# <details><summary>Hint 2</summary><code>parameter.array[...] = std *
# default_generator.standard_normal(parameter.shape)</code>; and <code>elif parameter.ndim == 2:</code> for those.</details>


# %% exercise="start_values" points=3
#| export
def start_values(model, layers):
    """Let a model of `layers` blocks start as GPT-2 does, so that every token is about equally likely.

    Biases become 0, matrices normal numbers of deviation 0.02, and those that add to the line 0.02
    divided by the root of how many there are, 2 * layers (Radford et al. 2019).
    """
    ### BEGIN SOLUTION
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.array[...] = 0
        elif parameter.ndim == 2:
            adds = name.endswith(("out.weight", "down.weight"))
            std = 0.02 / math.sqrt(2 * layers) if adds else 0.02
            parameter.array[...] = std * default_generator.standard_normal(parameter.shape)
    ### END SOLUTION


# %% [markdown]
# ### The head
#
# At the end a row of `features` numbers must become a score for each of V tokens: a matrix `(V, features)`. At the
# beginning there is one of just that shape, the embedding: the row of a token says what it *means*. The score of a token
# can be how well the result fits that meaning. So one matrix serves both ends. It is called a **tied** head (O. Press and
# L. Wolf, 2017), and saves, at 512 tokens and 128 features, 65,536 parameters.
#
# Used twice, the matrix gets the sum of two gradients. You need not do anything for it: adding up what comes back from
# several uses is what your engine does.
#
# ### Exercise: `gpt_forward`
#
# Write `forward`:
#
# | | shape |
# |---|---|
# | ids | (batch, n) |
# | look up `self.tokens`, then `self.positions` adds the rows of the places | (batch, n, features) |
# | through `self.blocks` | (batch, n, features) |
# | `self.norm` | (batch, n, features) |
# | scores: `linear(x, weight)` with the embedding's weight | (batch, n, V) |
#
# <details><summary>Hint 1</summary><code>self.blocks</code> is a <code>Sequential</code>: call it.</details>
# <details><summary>Hint 2</summary>The last line is <code>return linear(self.norm(x), self.tokens.weight)</code>.
# <code>linear</code> multiplies with the transposed weight, as <code>Linear</code> does, and needs no bias.</details>


# %% exercise="gpt_forward" points=3
#| export
@extend(GPT)
def forward(self, ids):
    ### BEGIN SOLUTION
    x = self.positions(self.tokens(ids))  # (batch, n, features)
    x = self.norm(self.blocks(x))
    return linear(x, self.tokens.weight)  # (batch, n, size)
    ### END SOLUTION


# %%
manual_seed(0)
model = GPT(len(tokenizer), longest=32, features=64, heads=4, layers=2)
count = sum(parameter.numel() for parameter in model.parameters())
print(f"{count:,} parameters; scores", model(Tensor(learn_ids[None, :32])).shape)

# %% [markdown]
# ### Exercise: `next_token_loss`
#
# The model says at **every** position what comes next, so a window of 64 tokens is 64 exams at once. The loss is the mean
# over all of them. `CrossEntropyLoss()` wants scores `(samples, classes)` and targets `(samples,)`: put the batch and the
# positions into one axis.
#
# <details><summary>Hint 1</summary><code>scores.reshape(-1, scores.shape[-1])</code>, and <code>targets.reshape(-1)</code>.</details>
# <details><summary>Hint 2</summary><code>CrossEntropyLoss()(…, …)</code>: the first brackets make the loss, the second call
# it.</details>


# %% exercise="next_token_loss" points=1
#| export
def next_token_loss(scores, targets):
    """The mean surprise over all positions: scores (batch, n, size) and targets (batch, n) -> a loss."""
    ### BEGIN SOLUTION
    return CrossEntropyLoss()(scores.reshape(-1, scores.shape[-1]), targets.reshape(-1))
    ### END SOLUTION


# %%
inputs, targets = Windows(learn_ids, 32).take(np.arange(0, 32_000, 1000))
loud = GPT(len(tokenizer), longest=32, features=64, heads=4, layers=2)
for parameter in loud.parameters():
    parameter.array[...] *= 20
print(f"log V                      {math.log(len(tokenizer)):.3f}")
print(f"as it starts               {next_token_loss(model(inputs), targets).item():.3f}")
print(f"with values 20 times that  {next_token_loss(loud(inputs), targets).item():.3f}")

# %% [markdown]
# ## 4. What holds it back, and how fast it goes
#
# AdamW lets parameters shrink a little in each step, so that none grows for nothing. For matrices that makes sense: a
# smaller matrix is a smoother function. For a bias or the weight of a norm it does not. A norm's weight should be about 1,
# and pulling it to 0 switches the block off. So there are two **groups**, and the optimizer you wrote takes them as dicts:
#
# ```python
# [{"params": [matrices], "weight_decay": 0.1}, {"params": [the rest], "weight_decay": 0.0}]
# ```
#
# ### Exercise: `parameter_groups`
#
# Return this list. Matrices are the parameters of two dimensions or more, the tables of embeddings among them.
#
# Check yourself: together the two groups have each of `model.parameters()` once.
#
# <details><summary>Hint 1</summary>Two list comprehensions over <code>model.parameters()</code>, with
# <code>parameter.ndim &gt;= 2</code> and its opposite.</details>
# <details><summary>Hint 2</summary><code>model.parameters()</code> is a generator, and used up after one pass: call it for each
# list, or make a list first.</details>


# %% exercise="parameter_groups" points=2
#| export
def parameter_groups(model, weight_decay):
    """Two groups for an optimizer: matrices, with `weight_decay`, and all other parameters, with none."""
    ### BEGIN SOLUTION
    parameters = list(model.parameters())
    matrices = [p for p in parameters if p.ndim >= 2]
    others = [p for p in parameters if p.ndim < 2]
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    ### END SOLUTION


# %%
for group in parameter_groups(model, 0.1):
    print(len(group["params"]), "parameters with weight decay", group["weight_decay"])

# %% [markdown]
# ### Warming up
#
# Adam divides by the root of a running mean of squares. In the first steps that mean has seen almost nothing, so the steps
# are of nearly full size in directions that are mostly chance. So one begins with small steps, lets them grow along a line,
# and later lets them shrink along a cosine, down to a tenth. With 4 steps of warm-up, and 12 in all:
#
# | step | 0 | 1 | 2 | 3 | 4 | 8 | 12 | 20 |
# |---|---|---|---|---|---|---|---|---|
# | factor | 0.25 | 0.5 | 0.75 | 1 | 1 | 0.55 | 0.1 | 0.1 |
#
# ### Exercise: `warmup_cosine`
#
# Return the factor for a step:
#
# 1. before `warmup`: `(step + 1) / warmup`;
# 2. from there on: which **share** of the way from `warmup` to `steps` is done, at most 1? The factor goes from 1, at share
#    0, to `lowest`, at share 1, with the cosine of π times the share.
#
# <details><summary>Hint 1</summary><code>share = min(1, (step - warmup) / (steps - warmup))</code></details>
# <details><summary>Hint 2</summary><code>(1 + math.cos(math.pi * share)) / 2</code> goes from 1 to 0. Stretch it to go from 1 to
# <code>lowest</code>: <code>lowest + (1 - lowest) * …</code></details>


# %% exercise="warmup_cosine" points=2
#| export
def warmup_cosine(step, warmup, steps, lowest=0.1):
    """The factor of the learning rate: up along a line for `warmup` steps, then down a cosine to `lowest`."""
    ### BEGIN SOLUTION
    if step < warmup:
        return (step + 1) / warmup
    share = min(1, (step - warmup) / (steps - warmup))
    return lowest + (1 - lowest) * (1 + math.cos(math.pi * share)) / 2
    ### END SOLUTION


# %% [markdown]
# As a schedule, for your optimizers:


# %%
#| export
class WarmupCosineLR(LRScheduler):
    """The learning rates times `warmup_cosine`: up for `warmup` steps, down until `steps`, then `lowest`."""

    def __init__(self, optimizer, warmup, steps, lowest=0.1, last_epoch=-1):
        if not 0 <= warmup < steps:
            raise ValueError(f"of {steps} steps, {warmup} cannot be for warming up")
        self.warmup, self.steps, self.lowest = warmup, steps, lowest
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        factor = warmup_cosine(self.last_epoch, self.warmup, self.steps, self.lowest)
        return [lr * factor for lr in self.base_lrs]


# %%
show.curves(
    {"warm-up 50, 400 steps": [warmup_cosine(step, 50, 400) for step in range(450)]},
    "The factor of the learning rate",
    "factor",
)

# %% [markdown]
# ## 5. Steps, not epochs
#
# The text has almost half a million windows, and each token stands in 64 of them. A pass over all windows would show each
# token 64 times: an **epoch** means nothing here. So one counts steps, and draws each batch by lot.
#
# That has a second advantage. Where does such a loader stand? Where its generator stands, and nowhere else: there is no
# order to remember, and no place in it. So a training can be interrupted after any step, and go on to the last bit.
#
# ### Exercise: `endless`
#
# Write `__iter__`. Without end: draw `self.batch_size` whole numbers from 0 to `len(self.dataset) - 1`, with
# `integers(n, size=…)` of `self.generator`, or of `default_generator` where there is none, and yield
# `self.batch(numbers)`.
#
# Draw only what is asked for next. Whoever draws ahead has a generator that stands further on than the training.
#
# <details><summary>Hint 1</summary><code>while True:</code> with a <code>yield</code> in it ends when nobody asks any more.</details>
# <details><summary>Hint 2</summary><code>generator = self.generator or default_generator</code>, and then <code>yield
# self.batch(generator.integers(len(self.dataset), size=self.batch_size))</code>.</details>


# %%
#| export
class EndlessLoader(DataLoader):
    """Batches of a dataset without end, each drawn by lot on its own; a loop over it must be left."""

    def __init__(self, dataset, batch_size=1, generator=None):
        super().__init__(dataset, batch_size, shuffle=True, generator=generator)

    def __len__(self):
        raise TypeError("an endless loader has no length: say how many steps")


# %% exercise="endless" points=1
#| export
@extend(EndlessLoader)
def __iter__(self):
    ### BEGIN SOLUTION
    generator = self.generator or default_generator
    while True:
        yield self.batch(generator.integers(len(self.dataset), size=self.batch_size))
    ### END SOLUTION


# %%
loader = EndlessLoader(Windows(learn_ids, 8), batch_size=2, generator=np.random.default_rng(0))
for inputs, _ in itertools.islice(loader, 2):
    print([tokenizer.decode(row) for row in inputs.tolist()])

# %% [markdown]
# ### Batches that do not fit
#
# Large models want large batches: their gradients are less a matter of chance. But each sample needs memory for all it
# must remember until backward. The way out has been in your engine since module 02: backward **adds** to the gradients that
# are there. So take a batch in parts, go backward through each, and step once.
#
# One thing to mind. The loss of the batch is a mean over its samples; that of a part is a mean over fewer. What is to come
# out is the same gradient as that of the whole batch:
#
# | | samples | loss of the part | counts as |
# |---|---|---|---|
# | part 1 | 4 | 2.0 | 2.0 · 4/6 |
# | part 2 | 2 | 5.0 | 5.0 · 2/6 |
# | batch | 6 | | 3.0 |
#
# ### Exercise: `accumulate`
#
# Write `accumulate(inputs, targets)`, the part of a step between forgetting the old gradients and moving the parameters:
#
# 1. Cut the batch into `self.parts` parts, one after the other. `np.array_split(np.arange(n), parts)` gives the rows of
#    each, as equal as can be.
# 2. For each: the loss of `self.model` by `self.loss_function`, **times the share of the samples that are in the part**;
#    `backward()`.
# 3. Return the sum of these, a Python number: the loss of the batch.
#
# If there are more parts than samples, some are empty: leave those out.
#
# <details><summary>Hint 1</summary><code>inputs[rows]</code> takes these rows of a tensor; <code>len(rows) / len(targets)</code>
# is their share.</details>
# <details><summary>Hint 2</summary><code>loss = self.loss_function(self.model(inputs[rows]), targets[rows]) * share</code>, then
# <code>loss.backward()</code>, and <code>total += loss.item()</code>.</details>
#
# The trainer is module 06's, with this inside its step, and with `fit(steps=…)`. Look at how little that takes: a stretch
# of steps is given to the old `fit` as if it were an epoch. So everything that listened to epochs, the progress bar and
# `Checkpoint` among them, works.


# %%
#| export
class _Stretch:
    """The next `count` batches of a stream, as if they were all the data there is."""

    def __init__(self, stream, count):
        self.stream, self.count = stream, count

    def __len__(self):
        return self.count

    def __iter__(self):
        return itertools.islice(self.stream, self.count)


class Trainer(training.Trainer):
    """Module 06's trainer, which can also count steps, and take each batch in `parts` to save memory.

    `step` counts the steps that are done. The options are those of module 06.
    """

    def __init__(self, model, loss_function, optimizer, scheduler=None, parts=1, **options):
        if parts < 1:
            raise ValueError(f"a batch is taken in at least 1 part, not {parts}")
        super().__init__(model, loss_function, optimizer, scheduler, **options)
        self.parts = parts
        self.step = 0

    def train_step(self, inputs, targets):
        """Move the parameters once, by the gradients of one batch; returns its loss, a number."""
        self.optimizer.zero_grad()
        loss = self.accumulate(inputs, targets)
        if self.clip is not None:
            clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        self.step += 1
        return loss

    def fit(self, train, validation=None, epochs=1, steps=None, every=None):
        """Train for `epochs` more epochs, or for `steps` more steps, and measure after `every` of them.

        With `steps`, batches of `train` are taken as they come, from the beginning again where they
        end. An epoch, for the history and for callbacks, is then a stretch of `every` steps, or all.
        """
        if steps is None:
            return super().fit(train, validation, epochs)
        every = every or steps
        if steps < 1 or steps % every:
            raise ValueError(f"{steps} steps cannot be cut into stretches of {every}")
        stream = itertools.chain.from_iterable(itertools.repeat(train))
        return super().fit(_Stretch(stream, every), validation, steps // every)

    def state_dict(self):
        return super().state_dict() | {"step": self.step}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.step = state["step"]


# %% exercise="accumulate" points=3
#| export
@extend(Trainer)
def accumulate(self, inputs, targets):
    """Add the gradients of a batch, part by part, to those that are there; returns its loss, a number."""
    ### BEGIN SOLUTION
    total = 0.0
    for rows in np.array_split(np.arange(len(targets)), self.parts):
        if len(rows):
            share = len(rows) / len(targets)
            loss = self.loss_function(self.model(inputs[rows]), targets[rows]) * share
            loss.backward()
            total += loss.item()
    return total
    ### END SOLUTION


# %% [markdown]
# A small GPT, for as long as it takes to read this paragraph: two blocks, 32 tokens back, 300 steps. Before and after each
# hundred it is measured on the same piece of what was held out.

# %%
from tinytorch.language import NGram, nats_per_character
from tinytorch.optimizers import AdamW


def new_run(seed, steps=300, parts=1):
    """A trainer and a loader, both at their beginning."""
    manual_seed(seed)
    model = GPT(len(tokenizer), longest=32, features=64, heads=4, layers=2)
    optimizer = AdamW(parameter_groups(model, 0.1), lr=0.004, betas=(0.9, 0.95))
    schedule = WarmupCosineLR(optimizer, warmup=30, steps=steps)
    trainer = Trainer(
        model, next_token_loss, optimizer, schedule, parts, clip=1.0, schedule_each="batch"
    )
    windows = Windows(learn_ids, 32)
    return trainer, EndlessLoader(windows, 16, generator=np.random.default_rng(seed))


trainer, batches = new_run(seed=0)
exam_ids = held_out_ids[:8000]
exam = DataLoader(end_to_end(exam_ids, 32), batch_size=50)
characters = len(tokenizer.decode(exam_ids))


def per_character(nats):
    return nats_per_character(nats, len(exam_ids), characters)


print(f"at the start: {per_character(trainer.evaluate(exam)['loss']):.3f} nats a character")
start = default_timer()
history = trainer.fit(batches, exam, steps=300, every=50)
print(f"{trainer.step} steps in {default_timer() - start:.1f} s, after every 50:", end=" ")
print(", ".join(f"{per_character(nats):.3f}" for nats in history["validation_loss"]))

# %%
part = plays[:100_000]
for order in (1, 2, 3):
    nats = NGram(part, order).nats(tokenizer.decode(exam_ids))
    print(f"{order}-gram, counted on 100,000 characters: {nats:.3f} nats a character")

# %% [markdown]
# A few hundred steps of a small model are enough to predict better than counts of three letters do, if these were counted
# on a ninth of the text. The milestone counts on all of it, up to six letters, and trains a larger model for minutes.
#
# ### The same to the last bit
#
# Ten steps, of which a checkpoint is written after five. Then everything is thrown away, and the second five are made from
# the file. And the same ten with each batch taken in four parts:

# %%
from tinytorch.training import Checkpoint, load_checkpoint

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "run.npz"
whole, batches = new_run(seed=1)
whole.fit(batches, steps=10, every=5)

half, batches = new_run(seed=1)
half.callbacks = [Checkpoint(path, batches=batches)]
half.fit(batches, steps=5)
del half, batches

resumed, batches = new_run(seed=99)
load_checkpoint(path, trainer=resumed, batches=batches)
resumed.fit(batches, steps=10 - resumed.step, every=5)
print("resumed, the same to the last bit:", whole.history == resumed.history)

in_parts, batches = new_run(seed=1, parts=4)
in_parts.fit(batches, steps=10, every=5)
print("in four parts:", in_parts.history["train_loss"], "whole:", whole.history["train_loss"])
folder.cleanup()

# %% [markdown]
# Resumed, each bit is the same. In parts it is the same gradient with its sums in another order, so the last digits differ.
#
# ## 6. Writing
#
# To write, ask for the scores at the **last** position, draw a token, put it behind the text, and ask again. A position
# table has an end: where the text has become longer than `model.longest`, the model reads its last `longest` tokens.
#
# ### Exercise: `generate`
#
# Write it as a generator function that **yields** each token as soon as it is drawn; then whoever listens can show it at
# once. `count` times:
#
# 1. The model's scores for the last `model.longest` of `ids`, inside `evaluating(model)`: as an array, at sample 0 and the
#    last position.
# 2. If `top_k` is not None, `keep_top_k(scores, top_k)`.
# 3. `sample_token(scores, temperature, generator)`.
# 4. Put it behind `ids`, and yield it.
#
# Mind the `with`: what stands in it must not contain the `yield`. While a generator waits, its `with` is still open, and
# whoever trains the model in between would train it in evaluation mode.
#
# <details><summary>Hint 1</summary>A batch of one sample: <code>Tensor(np.array([ids[-model.longest :]]))</code>.</details>
# <details><summary>Hint 2</summary><code>with evaluating(model): scores = model(…).numpy()[0, -1]</code>; everything after it
# outside of the block.</details>


# %% exercise="generate" points=3
#| export
def generate(model, ids, count, temperature=1.0, top_k=None, generator=None):
    """Yield `count` tokens, each drawn by the scores of `model` after `ids` and all tokens before it."""
    ids = [int(i) for i in ids]
    if not ids:
        raise ValueError("there is nothing to go on from: give at least one token")
    ### BEGIN SOLUTION
    for _ in range(count):
        with evaluating(model):
            scores = model(Tensor(np.array([ids[-model.longest :]]))).numpy()[0, -1]
        if top_k is not None:
            scores = keep_top_k(scores, top_k)
        ids.append(sample_token(scores, temperature, generator))
        yield ids[-1]
    ### END SOLUTION


# %%
prompt = tokenizer.encode("ROMEO:")
for temperature, top_k in ((0, None), (0.8, 40), (1.5, None)):
    generator = np.random.default_rng(0)
    ids = list(generate(trainer.model, prompt, 60, temperature, top_k, generator))
    print(f"--- temperature {temperature}, top-k {top_k}\n{tokenizer.decode(prompt + ids)}")

# %% [markdown]
# Judge for yourself. At temperature 0 it soon goes round in circles: the likeliest word after the likeliest word.
#
# A model alone writes numbers. A `Writer` is the model with its tokenizer: text in, text out, piece by piece, and all that
# one needs to keep in a file. A token can be half of a character, so a decoder holds bytes back until they are whole.


# %%
#| export
class Writer:
    """A GPT and its tokenizer: text in, text out; `save_checkpoint(path, writer=…)` keeps it in a file."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer

    def write(self, prompt, count=100, temperature=0.8, top_k=40, generator=None):
        """Yield text that goes on from `prompt`, `count` tokens of it, in pieces as they are drawn."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        ids = self.tokenizer.encode(prompt)
        for token in generate(self.model, ids, count, temperature, top_k, generator):
            yield decoder.decode(self.tokenizer.tokens[token])
        yield decoder.decode(b"", final=True)

    def state_dict(self):
        return {
            "config": self.model.config,
            "model": self.model.state_dict(),
            "tokenizer": self.tokenizer.state_dict(),
        }

    @classmethod
    def load(cls, path):
        """The writer in a checkpoint; a ValueError if the file has none."""
        state = read_checkpoint(path).get("writer")
        if state is None:
            raise ValueError(f"{path} is a checkpoint, but there is no writer in it")
        model, tokenizer = GPT(**state["config"]), Tokenizer()
        model.load_state_dict(state["model"])
        tokenizer.load_state_dict(state["tokenizer"])
        return cls(model, tokenizer)


# %%
writer = Writer(trainer.model, tokenizer)
print("".join(writer.write("JULIET:\n", 40, generator=np.random.default_rng(3))))

# %% [markdown]
# ### Question: a better number
#
# A colleague measures the same trained model on the same held-out text, and gets a lower loss. His windows do not lie end to end:
# each begins 32 tokens after the one before, and of the 64 tokens in it he counts the second 32 only. Each token is still
# counted once. Is he cheating? Why is his number lower? What does his way cost? Somebody compares his model, measured in
# this way, with another one that was measured end to end: what do you say?

# %% [markdown] question="better_number" points=2
# ### BEGIN SOLUTION
# He is not cheating: each token is predicted once, from what stands before it, by a model that has not seen the text.
#
# End to end, the first token of a window has one token before it, the second two, and so on: on average 32. In his way
# each counted token has 32 to 63 before it, about 48 on average. With more to go by, predictions are better. It says
# how good the model is when it writes on in a long text, where it always has its whole window.
#
# It costs twice as much: each token is computed twice and counted once.
#
# The comparison is worthless: part of the difference is the way of measuring. Both must be measured in one way.
#
# **Rubric.** 1 point: not cheating, and lower since each counted token has more context. 1 point: twice the cost, and only
# numbers measured in the same way compare; one of them missing: half.
# ### END SOLUTION

# %% [markdown]
# ### Question: the first loss
#
# Four students start the same training with 512 tokens; log 512 is 6.24. Their losses at the first step and after 500 steps:
#
# | | first | after 500 |
# |---|---|---|
# | A | 6.26 | 3.5 |
# | B | 43.1 | 4.2 |
# | C | 6.26 | 6.26 |
# | D | 5.50 | 0.005 |
#
# A is content. What went wrong with each of the others? For each, name one thing in this module or the one before that
# explains both numbers, and say how to find it.

# %% [markdown] question="first_loss" points=2
# ### BEGIN SOLUTION
# B starts far above log V: the scores are large before anything is learnt. So the values at the start are too large;
# `start_values` was not called, say, and the embeddings are normal numbers with the deviation 1. The first hundreds of steps
# go into unlearning. Look at the size of the scores before the first step.
#
# C starts well and does not move: no gradients arrive at the parameters, or nothing moves them. A graph that is cut; an
# optimizer that holds other parameters than the model has, since `start_values` put new objects in their place; a factor
# of the learning rate that stays 0. Compare a parameter before and after a step, and look at its gradient.
#
# D is below log V *before* anything was learnt, and at nearly 0 later: what it is to predict stands in what it sees at that
# very place. The targets were not moved by one token. With a tied head, a token's own score is a little higher than the
# others from the start, hence 5.50. Print inputs and targets as text, side by side.
#
# (A mask that is off by one shows the answer as well, but one place further on. Of that an untrained model makes nothing:
# it starts at 6.26, and is at 0.08 after 500 steps.)
#
# **Rubric.** 1 point: B and C, each with a cause that explains both numbers. 1 point: D, targets that are not shifted, by the
# loss at the end; a mask that is off by one, without looking at the first number: half.
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | yours | elsewhere |
# |---|---|
# | `Block`, `GPT` | GPT-2, block for block; larger ones have RMSNorm, turned positions and gates, in the same places |
# | `start_values` | `_init_weights` in GPT-2 and nanoGPT |
# | tied head | GPT-2, and most small models |
# | `parameter_groups`, `WarmupCosineLR` | how nearly all of them are trained |
# | `Trainer(parts=…)`, `fit(steps=…)` | gradient accumulation; `max_steps` in PyTorch Lightning and Hugging Face's `Trainer` |
# | `generate`, `Writer` | `model.generate`, with the streamer of a chat window |
#
# When all checks pass, save the notebook. `tito demo --mine 10` trains a GPT on the plays, for minutes, and draws how its
# held-out loss goes below each n-gram of module 08. Then it talks: `tito talk "ROMEO:"` in a terminal, and `talk("ROMEO:")`,
# after `from tito.live import talk`, in a notebook.
#
# From the first tensor to this line, every number in it has gone through code that you have read or written.
