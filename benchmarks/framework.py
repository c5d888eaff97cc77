"""How fast the framework is beside PyTorch, mygrad and HIPS autograd: ratios measured in one run, on one thread. `make bench`.

Every row is one piece of work, written for each library as its users would write it ("–" where they could not), from
the same starting values; that the libraries compute the same is checked before the clock starts. Then come rounds: in
each, every library in turn repeats the work for some hundredths of a second. A ratio is taken within a round, so that
what slows the machine slows both. Time is the processor's, not the clock's on the wall.

`python benchmarks/framework.py [ROW ...] [--rounds N]` measures some rows only; `--help` names them.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # read when NumPy and PyTorch are imported

import argparse
import ctypes
import gc
import statistics
import time
from importlib.metadata import version

import autograd
import autograd.numpy as anp
import mygrad as mg
import mygrad.nnet as mgn
import numpy as np
import torch
from autograd.misc.flatten import flatten
from torch import nn

import tinytorch as tt

torch.set_num_threads(1)

OURS, TORCH, MYGRAD, HIPS = LIBRARIES = ("TinyTorch", "PyTorch", "mygrad", "autograd")
rng = np.random.default_rng(0)


def normal(*shape, scale=1.0):
    return (scale * rng.standard_normal(shape)).astype(np.float32)


def arrays(model):
    """The parameters of a PyTorch model, as arrays of their own."""
    return [p.detach().numpy().copy() for p in model.parameters()]


def same_start(ours, theirs):
    ours.load_state_dict({name: tt.Tensor(value.numpy()) for name, value in theirs.state_dict().items()})


# A row returns, for each library, a function that does the work once and returns a few numbers to compare: the gradient
# or the parameters that came of it.


def training(layers, x, classes, mygrad, hips):
    """A whole step of a classifier with SGD. `layers` builds it; `mygrad` and `hips` are its forward passes, or None."""
    theirs, ours = layers(nn), layers(tt)
    same_start(ours, theirs)
    start, lr, work = arrays(theirs), 0.01, {}
    first, their_first = next(ours.parameters()), next(theirs.parameters())

    loss, optimizer, inputs, targets = (
        tt.CrossEntropyLoss(),
        tt.SGD(ours.parameters(), lr),
        tt.Tensor(x),
        tt.Tensor(classes),
    )

    def our_step():
        loss(ours(inputs), targets).backward()
        optimizer.step()
        optimizer.zero_grad()
        return first.array

    their_loss, their_optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(theirs.parameters(), lr)
    their_inputs, their_targets = torch.tensor(x), torch.tensor(classes)

    def their_step():
        their_loss(theirs(their_inputs), their_targets).backward()
        their_optimizer.step()
        their_optimizer.zero_grad()
        return their_first.data

    work |= {OURS: our_step, TORCH: their_step}
    if mygrad:
        parameters = [mg.tensor(p.copy()) for p in start]

        def mygrad_step():
            mgn.losses.softmax_crossentropy(mygrad(x, *parameters), classes).backward()
            for p in parameters:
                p.data -= lr * p.grad
                p.null_grad()
            return parameters[0].data

        work[MYGRAD] = mygrad_step
    if hips:
        values = [p.copy() for p in start]
        rows = np.arange(len(classes))

        def hips_loss(values):
            scores = hips(x, *values)
            scores = scores - anp.max(scores, axis=1, keepdims=True)
            return anp.mean(anp.log(anp.sum(anp.exp(scores), axis=1)) - scores[rows, classes])

        gradient = autograd.grad(hips_loss)

        def hips_step():
            for p, g in zip(values, gradient(values)):
                p -= lr * g
            return values[0]

        work[HIPS] = hips_step
    return work


def mlp():
    def layers(lib):
        return lib.Sequential(lib.Linear(784, 256), lib.ReLU(), lib.Linear(256, 10))

    def mygrad(x, w, b, v, c):
        return mg.matmul(mgn.relu(mg.matmul(x, w.T) + b), v.T) + c

    def hips(x, w, b, v, c):
        return anp.dot(anp.maximum(anp.dot(x, w.T) + b, 0), v.T) + c

    return training(layers, normal(64, 784), rng.integers(0, 10, 64), mygrad, hips)


def hips_conv(x, w, b, padding=0):
    """The sum, over the places in the window, of a product with what all windows have there."""
    x = anp.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)], mode="constant")
    high, wide = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    out = sum(
        anp.tensordot(w[:, :, i, j], x[:, :, i : i + high, j : j + wide], ([1], [1]))  # (f, n, high, wide)
        for i in range(w.shape[2])
        for j in range(w.shape[3])
    )
    return anp.transpose(out, (1, 0, 2, 3)) + anp.reshape(b, (1, -1, 1, 1))


def cnn():
    def layers(lib):
        conv = lib.Conv2d(1, 8, 3, padding=1)
        return lib.Sequential(conv, lib.ReLU(), lib.MaxPool2d(2), lib.Flatten(), lib.Linear(1568, 10))

    def mygrad(x, w, b, v, c):
        conv = mgn.layers.conv_nd(x, w, stride=1, padding=1) + b.reshape(1, -1, 1, 1)
        pooled = mgn.layers.max_pool(mgn.relu(conv), (2, 2), 2)
        return mg.matmul(pooled.reshape(len(x), -1), v.T) + c

    def hips(x, w, b, v, c):
        conv = anp.maximum(hips_conv(x, w, b, padding=1), 0)
        pooled = anp.max(anp.reshape(conv, (len(x), 8, 14, 2, 14, 2)), axis=(3, 5))
        return anp.dot(anp.reshape(pooled, (len(x), -1)), v.T) + c

    return training(layers, normal(32, 1, 28, 28), rng.integers(0, 10, 32), mygrad, hips)


def conv():
    theirs, ours = nn.Conv2d(8, 16, 3), tt.Conv2d(8, 16, 3)
    same_start(ours, theirs)
    x, grad = normal(32, 8, 28, 28), normal(32, 16, 26, 26)
    weight, bias = arrays(theirs)
    our_x, their_x = tt.Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    their_grad = torch.tensor(grad)
    mygrad_x, mygrad_w, mygrad_b = mg.tensor(x), mg.tensor(weight), mg.tensor(bias)

    def our_step():
        our_x.grad = None
        ours.zero_grad()
        ours(our_x).backward(grad)
        return our_x.grad.array

    def their_step():
        their_x.grad = None
        theirs.zero_grad()
        theirs(their_x).backward(their_grad)
        return their_x.grad

    def mygrad_step():
        out = mgn.layers.conv_nd(mygrad_x, mygrad_w, stride=1) + mygrad_b.reshape(1, -1, 1, 1)
        out.backward(grad)
        return mygrad_x.grad

    backward = autograd.make_vjp(lambda inputs: hips_conv(*inputs))

    def hips_step():
        return backward((x, weight, bias))[0](grad)[0]

    return {OURS: our_step, TORCH: their_step, MYGRAD: mygrad_step, HIPS: hips_step}


B, T, D, H = 8, 64, 64, 4  # sequences, tokens in each, numbers a token, heads


def transformer_block(lib, softmax):
    """LayerNorm, attention, LayerNorm and a network of two layers, from the parts that both libraries have."""

    class Block(lib.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = lib.LayerNorm(D), lib.LayerNorm(D)
            self.into, self.out = lib.Linear(D, 3 * D), lib.Linear(D, D)
            gelu = lib.GELU() if lib is tt else lib.GELU(approximate="tanh")
            self.network = lib.Sequential(lib.Linear(D, 4 * D), gelu, lib.Linear(4 * D, D))

        def forward(self, x):  # (B, T, D)
            x = x + self.attend(self.norm1(x))
            return x + self.network(self.norm2(x))

        def attend(self, x):
            parts = self.into(x).reshape(B, T, 3, H, D // H).permute(2, 0, 3, 1, 4)  # (3, B, H, T, D / H)
            q, k, v = parts[0], parts[1], parts[2]
            shares = softmax(q @ k.transpose(-1, -2) * (D // H) ** -0.5)  # (B, H, T, T)
            return self.out((shares @ v).transpose(1, 2).reshape(B, T, D))

    return Block()


def transformer():
    theirs, ours = transformer_block(nn, nn.Softmax(dim=-1)), transformer_block(tt, tt.Softmax(dim=-1))
    same_start(ours, theirs)
    x, grad = normal(B, T, D), normal(B, T, D)
    our_x, their_x, their_grad = tt.Tensor(x), torch.tensor(x), torch.tensor(grad)

    def our_step():
        ours.zero_grad()
        ours(our_x).backward(grad)
        return ours.into.weight.grad.array

    def their_step():
        theirs.zero_grad()
        theirs(their_x).backward(their_grad)
        return theirs.into.weight.grad

    values = {name: value.numpy().copy() for name, value in theirs.state_dict().items()}
    gradient = autograd.grad(lambda values: anp.sum(composed(anp, values, x) * grad))
    tensors = {name: mg.tensor(value) for name, value in values.items()}

    def hips_step():
        return gradient(values)["into.weight"]

    def mygrad_step():
        composed(mg, tensors, x).backward(grad)
        return tensors["into.weight"].grad

    return {OURS: our_step, TORCH: their_step, MYGRAD: mygrad_step, HIPS: hips_step}


def composed(lib, w, x):
    """The same block in the operations of mygrad and of autograd, which have no layers for it."""

    def linear(x, name):
        return lib.matmul(x, w[f"{name}.weight"].T) + w[f"{name}.bias"]

    def norm(x, name):
        apart = x - lib.mean(x, axis=-1, keepdims=True)
        square = lib.mean(apart * apart, axis=-1, keepdims=True)
        return apart / lib.sqrt(square + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def heads(x):
        return lib.transpose(lib.reshape(x, (B, T, H, D // H)), (0, 2, 1, 3))

    def softmax(x):
        if lib is mg:
            return mgn.activations.softmax(x, axis=-1)
        powers = anp.exp(x - anp.max(x, axis=-1, keepdims=True))
        return powers / anp.sum(powers, axis=-1, keepdims=True)

    parts = linear(norm(x, "norm1"), "into")
    q, k, v = (heads(parts[..., start : start + D]) for start in (0, D, 2 * D))
    shares = softmax(lib.matmul(q, lib.transpose(k, (0, 1, 3, 2))) * (D // H) ** -0.5)
    mixed = lib.reshape(lib.transpose(lib.matmul(shares, v), (0, 2, 1, 3)), (B, T, D))
    x = x + linear(mixed, "out")
    wide = linear(norm(x, "norm2"), "network.0")
    gelu = 0.5 * wide * (1 + lib.tanh((wide + 0.044715 * wide * wide * wide) * (2 / np.pi) ** 0.5))
    return x + linear(gelu, "network.2")


def gpt_model(lib, size=512, longest=64, features=128, heads=4, layers=4):
    """The GPT of module 10's milestone as a program that runs on either library."""
    nn, F = lib.nn, lib.nn.functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(features), nn.LayerNorm(features)
            self.into, self.out = nn.Linear(features, 3 * features), nn.Linear(features, features)
            self.up, self.down = nn.Linear(features, 4 * features), nn.Linear(4 * features, features)

        def forward(self, x):  # (B, T, features)
            parts = self.into(self.norm1(x)).reshape(*x.shape[:2], 3, heads, -1).permute(2, 0, 3, 1, 4)
            found = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
            x = x + self.out(found.transpose(1, 2).flatten(2))
            return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = nn.Embedding(size, features), nn.Embedding(longest, features)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.norm = nn.LayerNorm(features)

        def forward(self, ids):
            x = self.norm(self.blocks(self.tokens(ids) + self.places.weight))
            return F.linear(x, self.tokens.weight)

    model = GPT()
    for table in (model.tokens, model.places):
        nn.init.normal_(table.weight, std=0.02)
    return model


def gpt(features=128, heads=4, layers=4):
    rows = rng.integers(0, 512, (16, 65))
    theirs, ours = (gpt_model(lib, features=features, heads=heads, layers=layers) for lib in (torch, tt))
    same_start(ours, theirs)

    def stepping(lib, model):
        optimizer = lib.optim.AdamW(model.parameters(), lr=0.001)
        inputs, targets = lib.tensor(rows[:, :-1].copy()), lib.tensor(rows[:, 1:].copy())

        def step():
            scores = model(inputs)
            lib.nn.functional.cross_entropy(scores.reshape(-1, 512), targets.reshape(-1)).backward()
            lib.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            return next(model.parameters())

        return step

    our_step, their_step = stepping(tt, ours), stepping(torch, theirs)
    return {OURS: lambda: our_step().array, TORCH: lambda: their_step().data}


def adam():
    starts, grads = [normal(250, 250) for _ in range(16)], [normal(250, 250) for _ in range(16)]
    ours = [tt.Parameter(p) for p in starts]
    theirs = [torch.tensor(p, requires_grad=True) for p in starts]
    for p, q, g in zip(ours, theirs, grads):
        p.grad, q.grad = tt.Tensor(g), torch.tensor(g)
    optimizer, their_optimizer = tt.Adam(ours), torch.optim.Adam(theirs)
    point, unflatten = flatten([p.copy() for p in starts])
    slopes, state = flatten(grads)[0], {"mean": 0, "square": 0, "step": 0, "point": point}

    def our_step():
        optimizer.step()
        return ours[0].array

    def their_step():
        their_optimizer.step()
        return theirs[0].data

    def hips_step():  # the body of the loop in autograd.misc.optimizers.adam, on flattened parameters
        state["step"] += 1
        state["mean"] = 0.1 * slopes + 0.9 * state["mean"]
        state["square"] = 0.001 * slopes**2 + 0.999 * state["square"]
        mean, square = state["mean"] / (1 - 0.9 ** state["step"]), state["square"] / (1 - 0.999 ** state["step"])
        state["point"] = state["point"] - 0.001 * mean / (anp.sqrt(square) + 1e-8)
        return unflatten(state["point"])[0]

    return {OURS: our_step, TORCH: their_step, HIPS: hips_step}


LENGTH = 10_000


def chain():
    def work(x):
        y = x
        for _ in range(LENGTH):
            y = y * 1.0001
        y.backward()
        found, x.grad = x.grad, None
        return found

    ours, theirs, scalar = tt.Tensor(1.0, requires_grad=True), torch.tensor(1.0, requires_grad=True), mg.tensor(1.0)

    def product(x):
        for _ in range(LENGTH):
            x = x * 1.0001
        return x

    gradient = autograd.grad(product)

    def mygrad_step():
        product(scalar).backward()
        return scalar.grad

    return {
        OURS: lambda: work(ours).array,
        TORCH: lambda: work(theirs),
        MYGRAD: mygrad_step,
        HIPS: lambda: gradient(1.0),
    }


# What follows is written once: a function of the library, `tinytorch` or `torch`, that builds the work.


def both(build):
    """The work of a row for the two libraries whose programs are the same but for the import."""
    return lambda: {OURS: build(tt), TORCH: build(torch)}


def value_by_value(function, *shape):
    """`function` of a tensor, forward and backward."""
    x, grad = normal(*shape), normal(*shape)

    def build(lib):
        inputs, start = lib.tensor(x, requires_grad=True), lib.tensor(grad)

        def run():
            inputs.grad = None
            function(lib, inputs).backward(start)
            return inputs.grad.numpy()

        return run

    return both(build)


def layer(make, *shape):
    """A layer, forward and backward, with the gradients of its parameters."""
    x = normal(*shape)

    def work():
        theirs = make(torch.nn)
        ours = make(tt.nn)
        same_start(ours, theirs)
        grad = normal(*theirs(torch.tensor(x)).shape)
        if list(theirs.buffers()):
            ours.load_state_dict({name: tt.Tensor(v.numpy()) for name, v in theirs.state_dict().items()})

        def build(lib, model):
            inputs, start = lib.tensor(x, requires_grad=True), lib.tensor(grad)

            def run():
                inputs.grad = None
                model.zero_grad()
                model(inputs).backward(start)
                return inputs.grad.numpy()

            return run

        return {OURS: build(tt, ours), TORCH: build(torch, theirs)}

    return work


def classes(samples, count):
    """Cross-entropy of so many samples, forward and backward."""
    x, targets = normal(samples, count), rng.integers(0, count, samples)

    def build(lib):
        scores, right = lib.tensor(x, requires_grad=True), lib.tensor(targets)

        def run():
            scores.grad = None
            lib.nn.functional.cross_entropy(scores, right).backward()
            return scores.grad.numpy()

        return run

    return both(build)


def table(rows, width, *shape):
    """Rows of an embedding looked up, forward and backward."""
    weights, places, grad = normal(rows, width), rng.integers(0, rows, shape), normal(*shape, width)

    def build(lib):
        weight = lib.tensor(weights, requires_grad=True)
        indices, start = lib.tensor(places), lib.tensor(grad)

        def run():
            weight.grad = None
            lib.nn.functional.embedding(indices, weight).backward(start)
            return weight.grad.numpy()

        return run

    return both(build)


def pairs(count, batch):
    """A loop over a DataLoader of a list of pairs, tensors and class numbers."""
    x, targets = normal(count, 64), rng.integers(0, 10, count).tolist()

    def build(lib):
        loader = lib.utils.data.DataLoader([(lib.tensor(row), c) for row, c in zip(x, targets)], batch_size=batch)

        def run():
            total = 0
            for inputs, _ in loader:
                total += inputs[0, 0].item()
            return total

        return run

    return both(build)


def single():
    """The MLP on one sample at a time."""

    def layers(lib):
        return lib.Sequential(lib.Linear(784, 256), lib.ReLU(), lib.Linear(256, 10))

    return training(layers, normal(1, 784), rng.integers(0, 10, 1), None, None)


LETTERS, CONTEXT, WIDTH, HEADS, BLOCKS, BATCH = 65, 64, 128, 4, 4, 8


def gpt_of(lib):
    """A GPT whose attention is composed of products and softmax, as its programs write it."""
    nn, F = lib.nn, lib.nn.functional

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.into, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
            self.register_buffer("mask", lib.tril(lib.ones(CONTEXT, CONTEXT)))

        def forward(self, x):  # (B, T, C)
            x = x + self.attend(self.norm1(x))
            return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

        def attend(self, x):
            b, t, c = x.shape
            q, k, v = (part.view(b, t, HEADS, c // HEADS).transpose(1, 2) for part in self.into(x).split(WIDTH, dim=2))
            scores = q @ k.transpose(-2, -1) * (c // HEADS) ** -0.5  # (B, H, T, T)
            scores = scores.masked_fill(self.mask[:t, :t] == 0, float("-inf"))
            mixed = F.softmax(scores, dim=-1) @ v
            return self.out(mixed.transpose(1, 2).contiguous().view(b, t, c))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.letters, self.places = nn.Embedding(LETTERS, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.blocks = nn.Sequential(*[Block() for _ in range(BLOCKS)])
            self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, LETTERS, bias=False)

        def forward(self, indices, targets):
            x = self.letters(indices) + self.places(lib.arange(indices.shape[1]))
            scores = self.head(self.norm(self.blocks(x)))
            return F.cross_entropy(scores.view(-1, LETTERS), targets.view(-1))

    return GPT()


def letters():
    theirs, ours = gpt_of(torch), gpt_of(tt)
    same_start(ours, theirs)
    text = rng.integers(0, LETTERS, (BATCH, CONTEXT + 1))

    def build(lib, model):
        optimizer = lib.optim.AdamW(model.parameters(), lr=1e-4)
        inputs, targets = lib.tensor(text[:, :-1].copy()), lib.tensor(text[:, 1:].copy())

        def run():
            loss = model(inputs, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return model.blocks[0].into.weight.detach().numpy()

        return run

    return {OURS: build(tt, ours), TORCH: build(torch, theirs)}


def tanh_gelu(lib, x):
    return lib.nn.functional.gelu(x, approximate="tanh")


ROWS = {  # name: (what it is, the work, the most that it may take beside PyTorch)
    "mlp": ("MLP 784-256-10, batch 64, step with SGD", mlp, 1.0),
    "cnn": ("CNN on 32 × 28 × 28, step with SGD", cnn, 1.0),
    "conv": ("convolution 8→16 k3, with both gradients", conv, 1.8),
    "transformer": ("transformer block, forward and backward", transformer, 1.8),
    "gpt": ("GPT, 0.87 M parameters, step with AdamW", gpt, 1.2),
    "small": ("GPT, 0.11 M parameters, step with AdamW", lambda: gpt(48, 3, 3), 1.2),
    "large": ("GPT, 2.8 M parameters, step with AdamW", lambda: gpt(192, 6, 6), 1.2),
    "adam": ("Adam, 1 M parameters in 16 tensors, step", adam, 1.0),
    "chain": ("chain of 10,000 scalars, each operation", chain, 0.9),
    # What students meet, forward and backward.
    "letters": ("GPT, 4 layers of 128, 8 × 64 letters, step", letters, 1.2),
    "mlp1": ("the MLP at batch 1, step with SGD", single, 1.5),
    "cube": ("x ** 3, 100,000 values", value_by_value(lambda lib, x: x**3, 100_000), 1.5),
    "inverse": ("x ** -1, 100,000 values", value_by_value(lambda lib, x: x**-1, 100_000), 1.5),
    "relu": ("ReLU, 64 × 1,024", value_by_value(lambda lib, x: lib.relu(x), 64, 1024), 1.5),
    "sigmoid": ("sigmoid, 64 × 1,024", value_by_value(lambda lib, x: lib.sigmoid(x), 64, 1024), 1.5),
    "softmax16": ("softmax, 2,048 rows of 16", value_by_value(lambda lib, x: lib.softmax(x, -1), 2048, 16), 1.5),
    "softmax64": ("softmax, 2,048 rows of 64", value_by_value(lambda lib, x: lib.softmax(x, -1), 2048, 64), 1.5),
    "layernorm": ("LayerNorm, 16 × 128 × 64", layer(lambda nn: nn.LayerNorm(64), 16, 128, 64), 1.5),
    "batchnorm1": ("BatchNorm1d, 64 × 256", layer(lambda nn: nn.BatchNorm1d(256), 64, 256), 1.5),
    "batchnorm2": ("BatchNorm2d, 32 × 16 × 28 × 28", layer(lambda nn: nn.BatchNorm2d(16), 32, 16, 28, 28), 1.5),
    "classes65": ("cross-entropy, 512 × 65 classes", classes(512, 65), 1.5),
    "classes1000": ("cross-entropy, 64 × 1,000 classes", classes(64, 1000), 1.5),
    "conv32": ("convolution 32→32 k3 on 32 × 14 × 14", layer(lambda nn: nn.Conv2d(32, 32, 3), 32, 32, 14, 14), 1.5),
    "conv3": ("convolution 3→16 k5 on 32 × 32 × 32", layer(lambda nn: nn.Conv2d(3, 16, 5), 32, 3, 32, 32), 1.5),
    "embedding": ("embedding of 10,000 rows, 8 × 64", table(10_000, 64, 8, 64), 1.5),
    "loader": ("DataLoader over 1,024 pairs, batch 32", pairs(1024, 32), 1.5),
    "gelu": ("GELU by tanh, 64 × 1,024", value_by_value(tanh_gelu, 64, 1024), 1.5),
    "exact": ("GELU exact, 64 × 1,024", value_by_value(lambda lib, x: lib.nn.functional.gelu(x), 64, 1024), 1.5),
}


def peak(build, library):
    """The memory in MB that a step takes, above model, data and optimizer, in a process of its own; None where /proc is not."""
    if not os.path.exists("/proc/self/clear_refs"):
        return None
    out, into = os.pipe()
    if not (child := os.fork()):
        run = build()[library]
        run()  # what is set up once is not the step's
        ctypes.CDLL(None).malloc_trim(0)  # what is free goes back, so that it is not taken for memory in use
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # the peak begins anew
        before = status("VmRSS")
        run()
        os.write(into, str(status("VmHWM") - before).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(into)
    with os.fdopen(out) as file:
        return int(file.read()) / 1024


def status(name):
    """A line of /proc/self/status, in kB."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


def check_same(work):
    """Stop if a library computed something else, in the first step from equal starts."""
    results = {library: np.asarray(run(), dtype=np.float64) for library, run in work.items()}
    for library, result in results.items():
        np.testing.assert_allclose(result, results[TORCH], rtol=1e-3, atol=2e-4, err_msg=f"{library} differs")


def measure(work, rounds, seconds=0.04):
    """The times of one repetition for each library: a list with one entry a round."""
    times = {library: [] for library in work}
    counts = {}
    for library, run in work.items():
        run()
        counts[library] = max(1, round(seconds / timed(run, 2)))
    order = list(work)
    for number in range(rounds):
        for library in order[number % len(order) :] + order[: number % len(order)]:
            gc.collect()
            times[library].append(timed(work[library], counts[library]))
    return times


def timed(run, count):
    begun = time.process_time()
    for _ in range(count):
        run()
    return (time.process_time() - begun) / count


def spread(values):
    """The median and the quartiles."""
    low, middle, high = statistics.quantiles(values, n=4)
    return middle, low, high


def duration(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds > 1e-3 else f"{seconds * 1e6:.2f} µs"


def main():
    parser = argparse.ArgumentParser(description="How fast the framework is beside others.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    gc.freeze()  # what was imported need not be looked through again and again
    unknown = set(chosen.rows) - ROWS.keys()
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    versions = [
        f"NumPy {np.__version__}",
        f"PyTorch {torch.__version__}",
        f"mygrad {mg.__version__}",
        f"autograd {version('autograd')}",
    ]
    print(f"{', '.join(versions)}; one thread; medians of {chosen.rounds} rounds, with quartiles\n")
    head = f"{'':<44}{'TinyTorch':>11}{'PyTorch':>11}   {'ratio':<19}{'at most':<9}{'':<6}{'mygrad':>9}{'autograd':>10}"
    print(head, "─" * len(head), sep="\n")
    missed = 0
    for name in chosen.rows or ROWS:
        title, build, most = ROWS[name]
        work = build()
        check_same(work)
        times = measure(work, chosen.rounds)
        each = LENGTH if name == "chain" else 1
        medians = [duration(statistics.median(times[library]) / each) for library in (OURS, TORCH)]
        ratios = {lib: spread([t / theirs for t, theirs in zip(times[lib], times[TORCH])]) for lib in times}
        ratio, low, high = ratios[OURS]
        missed += ratio > most
        verdict = "met" if ratio <= most else "MISSED"
        others = [f"{ratios[library][0]:.2f}×" if library in ratios else "–" for library in (MYGRAD, HIPS)]
        said = f"{ratio:.2f}× ({low:.2f}–{high:.2f})"
        cells = f"{title:<44}{medians[0]:>11}{medians[1]:>11}   {said:<19}{f'{most:.1f}×':<9}{verdict:<6}"
        print(f"{cells}{others[0]:>9}{others[1]:>10}", flush=True)
    for name in {"mlp", "cnn", "letters"} & set(chosen.rows or ROWS):
        ours, theirs = peak(ROWS[name][1], OURS), peak(ROWS[name][1], TORCH)
        if ours is not None:
            print(f"memory of a step, {name:<24}{ours:>8.1f} MB{theirs:>8.1f} MB   {ours / theirs:.2f}×")
    print(f"\n{missed} missed" if missed else "\nall met", "(ratios are to PyTorch: below 1 is faster)")


if __name__ == "__main__":
    main()
