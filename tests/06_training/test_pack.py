"""pack turns a tree of containers into what JSON can hold, and puts its arrays aside, each under its path."""

import json

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import pack, unpack
from tito.testing import assert_close, drawn_names, on_student_side, raises


def drawn(rng, depth=3):
    """A tree of containers, some of them empty, and how it is packed; its arrays go under their paths."""

    def grow(depth, path):
        kind = rng.choice(["dict", "list", "tuple", "leaf"]) if depth else "leaf"
        if kind == "leaf" and rng.random() < 0.5:
            arrays[path] = np.array(rng.standard_normal(tuple(rng.integers(0, 3, rng.integers(0, 3)))))
            return arrays[path], {"array": path}
        if kind == "leaf":
            value = rng.choice(
                np.array([rng.random(), int(rng.integers(99)), None, True, f"text {rng.integers(99)}"], object)
            )
            return value, value
        keys = list(range(rng.integers(0, 4)))
        if kind == "dict":
            keys = [
                f"key {key}" if rng.random() < 0.5 else int(key) for key in rng.choice(99, len(keys), replace=False)
            ]
        grown = [grow(depth - 1, f"{path}/{key}") for key in keys]
        values, packed = [value for value, _ in grown], [packed for _, packed in grown]
        if kind == "dict":
            return dict(zip(keys, values)), {"dict": [list(pair) for pair in zip(keys, packed)]}
        return (values if kind == "list" else tuple(values)), {kind: packed}

    arrays = {}
    grown = [grow(depth, f"state/{k}") for k in range(4)]
    return [value for value, _ in grown], {"list": [packed for _, packed in grown]}, arrays


def agree(rng, depth=3):
    value, packed, arrays = drawn(rng, depth)
    found, put_aside = with_arrays(pack, value)
    assert as_json(found) == packed
    assert list(put_aside) == list(arrays)
    for path, array in arrays.items():
        assert_close(put_aside[path], array, dtype=np.float64)


@on_student_side
def with_arrays(pack, value):
    """What pack returns for this value, and the arrays that it put aside."""
    arrays = {}
    return pack(value, "state", arrays), arrays


def as_json(packed):
    """The same with lists for tuples, which is what JSON makes of them."""
    if isinstance(packed, dict):
        return {kind: as_json(content) for kind, content in packed.items()}
    return [as_json(item) for item in packed] if isinstance(packed, (list, tuple)) else packed


@pytest.mark.parametrize(
    ("value", "packed"),
    [
        ([1, [2]], {"list": [1, {"list": [2]}]}),
        ((0.9, 0.999), {"tuple": [0.9, 0.999]}),
        ({"epoch": 3}, {"dict": [["epoch", 3]]}),
        ({0: {"step": 5}}, {"dict": [[0, {"dict": [["step", 5]]}]]}),
        ([None, True, "text", ()], {"list": [None, True, "text", {"tuple": []}]}),
        ({}, {"dict": []}),
    ],
)
def test_each_container_says_what_it_is(value, packed, rng):
    assert as_json(pack(value, "state", {})) == packed
    agree(rng)


def test_an_array_is_put_aside_and_its_path_stands_in_its_place(rng):
    packed, arrays = with_arrays(pack, {"weight": np.array([1.0, 2.0])})
    assert as_json(packed) == {"dict": [["weight", {"array": "state/weight"}]]}
    assert list(arrays) == ["state/weight"]
    assert_close(arrays["state/weight"], [1, 2], dtype=np.float64)
    assert_close(with_arrays(pack, np.arange(3))[1]["state"], [0, 1, 2], dtype=int)
    for dtype in (np.float32, np.float16, np.int64, bool):
        array, name = rng.integers(0, 99, (2, 3)).astype(dtype), drawn_names(rng, 1)[0]
        packed, arrays = with_arrays(pack, (5, {name: array}))
        assert as_json(packed) == {"tuple": [5, {"dict": [[name, {"array": f"state/1/{name}"}]]}]}
        assert_close(arrays[f"state/1/{name}"], array, dtype=dtype)


def test_paths_lead_through_keys_and_positions(rng):
    tree = {"model": {"0.weight": np.ones((2, 2))}, "optimizer": {"state": {0: (np.zeros(1), [np.ones(3)])}}}
    packed, arrays = with_arrays(pack, tree)
    paths = ["state/model/0.weight", "state/optimizer/state/0/0", "state/optimizer/state/0/1/0"]
    assert sorted(arrays) == paths
    assert [arrays[path].shape for path in paths] == [(2, 2), (1,), (3,)]
    assert as_json(packed)["dict"][0] == ["model", {"dict": [["0.weight", {"array": paths[0]}]]}]
    agree(rng, depth=5)


def test_tensors_are_arrays_and_numbers_of_numpy_are_numbers(rng):
    packed, arrays = with_arrays(pack, [Tensor([1, 2]), np.float64(0.5), np.int64(3)])
    assert as_json(packed) == {"list": [{"array": "state/0"}, 0.5, 3]}
    assert_close(arrays["state/0"], [1, 2], dtype=np.float32)
    values, number = rng.standard_normal((2, 3)).astype(np.float32), rng.integers(0, 99)
    packed, arrays = with_arrays(pack, {"a": number, "b": (Tensor(values), np.float64(number / 8))})
    assert as_json(packed) == {"dict": [["a", number], ["b", {"tuple": [{"array": "state/b/0"}, number / 8]}]]}
    assert_close(arrays["state/b/0"], values, dtype=np.float32)


def test_through_json_and_back_everything_is_as_it_was(rng):
    tree = {"a": [1, (2.5, None)], 3: {"b": rng.standard_normal(4), 4: "text"}, "rate": 0.1, "empty": [{}, ()]}
    packed, arrays = with_arrays(pack, tree)
    back = unpack(json.loads(json.dumps(packed)), arrays)
    assert_close(back[3].pop("b"), tree[3].pop("b"), dtype=np.float64)
    assert back == tree


def test_what_is_not_data_is_refused_by_its_path(rng):
    assert pack([], "state", {}) == {"list": []}
    with raises(TypeError, "state/model/1 is a range, which a checkpoint cannot hold"):
        pack({"model": [0, range(3)]}, "state", {})
    agree(rng)
    name, place = drawn_names(rng, 1)[0], int(rng.integers(2, 30))
    with raises(TypeError, f"state/0/{name}/{place} is a range, which a checkpoint cannot hold"):
        pack(({name: [0] * place + [range(3)]},), "state", {})
