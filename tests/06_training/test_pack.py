"""pack turns a tree of containers into what JSON can hold, and puts its arrays aside, each under its path."""

import json

import numpy as np
import pytest

from tinytorch.autograd import Tensor
from tinytorch.training import pack, unpack
from tito.testing import assert_close, on_student_side, raises


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
def test_each_container_says_what_it_is(value, packed):
    assert as_json(pack(value, "state", {})) == packed


def test_an_array_is_put_aside_and_its_path_stands_in_its_place():
    packed, arrays = with_arrays(pack, {"weight": np.array([1.0, 2.0])})
    assert as_json(packed) == {"dict": [["weight", {"array": "state/weight"}]]}
    assert list(arrays) == ["state/weight"]
    assert_close(arrays["state/weight"], [1, 2], dtype=np.float64)
    assert_close(with_arrays(pack, np.arange(3))[1]["state"], [0, 1, 2], dtype=int)


def test_paths_lead_through_keys_and_positions():
    tree = {"model": {"0.weight": np.ones((2, 2))}, "optimizer": {"state": {0: (np.zeros(1), [np.ones(3)])}}}
    packed, arrays = with_arrays(pack, tree)
    paths = ["state/model/0.weight", "state/optimizer/state/0/0", "state/optimizer/state/0/1/0"]
    assert sorted(arrays) == paths
    assert [arrays[path].shape for path in paths] == [(2, 2), (1,), (3,)]
    assert as_json(packed)["dict"][0] == ["model", {"dict": [["0.weight", {"array": paths[0]}]]}]


def test_tensors_are_arrays_and_numbers_of_numpy_are_numbers():
    packed, arrays = with_arrays(pack, [Tensor([1, 2]), np.float64(0.5), np.int64(3)])
    assert as_json(packed) == {"list": [{"array": "state/0"}, 0.5, 3]}
    assert_close(arrays["state/0"], [1, 2], dtype=np.float32)


def test_through_json_and_back_everything_is_as_it_was(rng):
    tree = {"a": [1, (2.5, None)], 3: {"b": rng.standard_normal(4), 4: "text"}, "rate": 0.1, "empty": [{}, ()]}
    packed, arrays = with_arrays(pack, tree)
    back = unpack(json.loads(json.dumps(packed)), arrays)
    assert_close(back[3].pop("b"), tree[3].pop("b"), dtype=np.float64)
    assert back == tree


def test_what_is_not_data_is_refused_by_its_path():
    assert pack([], "state", {}) == {"list": []}
    with raises(TypeError, "state/model/1 is a range, which a checkpoint cannot hold"):
        pack({"model": [0, range(3)]}, "state", {})
