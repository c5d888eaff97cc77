"""Optimizers go PyTorch's way for 50 steps, schedules have its rates, clipping its norms; and their states can be exchanged."""

import copy

import numpy as np
import pytest
from sides import TOLERANCE, compare, make_rule, run_rule, run_schedule, step
from table import Rule, fill, rules, schedules


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.title)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_50_steps(rule, dtype, ours, theirs, record):
    found = compare(run_rule(ours, rule, dtype), run_rule(theirs, rule, dtype), TOLERANCE[dtype])
    record.note("Optimizers", rule.name, dtype, found)


@pytest.mark.parametrize("schedule", schedules(), ids=lambda schedule: schedule.title)
def test_schedules(schedule, ours, theirs, record):
    found = compare(run_schedule(ours, schedule), run_schedule(theirs, schedule), 1e-12)
    record.note("Schedules", schedule.name, "float64", found)


def plain(side, value):
    """A state with arrays in the place of tensors."""
    if isinstance(value, dict):
        return {key: plain(side, v) for key, v in value.items()}
    if isinstance(value, list):
        return [plain(side, v) for v in value]
    return side.array(value) if hasattr(value, "backward") or isinstance(value, np.ndarray) else value


def given_to(side, value):
    """A state with the tensors of `side` in the place of arrays."""
    if isinstance(value, dict):
        return {key: given_to(side, v) for key, v in value.items()}
    if isinstance(value, list):
        return [given_to(side, v) for v in value]
    return side.tensor(value) if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("rule", [r for r in rules() if "lr" in r.options], ids=lambda rule: rule.title)
def test_a_state_is_exchanged_both_ways(rule, ours, theirs):
    """After 25 steps on one side the other takes over for 25, and it ends where one side alone does."""
    alone = run_rule(theirs, rule, every=50)
    for giver, taker in [(ours, theirs), (theirs, ours)]:
        parameters, optimizer = make_rule(giver, rule)
        for number in range(25):
            step(giver, parameters, optimizer, number)
        state = plain(giver, copy.deepcopy(optimizer.state_dict()))
        others, other = make_rule(taker, Rule(rule.name, {}, tuple({} for _ in rule.groups)))
        for p, q in zip(parameters, others):
            q.data = taker.tensor(giver.array(p)).data
        other.load_state_dict(given_to(taker, state))
        for number in range(25, 50):
            step(taker, others, other, number)
        ends = {f"out {n} after 50 steps": taker.array(p) for n, p in enumerate(others)}
        compare(ends, alone, TOLERANCE["float32"])


def test_states_have_the_same_names(ours, theirs):
    for rule in rules():
        states = []
        for side in (ours, theirs):
            parameters, optimizer = make_rule(side, rule)
            step(side, parameters, optimizer, 0)
            states.append(plain(side, optimizer.state_dict()))
        a, b = states
        assert {n: {k: np.shape(v) for k, v in s.items()} for n, s in a["state"].items()} == {
            n: {k: np.shape(v) for k, v in s.items() if v is not None} for n, s in b["state"].items()
        }, rule.title
        assert [g["params"] for g in a["param_groups"]] == [g["params"] for g in b["param_groups"]]
        assert all(x.keys() <= y.keys() for x, y in zip(a["param_groups"], b["param_groups"]))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(
    "name, args",
    [("clip_grad_norm_", (m, n)) for m in (0.1, 5.0, 1e3) for n in (1.0, 2.0, np.inf)] + [("clip_grad_value_", (0.5,))],
)
def test_clipping(name, args, dtype, ours, theirs, record):
    sides = []
    for side in (ours, theirs):
        parameters, _ = make_rule(side, Rule("SGD", dict(lr=0.1)), dtype)
        for n, p in enumerate(parameters):
            p.grad = side.tensor(fill(tuple(p.shape), "any", dtype, seed=n))
        norm = getattr(side.tools, name)(parameters, *args)
        found = {f"grad {n}": side.array(p.grad) for n, p in enumerate(parameters)}
        sides.append(found if norm is None else found | {"out": side.array(norm).astype(dtype)})
    record.note("Clipping", name, dtype, compare(*sides, TOLERANCE[dtype]))
