"""Optimizers, schedules, recurrent layers and attention that no lesson teaches do what PyTorch's do."""

import copy

import numpy as np
import pytest
import torch

import tinytorch

LIBRARIES = (tinytorch, torch)
OPTIMIZERS = {
    "SGD": [dict(lr=0.1, maximize=True), dict(lr=0.1, momentum=0.9, nesterov=True, foreach=False)],
    "Adam": [dict(lr=0.1, amsgrad=True), dict(lr=0.1, maximize=True, weight_decay=0.1)],
    "AdamW": [dict(lr=0.1, amsgrad=True, maximize=True), dict(lr=0.1, weight_decay=0.2)],
    "RMSprop": [dict(lr=0.1, centered=True), dict(lr=0.1, centered=True, momentum=0.9, weight_decay=0.1)],
    "Adagrad": [dict(lr=0.1), dict(lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5)],
    "Adadelta": [dict(), dict(lr=0.5, rho=0.8, weight_decay=0.1)],
    "Adamax": [dict(lr=0.1), dict(lr=0.1, weight_decay=0.1)],
    "NAdam": [dict(lr=0.1), dict(lr=0.1, weight_decay=0.1)],
    "RAdam": [dict(lr=0.1, betas=(0.9, 0.9)), dict(lr=0.1, weight_decay=0.1)],
    "LBFGS": [dict(lr=0.1), dict(lr=0.5, max_iter=4, history_size=3)],
}
SCHEDULES = {
    "LambdaLR": dict(lr_lambda=lambda n: 0.9**n),
    "MultiplicativeLR": dict(lr_lambda=lambda n: 0.9),
    "MultiStepLR": dict(milestones=[2, 5], gamma=0.3),
    "ExponentialLR": dict(gamma=0.8),
    "ConstantLR": dict(factor=0.4, total_iters=3),
    "PolynomialLR": dict(total_iters=6, power=2.0),
    "CosineAnnealingWarmRestarts": dict(T_0=3, T_mult=2),
    "CyclicLR": dict(base_lr=0.01, max_lr=0.1, step_size_up=3, mode="triangular2"),
}


@pytest.mark.parametrize(("name", "options"), [(name, o) for name, all_ in OPTIMIZERS.items() for o in all_])
def test_optimizers(name, options):
    found = []
    for lib in LIBRARIES:
        x = lib.tensor(np.float32([[1.0, -2.0], [0.5, 3.0]])).requires_grad_()
        optimizer = getattr(lib.optim, name)([x], **options)

        def closure(x=x, optimizer=optimizer):
            optimizer.zero_grad()
            loss = 0.5 * ((x - 1) ** 2).sum() + 0.3 * x.cos().sum()
            loss.backward()
            return loss

        losses = [float(optimizer.step(closure)) for _ in range(8)]
        found.append((losses, x.detach().numpy().copy()))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-4, atol=1e-5)


def rates(lib, make, told=None):
    """The learning rates and momenta over ten steps."""
    optimizer = lib.optim.SGD([lib.zeros(1, requires_grad=True)], lr=0.5, momentum=0.7)
    scheduler = make(lib.optim.lr_scheduler, optimizer)
    found = []
    for n in range(10):
        optimizer.step()
        scheduler.step() if told is None else scheduler.step(told[n])
        found += [optimizer.param_groups[0][name] for name in ("lr", "momentum")]
    return found


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    ours, theirs = (rates(lib, lambda place, o: getattr(place, name)(o, **SCHEDULES[name])) for lib in LIBRARIES)
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_one_schedule_after_the_other():
    def make(place, optimizer):
        parts = [place.LinearLR(optimizer, 0.1, total_iters=3), place.CosineAnnealingLR(optimizer, 5)]
        return place.SequentialLR(optimizer, parts, milestones=[3])

    ours, theirs = (rates(lib, make) for lib in LIBRARIES)
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_several_schedules_at_once():
    def make(place, optimizer):
        return place.ChainedScheduler(
            [place.ConstantLR(optimizer, 0.1, total_iters=3), place.ExponentialLR(optimizer, 0.9)]
        )

    ours, theirs = (rates(lib, make) for lib in LIBRARIES)
    assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_plateau(mode):
    def make(place, optimizer):
        return place.ReduceLROnPlateau(optimizer, mode, factor=0.5, patience=1, cooldown=1)

    told = [3.0, 2.0, 2.0, 2.0, 2.0, 2.5, 1.0, 1.0, 1.0, 1.0]
    ours, theirs = (rates(lib, make, told) for lib in LIBRARIES)
    assert ours == theirs


MODULES = {
    "RNN": (lambda nn: nn.RNN(3, 4, num_layers=2), [(5, 2, 3)]),
    "RNN relu": (lambda nn: nn.RNN(3, 4, nonlinearity="relu", bias=False), [(5, 2, 3), (1, 2, 4)]),
    "GRU": (lambda nn: nn.GRU(3, 4, batch_first=True, bidirectional=True), [(2, 5, 3)]),
    "LSTM": (lambda nn: nn.LSTM(3, 4, num_layers=2, bidirectional=True), [(5, 2, 3)]),
    "LSTM alone": (lambda nn: nn.LSTM(3, 4), [(5, 3)]),
    "GRUCell": (lambda nn: nn.GRUCell(3, 4), [(2, 3), (2, 4)]),
    "LSTMCell": (lambda nn: nn.LSTMCell(3, 4), [(2, 3)]),
    "RNNCell": (lambda nn: nn.RNNCell(3, 4), [(2, 3)]),
    "attention": (lambda nn: nn.MultiheadAttention(4, 2), [(3, 2, 4), (5, 2, 4), (5, 2, 4)]),
    "encoder": (lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2), [(3, 2, 4)]),
    "encoder first": (
        lambda nn: nn.TransformerEncoderLayer(4, 2, 8, 0.0, activation="gelu", batch_first=True, norm_first=True),
        [(2, 3, 4)],
    ),
    "decoder": (lambda nn: nn.TransformerDecoderLayer(4, 2, 8, 0.0), [(3, 2, 4), (5, 2, 4)]),
    "transposed": (lambda nn: nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, groups=2), [(2, 4, 5, 5)]),
    "grouped": (lambda nn: nn.Conv2d(4, 6, 3, padding="same", dilation=2, groups=2), [(2, 4, 5, 5)]),
    "1d": (lambda nn: nn.Conv1d(3, 4, 3, stride=2, padding=1), [(2, 3, 7)]),
    "bilinear": (lambda nn: nn.Bilinear(3, 4, 2), [(5, 3), (5, 4)]),
    "running": (lambda nn: nn.BatchNorm2d(3, momentum=None), [(4, 3, 2, 2)]),
    "prelu": (lambda nn: nn.PReLU(3), [(4, 3, 2)]),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules(name):
    make, shapes = MODULES[name]
    theirs = make(torch.nn)
    ours = make(tinytorch.nn)
    state = {key: value.numpy() for key, value in copy.deepcopy(theirs).state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape).astype(np.float32) for shape in shapes]
    results = []
    for lib, module in zip(LIBRARIES, (ours, theirs)):
        given = [lib.tensor(array).requires_grad_() for array in inputs]
        flat, todo = [], [module(*given)]
        while todo:
            out = todo.pop(0)
            todo = [*out, *todo] if isinstance(out, tuple) else todo
            flat += [] if isinstance(out, tuple) or out is None else [out]
        sum((out * out).sum() for out in flat).backward()
        grads = [x.grad for x in given] + [p.grad for _, p in module.named_parameters()]
        results.append([np.array(t.detach().numpy()) for t in [*flat, *grads]])
    for mine, wanted in zip(*results, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-4, atol=2e-5)
