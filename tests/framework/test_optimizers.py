"""The reference's optimizers.py: rules and schedules as PyTorch has them, in place, with states that can be exchanged.

Expected values come from loops in float64 that know nothing of the reference, or are numbers one can check by hand.
"""

import copy
import math
import tracemalloc

import numpy as np
import pytest

SHAPES = [(300, 400), (7,), (), (3, 1, 2), (0, 3)]  # the first is cut into pieces
STEPS = 8


@pytest.fixture
def o(reference):
    return reference.optimizers


@pytest.fixture
def Parameter(reference):
    return reference.layers.Parameter


@pytest.fixture
def Tensor(reference):
    return reference.autograd.Tensor


@pytest.fixture
def moving(Parameter, Tensor):
    """A parameter with a gradient."""

    def make(values, grad):
        p = Parameter(values)
        p.grad = Tensor(np.array(grad, p.dtype))
        return p

    return make


# the rules, against float64


def sgd(p, grads, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False):
    velocity = None
    for grad in grads:
        grad = grad + weight_decay * p
        if momentum:
            velocity = grad if velocity is None else momentum * velocity + (1 - dampening) * grad
            grad = grad + momentum * velocity if nesterov else velocity
        p = p - lr * grad
        yield p


def rmsprop(p, grads, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0):
    square = velocity = 0
    for grad in grads:
        grad = grad + weight_decay * p
        square = alpha * square + (1 - alpha) * grad**2
        velocity = momentum * velocity + grad / (np.sqrt(square) + eps)
        p = p - lr * velocity
        yield p


def adam(p, grads, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled=False):
    seen = []
    for t, grad in enumerate(grads, 1):
        if decoupled:
            p = p * (1 - lr * weight_decay)
        else:
            grad = grad + weight_decay * p
        seen.append(grad)  # the corrected means are weighted means of all that was seen
        mean = np.average(seen, axis=0, weights=betas[0] ** np.arange(t)[::-1])
        square = np.average(np.square(seen), axis=0, weights=betas[1] ** np.arange(t)[::-1])
        p = p - lr * mean / (np.sqrt(square) + eps)
        yield p


def adamw(p, grads, weight_decay=1e-2, **options):
    return adam(p, grads, weight_decay=weight_decay, decoupled=True, **options)


RULES = [
    ("SGD", sgd, {}),
    ("SGD", sgd, {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.5, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("RMSprop", rmsprop, {}),
    ("RMSprop", rmsprop, {"lr": 0.05, "alpha": 0.8, "eps": 0.1, "weight_decay": 0.1, "momentum": 0.5}),
    ("Adam", adam, {}),
    ("Adam", adam, {"lr": 0.1, "betas": (0.5, 0.8), "eps": 0.1, "weight_decay": 0.1}),
    ("AdamW", adamw, {}),
    ("AdamW", adamw, {"lr": 0.1, "betas": (0.0, 0.8), "weight_decay": 0.5}),
]


@pytest.mark.parametrize(("name", "rule", "options"), RULES, ids=lambda v: v if isinstance(v, str) else "")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_rule_agrees_with_a_loop_in_float64(o, Parameter, Tensor, name, rule, options, dtype):
    rng = np.random.default_rng(0)
    starts = [rng.standard_normal(shape).astype(dtype) for shape in SHAPES]
    grads = [rng.standard_normal((STEPS, *shape)).astype(dtype) for shape in SHAPES]
    parameters = [Parameter(start) for start in starts]
    optimizer = getattr(o, name)(parameters, **options)
    expected = [list(rule(s.astype(np.float64), list(g.astype(np.float64)), **options)) for s, g in zip(starts, grads)]
    tolerance = 2e-5 if dtype == np.float32 else 1e-11
    for step in range(STEPS):
        for p, grad in zip(parameters, grads):
            p.grad = Tensor(grad[step])
        optimizer.step()
        for p, wanted in zip(parameters, expected):
            assert p.dtype == dtype
            np.testing.assert_allclose(p.array, wanted[step], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("name", "options", "step"),
    [
        ("SGD", {"lr": 0.1}, 0.3),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, 0.57),
        ("RMSprop", {"lr": 0.01}, 0.1),
        ("Adam", {"lr": 0.01}, 0.01),
        ("AdamW", {"lr": 0.01, "weight_decay": 0}, 0.01),
    ],
)
def test_first_steps_that_one_can_compute_by_head(o, moving, name, options, step):
    p = moving([1.0, 1.0], [3, -3])
    getattr(o, name)([p], **options).step()
    np.testing.assert_allclose(p.array, [1 - step, 1 + step], rtol=1e-5)


def test_the_defaults_are_pytorchs(o, Parameter):
    p = Parameter([1.0])
    assert o.SGD([p]).defaults == dict(lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False)
    assert o.RMSprop([p]).defaults == dict(lr=1e-2, momentum=0, alpha=0.99, eps=1e-8, weight_decay=0)
    assert o.Adam([p]).defaults == dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
    assert o.AdamW([p]).defaults == dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)


# in place


def all_kinds(o, parameters):
    yield o.SGD(parameters, lr=0.1)
    yield o.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)
    yield o.RMSprop(parameters, momentum=0.9, weight_decay=0.1)
    yield o.Adam(parameters, weight_decay=0.1)
    yield o.AdamW(parameters)


def test_the_arrays_of_parameters_and_state_stay_the_same_arrays(o, moving):
    p = moving([1.0, 2.0], [3, 4])
    for optimizer in all_kinds(o, [p]):
        array = p.array
        before = array.copy()
        optimizer.step()
        state = {k: v for k, v in optimizer.state[p].items() if k != "step"}
        optimizer.step()
        assert p.array is array and (array != before).all()
        assert all(optimizer.state[p][k] is v for k, v in state.items())


def test_gradients_are_never_written_even_when_two_parameters_share_one(o, Parameter, Tensor):
    for kind in range(5):
        p, q, lone = Parameter([1.0, 2.0]), Parameter([1.0, 2.0]), Parameter([1.0, 2.0])
        shared = np.array([3, 4], np.float32)
        p.grad, q.grad, lone.grad = Tensor.wrap(shared), Tensor.wrap(shared), Tensor([3.0, 4.0])
        both, one = list(all_kinds(o, [p, q]))[kind], list(all_kinds(o, [lone]))[kind]
        for _ in range(3):
            both.step()
            one.step()
        assert shared.tolist() == [3, 4]
        assert p.array.tolist() == q.array.tolist() == lone.array.tolist()


@pytest.mark.parametrize("layout", ["columns first", "every other"])
def test_parameters_in_any_memory_layout_are_moved(o, moving, layout):
    rng = np.random.default_rng(0)
    start, grad = rng.standard_normal((2, 300, 400))
    for kind in range(5):
        p, q = moving(start, grad), moving(start, grad)
        q.array = np.asfortranarray(q.array) if layout == "columns first" else np.repeat(q.array, 2, 0)[::2]
        for parameter in (p, q):
            optimizer = list(all_kinds(o, [parameter]))[kind]
            optimizer.step()
            optimizer.step()
        assert (q.array == p.array).all() and not (q.array == start).any()


def test_a_step_takes_memory_for_a_piece_at_most(o, moving):
    size = 1_000_000
    p = moving(np.zeros((1000, 1000), np.float32), np.ones((1000, 1000)))
    for optimizer in all_kinds(o, [p]):
        optimizer.step()
        tracemalloc.start()
        optimizer.step()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < size  # a quarter of what one array like p has in bytes


def test_scratch_memory_is_no_part_of_the_state(o, moving):
    p, q = moving(np.zeros((300, 300)), np.ones((300, 300))), moving([1.0], [1])
    optimizer, other = o.Adam([p, q]), o.Adam([moving([1.0], [1])])
    optimizer.step()
    other.step()
    assert sorted(optimizer.state[p]) == ["exp_avg", "exp_avg_sq", "step"]
    assert optimizer._spare is not other._spare and o.Optimizer._spare.size == 0


def test_a_graph_recorded_before_the_step_is_refused(o, moving):
    p = moving([1.0, 2.0], [1, 1])
    for optimizer in all_kinds(o, [p]):
        before = (p * p).sum()
        optimizer.step()
        with pytest.raises(RuntimeError, match="was changed in place"):
            before.backward()
        (p * p).sum().backward()


# the optimizer around the rules


def test_the_line_that_everybody_knows(o, reference, Tensor):
    reference.tensor.manual_seed(0)
    layers = reference.layers
    model = layers.Sequential(layers.Linear(3, 4), layers.ReLU(), layers.Linear(4, 1))
    SGD = o.SGD

    optimizer = SGD(model.parameters(), lr=0.01)

    assert [p.shape for p in optimizer.param_groups[0]["params"]] == [(4, 3), (4,), (1, 4), (1,)]
    assert optimizer.param_groups[0]["lr"] == 0.01
    before = [p.array.copy() for p in model.parameters()]
    model(Tensor(np.ones((5, 3), np.float32))).sum().backward()
    optimizer.step()
    for p, old in zip(model.parameters(), before):
        np.testing.assert_allclose(p.array, old - np.float32(0.01) * p.grad.array, rtol=1e-6)
    optimizer.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_groups_have_options_of_their_own(o, moving):
    p, q, r = moving([0.0], [1]), moving([0.0], [1]), moving([0.0], [1])
    optimizer = o.SGD([{"params": p, "lr": 2}, {"params": iter([q])}], lr=0.5)
    optimizer.add_param_group({"params": [r], "lr": 3, "momentum": 0.9})
    assert [group["lr"] for group in optimizer.param_groups] == [2, 0.5, 3]
    optimizer.step()
    optimizer.param_groups[1]["lr"] = 5
    optimizer.step()
    assert (p.item(), q.item()) == (-4, -5.5) and math.isclose(r.item(), -8.7, rel_tol=1e-6)


def test_parameters_without_a_gradient_are_left_alone(o, Parameter, moving):
    for kind in range(5):
        p, q = Parameter([1.0]), moving([1.0], [1])
        optimizer = list(all_kinds(o, [p, q]))[kind]
        optimizer.step()
        assert p.item() == 1 and p not in optimizer.state and q.item() != 1


def test_what_cannot_be_optimized_is_refused_with_a_sentence(o, reference, Parameter):
    p = Parameter([1.0])
    layers = reference.layers
    for wrong in (p, {"params": [p]}, layers.Linear(1, 1), 3):
        kind = type(wrong).__name__
        with pytest.raises(TypeError, match=f"such as model.parameters\\(\\), not a {kind}$"):
            o.SGD(wrong)
    with pytest.raises(ValueError, match=r"^an optimizer needs parameters, and got none$"):
        o.SGD([])
    with pytest.raises(TypeError, match=r"^an optimizer moves tensors, not a tuple$"):
        o.SGD(layers.Linear(1, 1).named_parameters())
    with pytest.raises(ValueError, match=r"^a tensor made by multiply is computed anew"):
        o.SGD([p * 2])
    with pytest.raises(ValueError, match=r"^a parameter of shape \(1,\) is there twice$"):
        o.SGD([p, p])
    with pytest.raises(ValueError, match="twice"):
        o.SGD([{"params": [p]}, {"params": p}])
    with pytest.raises(TypeError, match=r"^Adam has no option momentum; it has lr, betas, eps, weight_decay$"):
        o.Adam([{"params": [p], "momentum": 0.9}])
    with pytest.raises(NotImplementedError, match="Optimizer does not say how to update"):
        p.grad = p.detach()
        o.Optimizer([p], {}).step()


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        ("SGD", {"lr": -1}, "lr is at least 0, not -1"),
        ("SGD", {"momentum": -0.5}, "momentum is at least 0, not -0.5"),
        ("SGD", {"weight_decay": -0.5}, "weight_decay is at least 0, not -0.5"),
        ("SGD", {"nesterov": True}, "nesterov needs momentum above 0 and no dampening, not momentum=0 and dampening=0"),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "not momentum=0.9 and dampening=0.1"),
        ("RMSprop", {"alpha": -1}, "alpha is at least 0, not -1"),
        ("RMSprop", {"eps": -1}, "eps is at least 0, not -1"),
        ("Adam", {"betas": (0.9, 1)}, r"betas are two shares from 0 to below 1, not \(0.9, 1\)"),
        ("Adam", {"eps": -1}, "eps is at least 0, not -1"),
        ("AdamW", {"lr": -1}, "lr is at least 0, not -1"),
    ],
)
def test_options_that_make_no_sense_are_refused(o, Parameter, kind, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        getattr(o, kind)([Parameter([1.0])], **options)


def test_it_says_what_it_holds(o, Parameter):
    optimizer = o.SGD([{"params": Parameter(np.zeros((30, 40)))}, {"params": [Parameter([1.0])], "lr": 2}], lr=0.5)
    assert repr(optimizer).splitlines() == [
        "SGD(",
        "  group 0: 1 tensors, 1,200 values, lr=0.5, momentum=0, dampening=0, weight_decay=0, nesterov=False",
        "  group 1: 1 tensors, 1 values, lr=2, momentum=0, dampening=0, weight_decay=0, nesterov=False",
        ")",
    ]


# saving


@pytest.mark.parametrize("kind", range(5))
def test_going_on_from_a_saved_state_is_going_on(o, Parameter, Tensor, kind):
    rng = np.random.default_rng(0)
    grads = rng.standard_normal((6, 5)).astype(np.float32)

    def go(optimizer, p, grads):
        for grad in grads:
            p.grad = Tensor(grad)
            optimizer.step()

    p = Parameter(np.zeros(5, np.float32))
    optimizer = list(all_kinds(o, [p]))[kind]
    go(optimizer, p, grads[:3])
    q, state = Parameter(p), copy.deepcopy(optimizer.state_dict())
    go(optimizer, p, grads[3:])
    resumed = list(all_kinds(o, [q]))[kind]
    resumed.load_state_dict(state)
    go(resumed, q, grads[3:])
    assert q.array.tobytes() == p.array.tobytes()


def test_the_state_has_pytorchs_layout_and_is_a_copy(o, Tensor, moving):
    p, q, r = moving([1.0, 2.0], [3, 4]), moving([0.0], [1]), moving([0.0], [1])
    r.grad = None
    optimizer = o.Adam([{"params": [r, p], "lr": 0.5}, {"params": [q]}])
    optimizer.step()
    state = optimizer.state_dict()
    assert sorted(state["state"]) == [1, 2] and list(state["state"][1]) == ["step", "exp_avg", "exp_avg_sq"]
    options = {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}
    assert state["param_groups"] == [
        {"lr": 0.5, **options, "params": [0, 1]},
        {"lr": 1e-3, **options, "params": [2]},
    ]
    step = state["state"][1]["step"]
    assert isinstance(step, Tensor) and step.shape == () and step.dtype == np.float32 and step.item() == 1
    np.testing.assert_allclose(state["state"][1]["exp_avg"].array, [0.3, 0.4], rtol=1e-6)
    optimizer.step()
    np.testing.assert_allclose(state["state"][1]["exp_avg"].array, [0.3, 0.4], rtol=1e-6)


def test_names_of_what_is_remembered_are_pytorchs(o, moving):
    def names(optimizer):
        optimizer.step()
        state = optimizer.state_dict()["state"]
        return sorted(state[0]) if state else None

    p = moving([1.0], [1])
    assert names(o.SGD([p])) is None
    assert names(o.SGD([p], momentum=0.9)) == ["momentum_buffer"]
    assert names(o.RMSprop([p])) == ["square_avg", "step"]
    assert names(o.RMSprop([p], momentum=0.9)) == ["momentum_buffer", "square_avg", "step"]
    assert names(o.AdamW([p])) == ["exp_avg", "exp_avg_sq", "step"]


def test_a_state_from_pytorch_is_understood(o, moving):
    # what torch.optim.Adam(..., lr=0.25).state_dict() holds, with its tensors as arrays
    saved = {
        "state": {0: {"step": np.float32(3), "exp_avg": np.array([0.5]), "exp_avg_sq": np.array([0.25])}},
        "param_groups": [
            {"lr": 0.25, "betas": (0.9, 0.999), "eps": 1e-08, "weight_decay": 0, "amsgrad": False, "maximize": False,
             "foreach": None, "capturable": False, "differentiable": False, "fused": None,
             "decoupled_weight_decay": False, "params": [0]}
        ],
    }  # fmt: skip
    p = moving([0.0], [0])
    optimizer = o.Adam([p])
    optimizer.load_state_dict(saved)
    optimizer.step()
    mean, square = 0.45 / (1 - 0.9**4), 0.24975 / (1 - 0.999**4)
    assert math.isclose(p.item(), -0.25 * mean / math.sqrt(square), rel_tol=1e-5)
    saved["param_groups"][0]["amsgrad"] = True
    with pytest.raises(ValueError, match=r"^Adam has no amsgrad, and the saved state uses it$"):
        optimizer.load_state_dict(saved)


# schedules


def follow(schedule, steps):
    """Learning rates of the first group, and its momentum, step by step."""
    rates, momenta = [], []
    group = schedule.optimizer.param_groups[0]
    for _ in range(steps):
        assert schedule.get_last_lr()[0] == group["lr"]
        rates.append(group["lr"])
        momenta.append(group.get("momentum", group.get("betas", [None])[0]))
        schedule.step()
    return np.array(rates), momenta


# learning rates from PyTorch 2.13
SCHEDULES = [
    ("StepLR", dict(step_size=2, gamma=0.5), [0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125]),
    ("LinearLR", {}, [0.0333333, 0.0466667, 0.06, 0.0733333, 0.0866667, 0.1, 0.1]),
    ("LinearLR", dict(start_factor=1, end_factor=0, total_iters=4), [0.1, 0.075, 0.05, 0.025, 0, 0, 0]),
    ("CosineAnnealingLR", dict(T_max=4), [0.1, 0.0853553, 0.05, 0.0146447, 0, 0.0146447, 0.05]),
    ("CosineAnnealingLR", dict(T_max=2, eta_min=0.02), [0.1, 0.06, 0.02, 0.06, 0.1, 0.06, 0.02]),
]
CYCLES = [
    (
        dict(total_steps=7),
        [0.04, 0.980557, 0.919044, 0.672684, 0.357739, 0.0992968, 4e-06],
        [0.95, 0.852025, 0.858096, 0.882732, 0.914226, 0.940071, 0.95],
    ),
    (
        dict(epochs=2, steps_per_epoch=3, anneal_strategy="linear", div_factor=10, pct_start=0.5),
        [0.1, 0.55, 1.0, 0.66667, 0.33334, 1e-05],
        [0.95, 0.9, 0.85, 0.883333, 0.916667, 0.95],
    ),
    (
        dict(total_steps=7, three_phase=True, pct_start=0.4),
        [0.04, 0.603351, 0.971052, 0.28, 0.0373208, 0.0148261, 4e-06],
        [0.95, 0.891318, 0.853015, 0.925, 0.95, 0.95, 0.95],
    ),
]


@pytest.mark.parametrize(("name", "options", "expected"), SCHEDULES)
def test_schedules_go_through_pytorchs_learning_rates(o, Parameter, name, options, expected):
    optimizer = o.SGD([{"params": [Parameter([0.0])]}, {"params": [Parameter([0.0])], "lr": 1}], lr=0.1)
    schedule = getattr(o, name)(optimizer, **options)
    if "eta_min" not in options:
        assert math.isclose(schedule.get_last_lr()[1], 10 * schedule.get_last_lr()[0])
    rates, _ = follow(schedule, len(expected))
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-9)
    assert schedule.last_epoch == len(expected) and schedule.base_lrs == [0.1, 1]


@pytest.mark.parametrize(("options", "expected", "momentum"), CYCLES)
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_one_cycle_goes_through_pytorchs_rates_and_momenta(o, Parameter, kind, options, expected, momentum):
    optimizer = getattr(o, kind)([Parameter([0.0])], lr=0.1)
    rates, momenta = follow(o.OneCycleLR(optimizer, max_lr=1, **options), len(expected))
    np.testing.assert_allclose(rates, expected, rtol=1e-5)
    np.testing.assert_allclose(momenta, momentum, rtol=1e-5)
    if kind == "Adam":
        assert optimizer.param_groups[0]["betas"][1] == 0.999


def test_one_cycle_ends_and_may_leave_momentum_alone(o, Parameter):
    groups = [{"params": [Parameter([0.0])]}, {"params": [Parameter([0.0])]}]
    optimizer = o.SGD(groups, lr=0.1, momentum=0.5)
    schedule = o.OneCycleLR(optimizer, max_lr=[1, 2], total_steps=4, cycle_momentum=False, pct_start=0.25)
    assert schedule.get_last_lr() == [1, 2]  # the way up has no steps
    for _ in range(4):
        schedule.step()
    assert optimizer.param_groups[0]["momentum"] == 0.5
    with pytest.raises(ValueError, match=r"^the cycle has 4 steps, and this would be number 5$"):
        schedule.step()


def test_a_schedule_goes_on_from_its_state(o, Parameter):
    def fresh():
        optimizer = o.SGD([Parameter([0.0])], lr=0.1)
        for make in (
            lambda: o.StepLR(optimizer, 2),
            lambda: o.CosineAnnealingLR(optimizer, 9),
            lambda: o.OneCycleLR(optimizer, max_lr=1, total_steps=9),
        ):
            optimizer.param_groups[0].pop("initial_lr", None)
            optimizer.param_groups[0].update(lr=0.1, momentum=0)
            yield make()

    for schedule, other in zip(fresh(), fresh()):
        for _ in range(3):
            schedule.step()
        state = schedule.state_dict()
        assert "optimizer" not in state and state["last_epoch"] == 3
        other.load_state_dict(copy.deepcopy(state))
        assert other.get_last_lr() == schedule.get_last_lr()
        assert follow(other, 4)[1] == follow(schedule, 4)[1] and other.get_last_lr() == schedule.get_last_lr()


def test_a_schedule_may_be_started_in_the_middle(o, Parameter):
    optimizer = o.SGD([{"params": [Parameter([0.0])], "initial_lr": 0.4}], lr=0.1)
    assert o.StepLR(optimizer, 2, gamma=0.5, last_epoch=3).get_last_lr() == [0.1]
    with pytest.raises(KeyError, match="each group must hold its initial_lr"):
        o.StepLR(o.SGD([Parameter([0.0])]), 2, last_epoch=3)


def test_schedules_refuse_what_makes_no_sense(o, Parameter):
    optimizer = o.SGD([Parameter([0.0])])
    with pytest.raises(TypeError, match=r"^a schedule needs an optimizer, not a list$"):
        o.StepLR([], 2)
    with pytest.raises(ValueError, match="factors are at most 1"):
        o.LinearLR(optimizer, start_factor=2)
    for options, sentence in (
        ({}, "a cycle needs total_steps, or epochs and steps_per_epoch, above 0"),
        ({"epochs": 3}, "a cycle needs total_steps"),
        ({"total_steps": 5, "pct_start": 30}, "pct_start is a share from 0 to 1, not 30"),
        ({"total_steps": 5, "anneal_strategy": "sine"}, 'anneal_strategy is "cos" or "linear", not \'sine\''),
    ):
        with pytest.raises(ValueError, match=sentence):
            o.OneCycleLR(optimizer, max_lr=1, **options)
    with pytest.raises(ValueError, match="max_lr has 2 values for 1 groups"):
        o.OneCycleLR(optimizer, max_lr=[1, 2], total_steps=5)


# clipping


def test_clipping_by_norm_keeps_the_direction(o, moving):
    p, q = moving([0.0], [3]), moving([[0.0]], [[4]])
    assert o.clip_grad_norm_([p, q], 1.0).item() == 5
    np.testing.assert_allclose([p.grad.item(), q.grad.item()], [0.6, 0.8], rtol=1e-6)
    assert p.grad.dtype == np.float32
    kept = p.grad
    assert math.isclose(o.clip_grad_norm_((x for x in (p, q)), 2.0).item(), 1, rel_tol=1e-6) and p.grad is kept
    assert math.isclose(o.clip_grad_norm_(p, 0.3, norm_type=math.inf).item(), 0.6, rel_tol=1e-6)
    assert math.isclose(p.grad.item(), 0.3, rel_tol=1e-5)


def test_clipping_copes_with_nothing_and_with_too_much(o, Parameter, moving):
    assert o.clip_grad_norm_([], 1.0).item() == 0
    assert o.clip_grad_norm_([Parameter([1.0]), moving(np.zeros((0, 3)), np.zeros((0, 3)))], 1.0).item() == 0
    bad, good = moving([0.0], [math.inf]), moving([0.0], [1])
    with pytest.raises(RuntimeError, match=r"^the norm of the gradients is inf, so they cannot be clipped$"):
        o.clip_grad_norm_([bad, good], 1.0, error_if_nonfinite=True)
    assert good.grad.item() == 1
    bad.grad = bad.grad * math.nan
    assert math.isnan(o.clip_grad_norm_([bad, good], 1.0)) and math.isnan(good.grad.item())  # as in PyTorch


def test_clipping_by_value_limits_each_by_itself(o, moving):
    p, q = moving([0.0, 0, 0], [3, -4, 0.5]), moving([0.0], [2])
    assert o.clip_grad_value_([p, q], 1.0) is None
    assert p.grad.tolist() == [1, -1, 0.5] and q.grad.tolist() == [1]
    o.clip_grad_value_(q, 0.25)
    assert q.grad.tolist() == [0.25] and q.grad.dtype == np.float32


@pytest.mark.parametrize("limit", [1.0, np.float64(1), np.float32(1), np.int64(1)])
def test_clipping_changes_the_gradients_that_are_there(o, moving, limit):
    for clip, wanted in ((o.clip_grad_norm_, [0.6, 0.8]), (o.clip_grad_value_, [1, 1])):
        p = moving([0.0, 0.0], [3, 4])
        held, array = p.grad, p.grad.array
        clip([p], limit)
        np.testing.assert_allclose(held.array, wanted, rtol=1e-5)
        assert p.grad is held and held.array is array and array.dtype == np.float32
