# %% [markdown]
# # 08 Language modelling
#
# A language model answers one question: given what stands here, what comes next? It answers with a probability for
# every token there is. From that one question all the rest follows. Ask it, draw a token, put the token behind the text,
# and ask again: it writes.
#
# You know a small one. Autocompletion counts what you typed after what, and proposes the most frequent. This module
# begins with exactly that, a table of counts. Then it asks the question that the next two modules live by: **how good is
# it, measured honestly?** At the end stands a ladder of models, each better than the one below, and an empty rung for
# the one that you build in 10.

# %%
import itertools
from timeit import default_timer

from tito import show
from tito.datasets import names, shakespeare
from tito.live import check, extend, hint

# %%
#| export
"""Language modelling: predicting the next token by counting and by a network, and measuring it honestly."""

import math
from collections import Counter, defaultdict

import numpy as np

from tinytorch.autograd import Tensor
from tinytorch.layers import Embedding, Linear, Module, Tanh, softmax
from tinytorch.tensor import default_generator, unwrap
from tinytorch.training import Dataset

# %% [markdown]
# ## 1. What follows what
#
# We begin with first names: 5,163 of them, from `aaron` on. Which letter follows which? Count it, in a table with a row
# for each letter and a column for each letter behind it.
#
# A name also begins and ends. Both are said by one more sign, a full stop: `.anna.` begins after a stop, and ends
# before one. So all names together are one row of 27 different tokens:

# %%
people = names()

from tinytorch.tokenization import CharTokenizer

letters = CharTokenizer("." + "".join(people))
row = np.array(letters.encode("." + ".".join(people) + "."))
print(letters.decode(row[:30]), row[:12], f"{len(row):,} tokens, {len(letters)} different ones")

# %% [markdown]
# ### Exercise: `bigram_counts`
#
# Two neighbours are called a **bigram**. Return an `int64` array `(size, size)`: at row i and column j stands how often
# token j comes right after token i.
#
# You met the trap in module 06: `counts[left, right] += 1` counts each cell once only. `np.add.at` counts each mention.
#
# Check yourself: `bigram_counts([0, 1, 0, 1, 1], 2)` is `[[0, 2], [1, 1]]`. Four pairs, four counts.
#
# <details><summary>Hint 1</summary>With <code>ids = np.asarray(ids)</code>, the left tokens are <code>ids[:-1]</code> and
# the right ones <code>ids[1:]</code>.</details>
# <details><summary>Hint 2</summary><code>counts = np.zeros((size, size), np.int64)</code>, and then
# <code>np.add.at(counts, (left, right), 1)</code>.</details>


# %% exercise="bigram_counts" points=2
#| export
def bigram_counts(ids, size):
    """How often token j follows token i, at [i, j] of an int64 array (size, size)."""
    ### BEGIN SOLUTION
    ids = np.asarray(ids)
    counts = np.zeros((size, size), np.int64)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts
    ### END SOLUTION


# %%
counts = bigram_counts(row, len(letters))
for left in ".q":
    best = np.argsort(-counts[letters.ids[left]])[:4]
    print(
        f"after {left!r}:",
        ", ".join(f"{letters.characters[j]} {counts[letters.ids[left], j]}" for j in best),
    )

# %% [markdown]
# ### Exercise: `row_probabilities`
#
# Divide each row by its sum, and it says with which **probability** each letter comes next.
#
# One thing first. `q` was never followed by `x` in these names. Is that impossible, then? Somebody may be called so. A
# model that says 0 to something that happens is infinitely wrong, as you will see below. So every cell gets a little
# **extra** before the division, 1 by default: as if everything had been seen once.
#
# Return a `float64` array of the shape of `counts` whose rows add up to 1.
#
# Check yourself: `row_probabilities([[3, 0]])` is `[[0.8, 0.2]]`: 4 of 5, and 1 of 5.
#
# <details><summary>Hint 1</summary>Add <code>extra</code> to all counts. What is to be divided by is the sum of each row
# <em>after</em> that.</details>
# <details><summary>Hint 2</summary><code>raised.sum(axis=1, keepdims=True)</code> has a column for the sums, so that the
# division broadcasts along the rows.</details>


# %% exercise="row_probabilities" points=1
#| export
def row_probabilities(counts, extra=1):
    """Counts (n, m) as probabilities: each row, with `extra` added to every cell, divided by its sum."""
    counts = np.asarray(counts)
    ### BEGIN SOLUTION
    raised = counts + float(extra)
    return raised / raised.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %%
probabilities = row_probabilities(counts)
show.heat(
    probabilities,
    letters.characters,
    letters.characters,
    title="Which letter comes next in a name",
    across="next letter",
    down="this letter",
)

# %% [markdown]
# Read a row: after `q` comes `u`, as in English. Read the first row: names begin with many letters. Read the first
# column: they end with `a`, `e`, `n`, `y`.
#
# ## 2. Drawing the next token
#
# To write, draw the next letter with these probabilities, and go on from there. How to draw with given probabilities
# from a generator that gives even numbers from 0 to 1: lay the probabilities end to end on the line from 0 to 1, and see
# into which of them the number falls.
#
# | token | probability | ends at | |
# |---|---|---|---|
# | 0 | 0.5 | 0.5 | |
# | 1 | 0.2 | 0.7 | ← 0.61 falls here |
# | 2 | 0.3 | 1.0 | |
#
# Networks give **scores**, and softmax makes probabilities of them. In between there is a knob: divide the scores by a
# **temperature** first. Below 1 the differences grow, and the likely becomes likelier; above 1 they shrink. At 0 only the
# highest score is left, and the same text comes out each time.
#
# ### Exercise: `sample_token`
#
# Draw a token by its score.
#
# 1. With `temperature == 0`, return the place of the highest score. (Dividing by 0 would not do.)
# 2. Otherwise, make probabilities of `scores / temperature` with `softmax(…, -1)`.
# 3. Draw **one** number, `(generator or default_generator).random()`, and find its place: the first token whose end lies
#    above it. `np.cumsum` gives the ends.
#
# Return a Python `int`. A token with a score of minus infinity has the probability 0 and must never be drawn.
#
# Probabilities are rounded, so they may add up to a little less than 1: ten times 0.1, added up, is 0.9999999999999999. A
# number above the last end then means the last token that can be drawn at all, and not one beyond it.
#
# <details><summary>Hint 1</summary><code>np.searchsorted(ends, number, side="right")</code> says how many ends are at most
# <code>number</code>, and so into which piece it falls.</details>
# <details><summary>Hint 2</summary>So that no number lies above the last end, multiply it by
# <code>ends[-1]</code>.</details>
# <details><summary>Hint 3</summary><code>ends = np.cumsum(softmax(scores / temperature, -1))</code>, and then <code>return
# int(np.searchsorted(ends, number * ends[-1], side="right"))</code></details>


# %% exercise="sample_token" points=2
#| export
def sample_token(scores, temperature=1.0, generator=None):
    """Draw the number of a token by its score, (n,) -> int: the highest for certain with temperature 0."""
    scores = np.asarray(unwrap(scores), dtype=np.float64)
    if temperature < 0:
        raise ValueError(f"a temperature is 0 or more, not {temperature}")
    ### BEGIN SOLUTION
    if temperature == 0:
        return int(scores.argmax())
    ends = np.cumsum(softmax(scores / temperature, -1))
    number = (generator or default_generator).random()
    return int(np.searchsorted(ends, number * ends[-1], side="right"))
    ### END SOLUTION


# %%
def new_name(generator, temperature=1.0):
    """A name, letter by letter, from the table of probabilities."""
    token, drawn = 0, []
    while not drawn or token:
        token = sample_token(np.log(probabilities[token]), temperature, generator)
        drawn.append(token)
    return letters.decode(drawn[:-1])


for temperature in (0.5, 1.0, 2.0):
    generator = np.random.default_rng(0)
    print(f"temperature {temperature}:", *[new_name(generator, temperature) for _ in range(7)])

# %% [markdown]
# Judge for yourself. The table knows one letter back and nothing else.
#
# ### The long tail
#
# Say five of 512 tokens fit. If the other 507 have a thousandth each, that is half together: every second token would
# be nonsense. Two ways to cut the tail off are in use everywhere. Both set the scores of what is cut off to minus
# infinity, so that `sample_token` need not know of them.
#
# **Top-k** keeps the k highest. **Top-p** keeps the fewest that reach the probability p together: few where the model is
# sure, many where it is not.
#
# | token | probability | top-k, k = 2 | top-p, p = 0.8 | top-p, p = 0.6 |
# |---|---|---|---|---|
# | a | 0.5 | kept | kept | kept |
# | b | 0.25 | kept | kept | kept |
# | c | 0.15 | | kept: before it, only 0.75 was reached | |
# | d | 0.1 | | | |
#
# ### Exercise: `keep_top_k`
#
# A new array in which all but the `k` highest scores are `-np.inf`. Scores equal to the lowest of these stay as well. If
# there are not more than `k`, all stay. The input must stay as it is.
#
# <details><summary>Hint 1</summary><code>np.sort(scores)[-k]</code> is the k-th highest score: the threshold.</details>
# <details><summary>Hint 2</summary><code>np.where(condition, scores, -np.inf)</code> makes a new array. With <code>k</code>
# larger than the array there is no k-th score: return a copy.</details>


# %% exercise="keep_top_k" points=1
#| export
def keep_top_k(scores, k):
    """Scores (n,) in which all but the k highest are minus infinity."""
    scores = np.asarray(unwrap(scores))
    ### BEGIN SOLUTION
    if k >= len(scores):
        return scores.copy()
    return np.where(scores >= np.sort(scores)[-k], scores, -np.inf)
    ### END SOLUTION


# %%
fitting = np.log([0.5, 0.25, 0.15, 0.1])
print(keep_top_k(fitting, 2))

# %% [markdown]
# ### Exercise: `keep_top_p`
#
# Keep the highest scores, and of these only as many as it takes for their probabilities to reach `p` together. All others
# become `-np.inf`. The highest always stays.
#
# In words: go through the tokens from the likeliest down. Keep a token if those **before** it have not reached `p` yet.
#
# <details><summary>Hint 1</summary><code>order = np.argsort(-scores, kind="stable")</code> are the tokens from the likeliest
# down, and <code>chances = softmax(scores, -1)[order]</code> their probabilities.</details>
# <details><summary>Hint 2</summary>What those before have reached: <code>np.cumsum(chances) - chances</code>.</details>
# <details><summary>Hint 3</summary>Start with <code>kept = np.full_like(scores, -np.inf)</code> and fill in the places
# <code>order[before &lt; p]</code>.</details>


# %% exercise="keep_top_p" points=2
#| export
def keep_top_p(scores, p):
    """Scores (n,) in which all are minus infinity but the fewest highest whose probabilities reach p."""
    scores = np.asarray(unwrap(scores), dtype=np.float64)
    ### BEGIN SOLUTION
    order = np.argsort(-scores, kind="stable")
    chances = softmax(scores, -1)[order]
    stay = order[np.cumsum(chances) - chances < p]
    kept = np.full_like(scores, -np.inf)
    kept[stay] = scores[stay]
    return kept
    ### END SOLUTION


# %%
for p in (0.4, 0.6, 0.8, 1.0):
    print(p, keep_top_p(fitting, p).round(2))

# %% [markdown]
# ## 3. How good is it?
#
# The text says what came next. The model gave that a probability. If it was 1, the model was perfect; the smaller, the
# more it was surprised. As in module 04, the loss is minus the logarithm, here of the natural kind, and its unit has a
# name: **nats**.
#
# | probability of what came | nats |
# |---|---|
# | 1 | 0 |
# | 1/2 | 0.69 |
# | 1/27, a guess among 27 | 3.30 |
# | 0 | infinite |
#
# The mean over a text is the score of the model. exp of it is as if it had to guess among so many: 2.3 nats are a choice
# among ten.
#
# ### Exercise: `mean_nats`
#
# The mean of `-log(probabilities[left, right])` over all pairs of neighbours in `ids`, as a Python number.
#
# Check yourself: if all 27 are equally likely, it is log 27 = 3.296 for any text.
#
# <details><summary>Hint 1</summary><code>probabilities[ids[:-1], ids[1:]]</code> looks all pairs up at once.</details>
# <details><summary>Hint 2</summary>The mean of the logarithms, not the logarithm of the mean: <code>-np.log(…).mean()</code>,
# made a number by <code>float</code>.</details>


# %% exercise="mean_nats" points=2
#| export
def mean_nats(probabilities, ids):
    """How surprised a table of probabilities (size, size) is by `ids`: the mean of -log at each pair, a number."""
    ids = np.asarray(ids)
    ### BEGIN SOLUTION
    return float(-np.log(probabilities[ids[:-1], ids[1:]]).mean())
    ### END SOLUTION


# %%
print(f"guessing {math.log(27):.3f}, counting {mean_nats(probabilities, row):.3f} nats a letter")

# %% [markdown]
# ### Held out
#
# That number is flattered: the table was measured on the names from which it was made. Module 06 held samples out by
# lot. For names this is right, as each is a sample of its own.
#
# For a running text it is not. Cut the text into windows of 64 letters, as a network will read it, and draw some of them
# by lot. Each window that is drawn overlaps with others that are not, nearly all of its letters are in these. A model that
# only remembers passes this exam. The same happens with sentences that are quoted twice, lines of one scene, versions of
# one file.
#
# So hold out a **stretch**: one piece from the end, that nothing has seen, neither counts, nor weights, nor the tokens.
#
# ### Exercise: `hold_out`
#
# Cut `text` in two, and return both: what is learnt from, and the last `share` of it. The second has
# `round(share * len(text))` tokens. Works for a string, a list and an array, as all of them can be sliced.
#
# Check yourself: `hold_out("abcdefghij", 0.2)` is `("abcdefgh", "ij")`.
#
# <details><summary>Hint 1</summary>Where to cut: <code>len(text) - round(share * len(text))</code>.</details>
# <details><summary>Hint 2</summary><code>text[:cut], text[cut:]</code>. A negative index would go wrong where nothing is
# held out: <code>text[:-0]</code> is empty.</details>


# %% exercise="hold_out" points=1
#| export
def hold_out(text, share=0.1):
    """`text` in two: what is learnt from, and a stretch from the end, `share` of it, that nothing has seen."""
    ### BEGIN SOLUTION
    cut = len(text) - round(share * len(text))
    return text[:cut], text[cut:]
    ### END SOLUTION


# %%
plays = shakespeare()
learn, held_out = hold_out(plays)
print(f"{len(learn):,} characters to learn from, {len(held_out):,} held out")
print(held_out[6300:6420])

# %% [markdown]
# What is held out is nearly all of *The Tempest*: a play that no model here has seen, with people whose names occur
# nowhere else.
#
# ### A unit for every tokenizer
#
# A model of letters has 2 nats a token. A model with 512 tokens has 3.5. Which is better? The second one has two letters
# to predict in one go, so it cannot be said. Compare what can be compared: the nats of the **whole text**, divided by its
# characters.
#
# ### Exercise: `nats_per_character`
#
# The mean nats a token, times the number of tokens, divided by the number of characters.
#
# Check yourself: 3.5 nats a token, 500 tokens, 1000 characters: 1.75.
#
# <details><summary>Hint 1</summary>A mean times how many it is a mean of is the sum again.</details>
# <details><summary>Hint 2</summary><code>nats * tokens / characters</code></details>


# %% exercise="nats_per_character" points=1
#| export
def nats_per_character(nats, tokens, characters):
    """Nats a character, from the mean nats of `tokens` tokens that spell `characters` characters."""
    ### BEGIN SOLUTION
    return nats * tokens / characters
    ### END SOLUTION


# %%
print(nats_per_character(3.5, 500, 1000))

# %% [markdown]
# ## 4. Counting further back
#
# One letter back is little. Count what follows each *two* letters, each three: **n-grams**. With 63 characters there are
# 63³ = 250,047 rows for three letters back, and most were never seen. What then? Ask a shorter context, of which there is
# more.
#
# The trick is to ask all of them, and **mix**. Begin with a guess, `1 / size`. Then, for contexts of 0, 1, 2, … letters,
# mix what was counted after this context with what came out before:
#
# $$p_n = \frac{\text{count of the token} + k \cdot p_{n-1}}{\text{count of all} + k}$$
#
# where $k$ is how many *different* tokens were seen after the context. Why that? If few different ones followed, the
# context decides much, and little is left to the shorter ones. If always something new followed, the next will be new,
# too. (I. Witten and T. Bell, 1991, *The zero-frequency problem*.)
#
# By hand: `size` is 4. After the context `th`, `e` was seen 6 times and `a` twice; the shorter contexts say 0.4 for `e` and
# 0.1 for `o`. Here $k$ is 2, and 8 were counted:
#
# | token | |
# |---|---|
# | `e` | (6 + 2 · 0.4) / (8 + 2) = 0.68 |
# | `o` | (0 + 2 · 0.1) / (8 + 2) = 0.02 |
#
# So what was never seen here is not impossible, and all of it still adds up to 1.
#
# The counting is given. `self.counts[n]` is a dict: for each context of n characters, a `Counter` of what followed.


# %%
#| export
class NGram:
    """Predicts a character from the `order - 1` before it, by counts in `text`."""

    def __init__(self, text, order):
        if order < 1:
            raise ValueError(f"the order is at least 1, the character alone, and not {order}")
        self.order, self.size = order, len(set(text))
        self.counts = [defaultdict(Counter) for _ in range(order)]
        for n, table in enumerate(self.counts):
            for i in range(n, len(text)):
                table[text[i - n : i]][text[i]] += 1

    def nats(self, text):
        """The mean of -log of the probability of each character of `text`, after what stands before it."""
        longest = self.order - 1
        chances = (
            self.probability(text[max(0, i - longest) : i], token) for i, token in enumerate(text)
        )
        return sum(-math.log(chance) for chance in chances) / len(text)


# %% [markdown]
# ### Exercise: `witten_bell`
#
# Write `probability`: how likely `token` is after `context`, a string of any length.
#
# 1. Start with `1 / self.size`.
# 2. For n = 0, 1, 2, … up to `self.order - 1`, as long as the context has n characters: look up what followed its last n.
#    Where it was never seen, longer ones were not either: stop.
# 3. Mix, by the formula.
#
# Mind the last n characters for n = 0: `context[-0:]` is all of it. `context[len(context) - n :]` is right for each n.
#
# <details><summary>Hint 1</summary><code>for n in range(min(self.order, len(context) + 1)):</code> and in it <code>seen =
# self.counts[n].get(context[len(context) - n :])</code>, which is <code>None</code> where there is nothing.</details>
# <details><summary>Hint 2</summary><code>seen.total()</code> is the count of all, <code>len(seen)</code> how many different
# ones, <code>seen[token]</code> the count of the token.</details>
# <details><summary>Hint 3</summary><code>chance = (seen[token] + len(seen) * chance) / (seen.total() + len(seen))</code></details>


# %% exercise="witten_bell" points=3
#| export
@extend(NGram)
def probability(self, context, token):
    """How likely `token` is after `context`: counts after contexts of 0, 1, 2, … characters, mixed (Witten-Bell)."""
    ### BEGIN SOLUTION
    chance = 1 / self.size
    for n in range(min(self.order, len(context) + 1)):
        seen = self.counts[n].get(context[len(context) - n :])
        if seen is None:
            break
        chance = (seen[token] + len(seen) * chance) / (seen.total() + len(seen))
    return chance
    ### END SOLUTION


# %%
part, exam = learn[:200_000], held_out[:20_000]
for order in range(1, 7):
    start = default_timer()
    nats = NGram(part, order).nats(exam)
    print(f"{order}-gram: {nats:.3f} nats a character, {default_timer() - start:.1f} s")

# %% [markdown]
# Further back is better, up to a point. Then contexts become so rare that what was counted after them is mostly chance.
# (This was less than a quarter of the text. The milestone takes all of it.)
#
# And the leak? The same model, once with the stretch held out, and once with windows drawn by lot, that overlap with
# what was learnt:

# %%
generator = np.random.default_rng(0)
starts = generator.permutation(len(part) // 32 - 1) * 32  # windows of 64, one every 32 characters
drawn, kept = starts[:300], np.sort(starts[300:])
leaky = NGram("\n".join(part[i : i + 64] for i in kept), 6)
print(f"windows by lot: {np.mean([leaky.nats(part[i : i + 64]) for i in drawn]):.3f} nats, a dream")
print(f"a stretch:      {leaky.nats(exam):.3f} nats")

# %% [markdown]
# Nothing failed, and the number is worthless.
#
# ## 5. A network instead of a table
#
# A table has a row for each context, and what it learnt about one says nothing about another. `the king` and `a king` are
# two rows. In 2003 Y. Bengio and others gave each token a row of numbers, an **embedding**, and let a network make the
# prediction from the rows of the last few tokens. Similar tokens get similar rows, and what is learnt of one holds for the
# others.
#
# An embedding is a look-up, `weight[ids]`. Forward that is clear. What is its gradient?
#
# ### Exercise: `embedding_grad`
#
# A row that was looked up three times went to three places. So its gradient is the sum of what comes back from these
# three; that is the rule of every module so far. A row that was not looked up has a gradient of 0.
#
# Write it on arrays: `grad` has the shape of the output, `(..., features)`, `ids` the shape `(...)`. Return the gradient of
# the table, `(rows, features)`, in `grad`'s dtype.
#
# There are two ways. `np.add.at(total, ids, grad)` adds each row where it belongs. Or think of the look-up as a matrix
# product: with a matrix that has a row for each id, with a 1 at its place and zeros otherwise (**one-hot**), `one_hot @
# weight` picks the rows, and the gradient of a product you know: `one_hot.T @ grad`.
#
# Check yourself: `ids = [2, 0, 2]`, `grad = [[1, 1], [2, 2], [3, 3]]`, 3 rows: `[[2, 2], [0, 0], [4, 4]]`.
#
# <details><summary>Hint 1</summary><code>total = np.zeros((rows, grad.shape[-1]), grad.dtype)</code>. With
# <code>np.add.at</code>, <code>ids</code> may have any shape.</details>
# <details><summary>Hint 2</summary><code>total[ids] += grad</code> would count a row that occurs three times once: it reads all
# before it writes any.</details>


# %% exercise="embedding_grad" points=2
#| export
def embedding_grad(grad, ids, rows):
    """The gradient of a table of `rows` rows, of which `ids` (...) were looked up: grad (..., m) -> (rows, m)."""
    ### BEGIN SOLUTION
    total = np.zeros((rows, grad.shape[-1]), grad.dtype)
    np.add.at(total, ids, grad)
    return total
    ### END SOLUTION


# %%
from tinytorch.tensor import manual_seed

manual_seed(0)
table = Embedding(27, 4)
some = np.array([[5, 1, 5], [0, 5, 1]])
out = table(Tensor(some))
weights = np.random.default_rng(0).standard_normal(out.shape).astype(np.float32)
(out * Tensor(weights)).sum().backward()
print(
    "as autograd has it:", np.allclose(embedding_grad(weights, some, 27), table.weight.grad.numpy())
)

# %% [markdown]
# ### Exercise: `mlp_forward`
#
# The network, for a context of `length` tokens:
#
# | | shape |
# |---|---|
# | ids | (batch, length) |
# | look each one up | (batch, length, features) |
# | all rows of a sample in a row | (batch, length · features) |
# | hidden layer, then `tanh` | (batch, hidden) |
# | output layer: a score for each token | (batch, size) |
#
# Write `forward`. The layers are there: `self.embedding`, `self.hidden`, `self.bend`, `self.output`.
#
# <details><summary>Hint 1</summary>Layers are called: <code>rows = self.embedding(ids)</code>.</details>
# <details><summary>Hint 2</summary><code>rows.flatten(1)</code> puts all axes from 1 on into one. Or
# <code>rows.reshape(len(ids), -1)</code>.</details>


# %%
#| export
class MLP(Module):
    """A next-token model of `length` tokens before it (Bengio et al. 2003): ids (n, length) -> scores (n, size)."""

    def __init__(self, size, length, features, hidden):
        self.length = length
        self.embedding = Embedding(size, features)
        self.hidden = Linear(length * features, hidden)
        self.bend = Tanh()
        self.output = Linear(hidden, size)


# %% exercise="mlp_forward" points=2
#| export
@extend(MLP)
def forward(self, ids):
    ### BEGIN SOLUTION
    rows = self.embedding(ids)  # (n, length, features)
    hidden = self.bend(self.hidden(rows.flatten(1)))  # (n, hidden)
    return self.output(hidden)
    ### END SOLUTION


# %% [markdown]
# Trained on names: the context are the three letters before, with stops where the name has not begun. One name in ten is
# held out, by lot, as each is a sample of its own.


# %%
from tinytorch.backprop import CrossEntropyLoss
from tinytorch.optimizers import AdamW, OneCycleLR
from tinytorch.training import DataLoader, TensorDataset, Trainer, random_split


def contexts(some, length=3):
    """The letters of each name with the `length` tokens before them: (n, length) and (n,)."""
    padded = [[0] * length + letters.encode(name) + [0] for name in some]
    pairs = [(p[i - length : i], p[i]) for p in padded for i in range(length, len(p))]
    return np.array([before for before, _ in pairs]), np.array([next_one for _, next_one in pairs])


split = random_split(people, [0.9, 0.1], generator=np.random.default_rng(0))
learnt, unseen = ([part[i] for i in range(len(part))] for part in split)

manual_seed(0)
model = MLP(len(letters), length=3, features=16, hidden=128)
data = DataLoader(
    TensorDataset(*contexts(learnt)), 64, shuffle=True, generator=np.random.default_rng(0)
)
exam_data = DataLoader(TensorDataset(*contexts(unseen)), 1024)
optimizer = AdamW(model.parameters(), lr=0.005)
schedule = OneCycleLR(optimizer, max_lr=0.005, epochs=4, steps_per_epoch=len(data))
trainer = Trainer(model, CrossEntropyLoss(), optimizer, schedule, schedule_each="batch")
trainer.fit(data, exam_data, epochs=4)

seen = row_probabilities(bigram_counts(letters.encode("." + ".".join(learnt) + "."), 27))
print(
    f"held out, counting bigrams: {mean_nats(seen, letters.encode('.' + '.'.join(unseen) + '.')):.3f}"
)
print(f"held out, the network:      {trainer.history['validation_loss'][-1]:.3f}")

# %% [markdown]
# ## 6. Windows of a text
#
# For a running text there are no samples yet. They are made by a window of `length` tokens that may stand anywhere. At each
# place in it something is to be predicted: what comes next. So the targets are the same window, one place further:
#
# | | |
# |---|---|
# | text | `to␣be␣or`, where ␣ is a space |
# | inputs, window at 1 of length 4 | `o␣be` |
# | targets | `␣be␣` |
#
# ### Exercise: `windows`
#
# A text of n tokens has n − `length` windows. Write `take(indices)`, which returns many at once: inputs and targets, two
# **tensors** of shape `(len(indices), length)`.
#
# Do not loop. A column of starts, `(k, 1)`, plus a row of steps, `(length + 1,)`, broadcasts to a table of places,
# `(k, length + 1)`. Look them all up in `self.ids` at once. All but the last column are inputs, all but the first are
# targets.
#
# <details><summary>Hint 1</summary><code>places = np.asarray(indices)[:, None] + np.arange(self.length + 1)</code></details>
# <details><summary>Hint 2</summary><code>rows = self.ids[places]</code>, and then <code>Tensor(rows[:, :-1])</code> and
# <code>Tensor(rows[:, 1:])</code>.</details>


# %%
#| export
class Windows(Dataset):
    """Windows of a row of tokens: sample i is ids[i : i + length], and the same one place further."""

    def __init__(self, ids, length):
        self.ids, self.length = np.asarray(ids), length
        if len(self.ids) <= length:
            raise ValueError(
                f"a text of {len(self.ids)} tokens has no window of {length} with one behind it"
            )

    def __len__(self):
        return len(self.ids) - self.length

    def __getitem__(self, index):
        inputs, targets = self.take(np.array([index]))
        return inputs[0], targets[0]


# %% exercise="windows" points=2
#| export
@extend(Windows)
def take(self, indices):
    """The windows that start at `indices` (k,), as one batch: inputs and targets, (k, length) each."""
    ### BEGIN SOLUTION
    places = np.asarray(indices)[:, None] + np.arange(self.length + 1)
    rows = self.ids[places]
    return Tensor(rows[:, :-1]), Tensor(rows[:, 1:])
    ### END SOLUTION


# %%
text_tokens = CharTokenizer(plays)
windows = Windows(text_tokens.encode(learn), 16)
inputs, targets = windows.take(np.array([0, 100]))
for ids in (inputs, targets):
    print([text_tokens.decode(line) for line in ids.tolist()])

# %% [markdown]
# All is ready for a model that looks at all tokens of a window, and at each of them predicts the next. That model needs
# an idea that is not here yet: how a place finds, among all the places before it, the ones that matter. It is the next
# module.
#
# ### Question: two losses
#
# Two teams have trained models on the same books, and measured them on the same held-out chapter of 12,000 characters.
#
# - Team A: tokens are characters. Loss 1.45 nats a token.
# - Team B: 8,000 BPE tokens, of which the chapter has 3,000. Loss 4.9 nats a token.
#
# Team A says: 1.45 is less than 4.9. Which model is better, and by how much? And a third team reports 1.1 nats a character,
# "validated on 5 % of the windows of all books, drawn at random". What do you say to that?

# %% [markdown] question="two_losses" points=2
# ### BEGIN SOLUTION
# A: 12,000 tokens of 1.45 nats are 17,400 nats for the chapter. B: 3,000 of 4.9 are 14,700. So B is better: 4.9 · 3,000 /
# 12,000 = 1.225 nats a character against 1.45. A token of B carries four characters, so it may well be harder to
# predict.
#
# The third number says nothing. Windows drawn at random overlap with windows that were learnt, so what was "held out" had
# been seen. A stretch that nothing has seen, best of all a whole book, must be measured.
#
# **Rubric.** 1 point: per character 1.225 against 1.45, so B. 1 point: overlapping windows leak; hold out a stretch or a
# book. The number without a reason: half.
# ### END SOLUTION

# %% [markdown]
# ### Question: what zero costs
#
# Somebody finds the extra 1 in `row_probabilities` ugly and sets `extra=0`: "Then the table says exactly what was counted,
# and on what it was counted it is *better*, 2.335 instead of 2.342 nats." Both are
# true. What happens on held-out names, and why does it take one single pair of letters? What would happen with `extra=1000`? How would you find a good value, and on
# which data?

# %% [markdown] question="zero_costs" points=2
# ### BEGIN SOLUTION
# A pair that was never counted gets the probability 0. If it occurs once in what is held out, its -log is infinite, and
# so is the mean over all. No number of good predictions makes up for it.
#
# With 1,000 added to each cell the counts drown: all rows become more and more even: 3.12 nats, not far from a guess, log 27 = 3.30.
#
# Try values, and take the one with the least loss on held-out names: not on those that were counted, where 0 is always
# best. And since the value was then chosen by these, report the number on a third part.
#
# **Rubric.** 1 point: infinite by a single pair that has probability 0; 1,000 makes it nearly even. 1 point: chosen on held-out
# data, with the reason that the counted data always prefer 0. The third part is not asked for.
# ### END SOLUTION

# %% [markdown]
# ## What you built
#
# | yours | elsewhere |
# |---|---|
# | `bigram_counts`, `NGram` | language models until about 2010; in `KenLM`, with a better way of mixing |
# | `sample_token`, `keep_top_k`, `keep_top_p` | `temperature`, `top_k` and `top_p` of every service that writes text |
# | `mean_nats`, `nats_per_character` | cross-entropy; in bits a byte where papers compare |
# | `hold_out`, `Windows` | how every model is trained and measured |
# | `embedding_grad` | the backward pass of `nn.Embedding` |
# | `MLP` | Bengio et al. 2003, *A Neural Probabilistic Language Model* |
#
# When all checks pass, save the notebook. `tito demo --mine 08` invents names, and sets up the ladder.
