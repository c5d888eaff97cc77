# %% [markdown]
# # 09 Attention
#
# To continue `The king, who had lost his crown, was`, it helps to know that somebody is a king. That word stands
# seven words back. The network of module 08 had a fixed place for each token before it: the king must always stand in the same
# place to be found.
#
# Attention lets each position **fetch** what it needs from wherever it stands. Think of a dictionary with soft keys. Every
# position offers a **key**, what it has, and a **value**, what it gives. Every position also asks a **query**, what it
# needs. Where a query fits a key well, much of that value comes over. All of it is matrix products.

# %%
import itertools
from timeit import default_timer

from tito import show
from tito.live import check, extend, hint

# %%
#| export
"""Attention: each position fetches what it needs from those before it."""

import math

import numpy as np

from tinytorch.autograd import Tensor, derivative
from tinytorch.layers import Embedding, Linear, Module, _largest, softmax
from tinytorch.tensor import add_up, operation, unwrap

# %% [markdown]
# ## 1. One query by hand
#
# Three positions. Each has a key and a value of two numbers. The query of the last one is `[2, 0]`:
#
# | position | key | value | query · key | weight |
# |---|---|---|---|---|
# | 0 | `[1, 0]` | `[10, 0]` | 2 | 0.665 |
# | 1 | `[0, 1]` | `[0, 10]` | 0 | 0.090 |
# | 2 | `[0.5, 0.5]` | `[5, 5]` | 1 | 0.245 |
#
# The weights are the softmax of the products: positive, and 1 together. What is fetched is the sum of the values, each
# times its weight: `[7.9, 2.1]`, mostly what position 0 had.
#
# All queries at once are a matrix product, `scores = query @ key.T`: a row for each query, a column for each key.
#
# ### Not into the future
#
# A language model predicts what comes next at *every* position of a text. If position 3 could look at position 4, it
# would read the answer there. So each position may look at itself and at those before it. A **mask** says so: True where
# looking is allowed.
#
# | | key 0 | key 1 | key 2 |
# |---|---|---|---|
# | query 0 | True | | |
# | query 1 | True | True | |
# | query 2 | True | True | True |
#
# ### Exercise: `causal_mask`
#
# Return this table for `n` positions, as an array of bools. Rows are queries.
#
# Check yourself: how many are True for n = 4? (4 + 3 + 2 + 1 = 10.)
#
# <details><summary>Hint 1</summary>Compare a column of positions with a row of positions: <code>np.arange(n)[:, None]</code>
# are the queries, <code>np.arange(n)</code> the keys. Broadcasting makes the table.</details>
# <details><summary>Hint 2</summary>A query may look at keys that are not later: <code>keys &lt;= queries</code>. Or
# <code>np.tri(n, dtype=bool)</code>.</details>


# %% exercise="causal_mask" points=1
#| export
def causal_mask(n):
    """Which keys, the columns, each query, a row, may look at: itself and those before; bools (n, n)."""
    ### BEGIN SOLUTION
    positions = np.arange(n)
    return positions <= positions[:, None]
    ### END SOLUTION


# %%
print(causal_mask(4).astype(int))

# %% [markdown]
# ### Exercise: `masked_softmax`
#
# Softmax along the last axis, in which what is not allowed gets the weight 0, and the rest add up to 1.
#
# The order matters. Softmax first and zeros after would leave the rest adding up to less than 1; and the weights that are
# left would depend on what was not to be seen. So **before** the softmax, put minus infinity where the mask is False: exp of
# that is 0.
#
# One trap. In a row where *nothing* is allowed, all are minus infinity, and minus infinity minus itself is `nan`. One such
# `nan` spreads to every parameter within a step. Such a row shall be 0 everywhere.
#
# Along short rows, `_largest(scores, -1)` of module 03 and `add_up` of module 01 are several times as fast as NumPy's own
# `max` and `sum`. Either will do.
#
# Check yourself: scores `[1, 1, 5]` with the mask `[True, True, False]` are `[0.5, 0.5, 0]`.
#
# <details><summary>Hint 1</summary><code>np.where(mask, scores, -np.inf)</code>. The mask broadcasts: one table for all
# samples and heads.</details>
# <details><summary>Hint 2</summary>Without <code>nan</code> from the beginning: subtract the highest allowed score of the row, or
# 0 where there is none, take <code>np.exp</code>, and divide by the sum, or by 1 where that is 0.</details>
# <details><summary>Hint 3</summary><code>highest = scores.max(-1, keepdims=True)</code>; <code>highest =
# np.where(np.isfinite(highest), highest, 0)</code>; <code>powers = np.exp(scores - highest)</code>; <code>total =
# powers.sum(-1, keepdims=True)</code>; <code>powers / np.where(total == 0, 1, total)</code>.</details>


# %% exercise="masked_softmax" points=2
#| export
def masked_softmax(scores, mask=None):
    """Softmax along the last axis, 0 where `mask` is False; a row in which nothing is allowed is all 0.

    Arrays: scores (..., n, m), and a mask of bools that broadcasts to them, or None for all.
    """
    if mask is None:
        return softmax(scores, -1)
    ### BEGIN SOLUTION
    scores = np.where(mask, scores, np.asarray(-np.inf, scores.dtype))
    highest = _largest(scores, -1)
    powers = np.exp(scores - np.where(np.isfinite(highest), highest, 0).astype(scores.dtype))
    total = add_up(powers, axis=-1, keepdims=True)
    return powers / np.where(total == 0, 1, total).astype(scores.dtype)
    ### END SOLUTION


# %%
print(masked_softmax(np.array([[1.0, 1, 5], [3, 1, 5]]), np.array([[1, 1, 0], [0, 0, 0]], bool)))

# %% [markdown]
# ## 2. The operation
#
# A product of `d` random numbers with `d` others adds up `d` terms, so its size grows with the **root** of d. For d = 64 the
# scores would be 8 times as large as for d = 1, softmax would put nearly all weight on one key, and its gradient would be
# nearly 0 (module 04). So the scores are divided by the root of d first:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^T}{\sqrt{d}}\right) V$$
#
# This is the formula of A. Vaswani and others, 2017, *Attention Is All You Need*.
#
# ### Exercise: `attend`
#
# Write it on arrays, as an `@operation`: query `(..., n, d)`, key `(..., m, d)`, value `(..., m, e)`; what comes out is `(..., n, e)`. The dots
# stand for samples and heads, and `@` takes care of them.
#
# Check yourself: with one single key, the value is fetched whatever the query.
#
# <details><summary>Hint 1</summary><code>key.swapaxes(-1, -2)</code> exchanges the last two axes and leaves the others.
# (<code>.T</code> would reverse all of them.)</details>
# <details><summary>Hint 2</summary><code>scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])</code>, then the masked
# softmax, and <code>weights @ value</code>.</details>


# %% exercise="attend" points=2
#| export
@operation
def attend(query, key, value, *, mask=None):
    """What each query fetches: (..., n, d), (..., m, d), (..., m, e) -> (..., n, e) (Vaswani et al. 2017)."""
    ### BEGIN SOLUTION
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    return masked_softmax(scores, mask) @ value
    ### END SOLUTION


# %%
keys, values = np.array([[1.0, 0], [0, 1], [0.5, 0.5]]), np.array([[10.0, 0], [0, 10], [5, 5]])
query = np.array([[2.0, 0]]) * math.sqrt(2)  # so that the division gives the table above
print(attend(query, keys, values).round(1))

# %% [markdown]
# ### Its gradient
#
# Composed of tensor operations, attention would get its gradient by itself, in five steps, each with an array of n × m numbers
# in memory. As one operation with a rule of its own it is faster, and deriving the rule is a good exercise, since it has
# parts that you know. Call the weights P. Forward:
#
# | | |
# |---|---|
# | S = Q Kᵀ / √d | P = softmax(S), row by row |
# | O = P V | |
#
# Backward, from G, the gradient of O. dP and dS are the gradients of P and S, and ∘ is element by element, NumPy's `*`:
#
# | gradient of | | because |
# |---|---|---|
# | V | Pᵀ G | O = P V is a product |
# | P: dP | G Vᵀ | the same |
# | S: dS | P ∘ (dP − the sum of dP ∘ P along the row) | softmax, module 04 |
# | Q | dS K / √d | a product |
# | K | dSᵀ Q / √d | the same |
#
# And the mask? Where P is 0, dS is 0, by the third row. So the mask needs no line.
#
# ### Exercise: `attention_rule`
#
# Return the gradients of query, key and value. The weights are computed anew, which is given: keeping them for every layer
# would cost n × m numbers each.
#
# The judge is `gradcheck`, below.
#
# <details><summary>Hint 1</summary>Transposed means the last two axes, <code>swapaxes(-1, -2)</code>: for Vᵀ, for dSᵀ and
# for Pᵀ. P is <code>weights</code>, G is <code>grad</code>.</details>
# <details><summary>Hint 2</summary><code>d_weights = grad @ value.swapaxes(-1, -2)</code> and <code>d_scores = weights * (d_weights -
# (d_weights * weights).sum(axis=-1, keepdims=True))</code>.</details>
# <details><summary>Hint 3</summary>Multiply <code>d_scores</code> by <code>scale</code> once, and return <code>d_scores @ key,
# d_scores.swapaxes(-1, -2) @ query, weights.swapaxes(-1, -2) @ grad</code>.</details>


# %% exercise="attention_rule" points=3
#| export
def attention_rule(grad, out, query, key, value, mask=None):
    """Backward through `attend`: the gradients of query, key and value, from that of the output."""
    scale = 1 / math.sqrt(query.shape[-1])
    weights = masked_softmax(query @ key.swapaxes(-1, -2) * scale, mask)
    ### BEGIN SOLUTION
    d_weights = grad @ value.swapaxes(-1, -2)
    d_scores = weights * (d_weights - add_up(d_weights * weights, axis=-1, keepdims=True)) * scale
    d_value = weights.swapaxes(-1, -2) @ grad
    return d_scores @ key, d_scores.swapaxes(-1, -2) @ query, d_value
    ### END SOLUTION


# %% [markdown]
# Entered into the table of rules, and under PyTorch's name:


# %%
#| export
derivative(attend)(attention_rule)


def scaled_dot_product_attention(query, key, value, attn_mask=None, is_causal=False):
    """Attention on tensors (..., n, d), (..., m, d), (..., m, e) -> (..., n, e), as one operation.

    `attn_mask` are bools that broadcast to (..., n, m), True where looking is allowed. `is_causal`
    is the mask that hides what comes later. A ValueError if both are given, or shapes do not fit.
    """
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"queries and keys must be of one size, and keys and values as many: "
            f"these are {query.shape}, {key.shape}, {value.shape}"
        )
    if is_causal:
        if attn_mask is not None:
            raise ValueError("is_causal makes the mask itself: give it or attn_mask, not both")
        attn_mask = causal_mask(query.shape[-2])[:, : key.shape[-2]]
    mask = None if attn_mask is None else np.asarray(unwrap(attn_mask), dtype=bool)
    return attend(query, key, value, mask=mask)


# %%
from tinytorch.backprop import gradcheck

rng = np.random.default_rng(0)


def doubles(*shape):
    return Tensor(rng.standard_normal(shape), dtype=np.float64, requires_grad=True)


qkv = [doubles(2, 3, 4), doubles(2, 5, 4), doubles(2, 5, 2)]
print("gradcheck:", gradcheck(scaled_dot_product_attention, qkv))
square = [doubles(2, 4, 3), doubles(2, 4, 3), doubles(2, 4, 3)]
print(
    "causal:",
    gradcheck(lambda q, k, v: scaled_dot_product_attention(q, k, v, is_causal=True), square),
)

# %% [markdown]
# ## 3. Several heads
#
# One attention fetches one mixture. A position may need two things at once: who is spoken of, and which verb came last. So
# the features are divided among several **heads**, each with queries, keys and values of its own, that look at different
# places at the same time.
#
# 8 features and 2 heads: the first four belong to head 0, the last four to head 1. Heads are treated as samples are: an axis
# in front of the positions.
#
# | | shape |
# |---|---|
# | features of all positions | (batch, n, features) |
# | cut each row into heads | (batch, n, heads, size) |
# | heads in front of positions | (batch, heads, n, size) |
#
# ### Exercise: `split_heads`
#
# Go from the first row to the last, with tensor operations. Mind: reshaping to `(batch, heads, n, size)` at once gives the
# right shape and nonsense in it: it would cut across positions.
#
# <details><summary>Hint 1</summary><code>x.reshape(batch, n, heads, -1)</code>; -1 stands for what is left.</details>
# <details><summary>Hint 2</summary><code>.permute(0, 2, 1, 3)</code> puts axis 2 in front of axis 1.</details>


# %% exercise="split_heads" points=1
#| export
def split_heads(x, heads):
    """Features divided among heads: (batch, n, features) -> (batch, heads, n, features / heads)."""
    ### BEGIN SOLUTION
    batch, n, features = x.shape
    return x.reshape(batch, n, heads, features // heads).permute(0, 2, 1, 3)
    ### END SOLUTION


# %% [markdown]
# ### Exercise: `merge_heads`
#
# And back: `(batch, heads, n, size)` to `(batch, n, heads · size)`, so that `merge_heads(split_heads(x, h))` is `x`.
#
# <details><summary>Hint 1</summary>The same two steps in the other order: first positions in front of heads again.</details>
# <details><summary>Hint 2</summary><code>x.permute(0, 2, 1, 3).reshape(batch, n, -1)</code></details>


# %% exercise="merge_heads" points=1
#| export
def merge_heads(x):
    """The features of all heads side by side: (batch, heads, n, size) -> (batch, n, heads * size)."""
    ### BEGIN SOLUTION
    batch, heads, n, size = x.shape
    return x.permute(0, 2, 1, 3).reshape(batch, n, heads * size)
    ### END SOLUTION


# %%
x = Tensor(np.arange(16.0).reshape(1, 2, 8))
print(split_heads(x, 2).tolist())
print(merge_heads(split_heads(x, 2)).tolist())

# %% [markdown]
# ### Exercise: `self_attention`
#
# In **self-attention** queries, keys and values come from the same positions, through three linear layers. They are in one
# `Linear(features, 3 · features)`, since one large product is faster than three small ones.
#
# Write `forward`:
#
# 1. `self.qkv(x)` gives `(batch, n, 3 · features)`. Cut it into query, key and value along the last axis, in this order:
#    each has as many features as `x`.
# 2. Split each into `self.heads` heads.
# 3. Attention, causal if `self.causal`.
# 4. Merge the heads, and apply `self.out`, which mixes what they found.
#
# <details><summary>Hint 1</summary>With <code>joined = self.qkv(x)</code>, the queries are <code>joined[:, :, :features]</code>, the
# keys <code>joined[:, :, features : 2 * features]</code>, and the values the rest.</details>
# <details><summary>Hint 2</summary><code>scaled_dot_product_attention(query, key, value, is_causal=self.causal)</code></details>


# %%
#| export
class SelfAttention(Module):
    """Several heads of attention of a sequence to itself: (batch, n, features) -> the same shape."""

    def __init__(self, features, heads, causal=True):
        if features % heads:
            raise ValueError(f"{features} features cannot be divided among {heads} heads")
        self.heads, self.causal = heads, causal
        self.qkv = Linear(features, 3 * features)
        self.out = Linear(features, features)


# %% exercise="self_attention" points=3
#| export
@extend(SelfAttention)
def forward(self, x):
    ### BEGIN SOLUTION
    joined, features = self.qkv(x), x.shape[-1]
    parts = [joined[:, :, i * features : (i + 1) * features] for i in range(3)]
    query, key, value = (split_heads(part, self.heads) for part in parts)
    found = scaled_dot_product_attention(query, key, value, is_causal=self.causal)
    return self.out(merge_heads(found))
    ### END SOLUTION


# %%
from tinytorch.autograd import randn
from tinytorch.tensor import manual_seed

manual_seed(0)
layer = SelfAttention(8, heads=2)
print(layer(randn(2, 5, 8)).shape)

# %% [markdown]
# ## 4. Does it see the future?
#
# A mask that is off by one raises no error. The loss falls, far too well, since each position reads the answer. Later, when
# the model writes, there is no answer to read, and it writes nonsense.
#
# There is a test that finds every such fault, wherever it hides, and you have had its tool since module 02. The gradient of
# the output at position t says which inputs it depends on. If one of them is later than t, the future is seen.
#
# ### Exercise: `sees_the_future`
#
# Return True if an output of `model` depends on an input later than itself. `x` is a tensor `(batch, n, features)`, and so
# is `model(x)`, perhaps with other features.
#
# For each position t but the last: make a fresh leaf, `Tensor(x, requires_grad=True)`, run the model, add up the output
# **at t** and go backward. Is any value of the leaf's gradient at the positions t + 1 and later not 0?
#
# <details><summary>Hint 1</summary><code>model(leaf)[:, t].sum().backward()</code></details>
# <details><summary>Hint 2</summary><code>leaf.grad.numpy()[:, t + 1 :].any()</code>. Return True at once when it is, and False after
# the loop.</details>


# %% exercise="sees_the_future" points=2
#| export
def sees_the_future(model, x):
    """Whether an output of `model` at some position depends on an input at a later one, by its gradient."""
    ### BEGIN SOLUTION
    for t in range(x.shape[1] - 1):
        leaf = Tensor(x, requires_grad=True)
        model(leaf)[:, t].sum().backward()
        if leaf.grad is not None and leaf.grad.numpy()[:, t + 1 :].any():
            return True
    return False
    ### END SOLUTION


# %%
for causal in (True, False):
    print(
        "causal" if causal else "not causal",
        sees_the_future(SelfAttention(8, 2, causal), randn(2, 5, 8)),
    )

# %% [markdown]
# ## 5. Where things stand
#
# Shuffle the positions, and attention without a mask gives the same, shuffled: it does not know where anything stands.
# Something must say so. The simplest: an embedding of **positions**, added to that of the tokens.
#
# ### Exercise: `add_positions`
#
# Write `forward`: x `(batch, n, features)` plus the first n rows of `self.table.weight`, for every sample the same. If n is
# more than `self.longest`, raise a `ValueError` that names both numbers.
#
# <details><summary>Hint 1</summary><code>self.table.weight[:n]</code> has the shape (n, features), and broadcasts over the
# batch.</details>
# <details><summary>Hint 2</summary>The number of positions is <code>x.shape[1]</code>.</details>


# %%
#| export
class Positions(Module):
    """Adds a learnt row to each position, of which there are at most `longest`: (batch, n, features)."""

    def __init__(self, longest, features):
        self.longest = longest
        self.table = Embedding(longest, features)


# %% exercise="add_positions" points=1
#| export
@extend(Positions)
def forward(self, x):
    ### BEGIN SOLUTION
    n = x.shape[1]
    if n > self.longest:
        raise ValueError(f"a sequence of {n} is longer than the {self.longest} positions")
    return x + self.table.weight[:n]
    ### END SOLUTION


# %% [markdown]
# ### Turning
#
# Newer models say it in another way. Take two features as a point in the plane and **turn** it, the further the later the
# position: by position · angle. The product of two turned arrows depends only on the *difference* of their angles, that is,
# on how far apart query and key stand. Nothing has to be learnt, and "three places back" looks the same everywhere. (J. Su
# and others, 2021, *RoFormer*.)
#
# Turning the point (a, b) by the angle φ gives (a cos φ − b sin φ, a sin φ + b cos φ).
#
# ### Exercise: `rotate`
#
# On arrays `(..., n, size)`, with a result in x's dtype: feature i and feature i + size/2 are one point, as in most libraries. Pair i turns at position t
# by `t · angles[i]`, and `angles` are given: from 1 down to nearly 1/10,000.
#
# Check yourself: position 0 is not turned. And with size 2, `[1, 0]` at position 1 becomes `[cos 1, sin 1]` = `[0.54, 0.84]`.
#
# <details><summary>Hint 1</summary><code>half = x.shape[-1] // 2</code>, and <code>a, b = x[..., :half], x[..., half:]</code>.</details>
# <details><summary>Hint 2</summary><code>turn = np.arange(n)[:, None] * angles</code> has the shape (n, half).</details>
# <details><summary>Hint 3</summary><code>np.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)</code>, and
# <code>.astype(x.dtype)</code> behind it: <code>angles</code> are float64.</details>


# %% exercise="rotate" points=2
#| export
def rotate(x):
    """Features turned by their position, in pairs (i, i + size/2): array (..., n, size) (RoPE, Su et al. 2021)."""
    size, n = x.shape[-1], x.shape[-2]
    angles = 10_000.0 ** (-2 * np.arange(size // 2) / size)
    ### BEGIN SOLUTION
    a, b = x[..., : size // 2], x[..., size // 2 :]
    turn = np.arange(n)[:, None] * angles
    cos, sin = np.cos(turn), np.sin(turn)
    return np.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1).astype(x.dtype)
    ### END SOLUTION


# %%
same = rotate(np.ones((6, 4)))
print("three places apart, wherever:", (same[0] @ same[3]).round(6), (same[2] @ same[5]).round(6))

# %% [markdown]
# ## 6. A head that turns things round
#
# What does a model do with it? A task that needs attention and nothing else: read five digits, and write them in reverse.
# The first digit to write is the last one that was read, the next the one before it, and so on. A model that cannot look
# back to a certain place can only guess.
#
# Between the layers each position also needs to compute something for itself; two linear layers with `GELU` between them do
# that. Module 10 explains this **block**, and stacks it.

# %%
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.layers import GELU, LayerNorm, Sequential
from tinytorch.optimizers import AdamW


class Reader(Module):
    """Two layers of attention: (batch, n) tokens -> (batch, n, tokens) scores."""

    def __init__(self, tokens=12, longest=16, features=32, heads=2):
        self.words = Embedding(tokens, features)
        self.positions = Positions(longest, features)
        self.norms = Sequential(LayerNorm(features), LayerNorm(features), LayerNorm(features))
        self.attention = Sequential(SelfAttention(features, heads), SelfAttention(features, heads))
        self.think = Sequential(
            Linear(features, 4 * features), GELU(), Linear(4 * features, features)
        )
        self.scores = Linear(features, tokens)

    def forward(self, ids):
        x = self.positions(self.words(ids))
        x = x + self.attention[0](self.norms[0](x))
        x = x + self.think(self.norms[1](x))
        x = x + self.attention[1](self.norms[2](x))
        return self.scores(x)


def reversing(count, rng, n=5):
    """Tokens such as 3 1 4 1 5 = 5 1 4 1 3, where = is token 10."""
    digits = rng.integers(0, 10, (count, n))
    return np.concatenate([digits, np.full((count, 1), 10), digits[:, ::-1]], axis=1)


manual_seed(0)
rng = np.random.default_rng(0)
reader, loss_function = Reader(), CrossEntropyLoss()
optimizer = AdamW(reader.parameters(), lr=0.003)
start = default_timer()
for step in range(151):
    rows = reversing(64, rng)
    scores = reader(Tensor(rows[:, :-1]))[:, 5:]  # what comes after = is to be learnt
    loss = loss_function(scores.reshape(-1, 12), Tensor(rows[:, 6:].reshape(-1)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        right = (scores.argmax(-1).numpy() == rows[:, 6:]).all(1).mean()
        print(f"step {step:3}: loss {loss.item():.3f}, {right:.0%} of the answers wholly right")
print(f"{default_timer() - start:.1f} s")

# %% [markdown]
# Each batch is made of digits that were never drawn before, so these are not remembered. Where do the heads look? A row is a
# position, and the dark cell in it is the place that it fetched from:

# %%
example = reversing(1, np.random.default_rng(7))[:, :-1]
show.attention(
    reader, Tensor(example), ["=" if token == 10 else str(token) for token in example[0]]
)

# %% [markdown]
# From the row of `=` on, look for the line that goes down to the left. There each position looks at the digit that comes next
# in reverse. Nobody told it so.
#
# ### Question: a row of zeros
#
# Somebody finds `masked_softmax` too long and writes `softmax(scores * mask)`, with a mask of ones and zeros: "What is not
# allowed gets the score 0." For a causal mask and three positions with the scores `[[2, 9, 9], [1, 3, 9], [0, 0, 0]]`, what
# weights does each row give? Which rows see the future? Why is the last row right all the same, and what will a test on
# short random data say to this?

# %% [markdown] question="row_of_zeros" points=2
# ### BEGIN SOLUTION
# Row 0: the scores become `[2, 0, 0]`, the weights about `[0.79, 0.11, 0.11]`: a fifth comes from the future. Row 1: `[1, 3,
# 0]`, about `[0.11, 0.84, 0.04]`: some from the future. Row 2 may see all, and nothing is masked in it.
#
# A score of 0 is not the weight 0: exp(0) is 1. Only minus infinity gives 0. The output depends on later inputs through
# their values, by a little. A test that compares shapes, or sees the loss fall, says nothing; the gradient of an early output by a
# later input is not 0, and `sees_the_future` finds it.
#
# **Rubric.** 1 point: exp(0) = 1, so rows 0 and 1 see the future, with weights of about this size. 1 point: the last row has
# nothing masked, and what finds the fault.
# ### END SOLUTION

# %% [markdown]
# ### Question: twice as long
#
# A model reads 64 tokens with 4 heads. It is changed to read 128, with 8 heads of half the size each. The number of features
# stays. How do these change: the parameters of `SelfAttention`; the numbers in all score tables of a layer; the
# multiplications for `query @ key.T`; those of `self.qkv`? Which of them decides what a text of 100,000 tokens would cost?

# %% [markdown] question="twice_as_long" points=2
# ### BEGIN SOLUTION
# Parameters: unchanged. The linear layers know features, and neither positions nor heads.
#
# Score tables: heads · n · n numbers. From 4 · 64² to 8 · 128²: eight times as many, twice for the heads, four times for the
# length.
#
# Multiplications for the scores: heads · n² · size. The heads double, their size halves, so only n² counts: four times.
#
# `self.qkv`: n · features · 3 · features: twice.
#
# For long texts what grows with n² decides: at 100,000 tokens, 10¹⁰ scores for each head.
#
# **Rubric.** 1 point: parameters the same, and 2 of the three factors 8, 4, 2. 1 point: the third, and n² decides.
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | in your package | in PyTorch |
# |---|---|
# | `scaled_dot_product_attention(q, k, v, attn_mask, is_causal)` | `nn.functional`'s, with a fused kernel under it |
# | `attention_rule` | what the fused kernel does backward, piece by piece, in fast memory |
# | `SelfAttention` | `nn.MultiheadAttention(…, batch_first=True)`, called with three times x |
# | `Positions` | an `nn.Embedding`, by hand, as in GPT-2 |
# | `rotate` | what Llama and others do with queries and keys |
#
# When all checks pass, save the notebook. `tito demo --mine 09` lets attention reverse, sort and add, beside the same model
# with attention taken out.
