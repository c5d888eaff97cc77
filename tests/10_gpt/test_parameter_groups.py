"""parameter_groups puts matrices into a group with weight decay, and all other parameters into one without."""

import pytest

from tinytorch.gpt import GPT, parameter_groups
from tinytorch.layers import Conv2d, Embedding, LayerNorm, Linear, Sequential
from tinytorch.optimizers import AdamW
from tito.testing import on_student_side


@on_student_side
def small(a=3, b=4, c=2):
    return Sequential(Linear(a, b), LayerNorm(b), Linear(b, c, bias=False))


@on_student_side
def convolutional(filters=2, outputs=4):
    return Sequential(Conv2d(1, filters, 3), Linear(5, outputs))


@on_student_side
def embedded(rows=9, a=4, b=2):
    return Sequential(Embedding(rows, a), Linear(a, b))


@on_student_side
def tied():
    return GPT(9, 4, 8, 2, 2)


@on_student_side
def grouped(model, weight_decay):
    """For each group its weight decay and its parameters' shapes; and how often each parameter of the model is there."""
    groups = parameter_groups(model, weight_decay)
    said = [[group["weight_decay"], [list(p.shape) for p in group["params"]]] for group in groups]
    all_of_them = [p for group in parameter_groups(model, weight_decay) for p in group["params"]]
    return said, [sum(p is other for other in all_of_them) for p in model.parameters()]


@on_student_side
def accepted(model, weight_decay):
    optimizer = AdamW(parameter_groups(model, weight_decay), lr=0.1)
    return [group["weight_decay"] for group in optimizer.param_groups]


def test_matrices_are_in_the_first_group_and_the_rest_in_the_second(rng):
    said, _ = grouped(small(), 0.1)
    assert said == [[0.1, [[4, 3], [2, 4]]], [0.0, [[4], [4], [4]]]]
    a, b, c = rng.integers(2, 40, 3).tolist()
    said, _ = grouped(small(a, b, c), 0.1)
    assert said == [[0.1, [[b, a], [c, b]]], [0.0, [[b], [b], [b]]]]


def test_a_convolutions_weight_is_held_back_as_well(rng):
    said, _ = grouped(convolutional(), 0.01)
    assert said == [[0.01, [[2, 1, 3, 3], [4, 5]]], [0.0, [[2], [4]]]]
    a, b = rng.integers(2, 40, 2).tolist()
    said, _ = grouped(convolutional(a, b), 0.01)
    assert said == [[0.01, [[a, 1, 3, 3], [b, 5]]], [0.0, [[a], [b]]]]


def test_tables_of_embeddings_are_matrices_too(rng):
    said, _ = grouped(embedded(), 0.1)
    assert said == [[0.1, [[9, 4], [2, 4]]], [0.0, [[2]]]]
    rows, a, b = rng.integers(2, 40, 3).tolist()
    said, _ = grouped(embedded(rows, a, b), 0.1)
    assert said == [[0.1, [[rows, a], [b, a]]], [0.0, [[b]]]]
    (_, matrices), (_, others) = grouped(tied(), 0.1)[0]
    assert ({len(shape) for shape in matrices}, {len(shape) for shape in others}) == ({2}, {1})


@pytest.mark.parametrize("make", [small, convolutional, tied])
def test_each_parameter_is_there_once(make, rng):
    decay = round(float(rng.uniform(0.01, 0.5)), 4)
    said, times = grouped(make(), decay)
    assert times == [1] * len(times)
    assert [weight_decay for weight_decay, _ in said] == [decay, 0.0]


def test_the_weight_decay_is_the_one_asked_for(rng):
    decay = round(float(rng.uniform(0.01, 0.5)), 3)
    said, _ = grouped(small(), decay)
    assert [group[0] for group in said] == [decay, 0.0]


def test_an_optimizer_takes_them(rng):
    assert accepted(tied(), 0.2) == [0.2, 0.0]
    decay = round(float(rng.uniform(0.01, 0.5)), 4)
    assert accepted(tied(), decay) == [decay, 0.0]


@on_student_side
def layered(sizes):
    return Sequential(*(Linear(before, after) for before, after in zip(sizes, sizes[1:])))


def test_for_any_sizes(rng):
    sizes = rng.integers(1, 9, int(rng.integers(2, 6))).tolist()
    said, _ = grouped(layered(sizes), 0.1)
    assert said == [[0.1, [list(pair) for pair in zip(sizes[1:], sizes)]], [0.0, [[size] for size in sizes[1:]]]]
