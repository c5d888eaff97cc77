"""Operations are called by their name, with tensors or arrays, and no exported function loses a graph on the way."""

import inspect

import numpy as np
import pytest

RNG = np.random.default_rng(0)
MODULES = ("tensor", "autograd", "layers", "backprop")
IMAGES, PATTERNS = RNG.standard_normal((2, 3, 5, 5)), RNG.standard_normal((4, 3, 2, 2))
TABLE = RNG.standard_normal((3, 4))
# Inputs of each operation, in order, and its options; None for an input that has no gradient.
CALLS = {
    "add_up": ([TABLE], {"axis": 0, "keepdims": True}),
    "power": ([np.abs(TABLE), TABLE], {}),
    "average": ([TABLE], {"dim": 0}),
    "cast": ([TABLE], {"dtype": np.dtype("float64")}),
    "getitem": ([TABLE], {"index": (0, slice(None))}),
    "join": ([TABLE, TABLE], {"dim": 0}),
    "unbroadcast": ([TABLE], {"shape": (4,)}),
    "linear": ([TABLE, RNG.standard_normal((2, 4)), RNG.standard_normal(2)], {}),
    "relu": ([TABLE], {}),
    "leaky_relu": ([TABLE], {"negative_slope": 0.2}),
    "sigmoid": ([TABLE], {}),
    "tanh": ([TABLE], {}),
    "gelu": ([TABLE], {}),
    "softmax": ([TABLE], {"dim": 1}),
    "log_softmax": ([TABLE], {"dim": 0}),
    "pad2d": ([IMAGES], {"padding": (1, 2)}),
    "unfold": ([IMAGES], {"kernel": (2, 2), "stride": (1, 1)}),
    "conv2d": ([IMAGES, PATTERNS, RNG.standard_normal(4)], {"stride": (1, 2), "padding": (1, 0)}),
    "max_pool2d": ([IMAGES], {"kernel": (2, 2), "stride": (2, 1)}),
    "avg_pool2d": ([IMAGES], {"kernel": (2, 2), "stride": (2, 1)}),
    "normalize": ([TABLE, RNG.standard_normal(4), RNG.standard_normal(4)], {"dim": (-1,), "eps": 0.1}),
    "batch_mean": ([TABLE], {}),
    "binary_cross_entropy": ([TABLE, RNG.random((3, 4))], {}),
    "cross_entropy": ([TABLE], {"at": ([0, 1, 2], [3, 0, 1])}),
}


@pytest.fixture(scope="module")
def operations(reference):
    """The exported operations by name."""
    modules = [getattr(reference, name) for name in MODULES]
    found = {name: vars(module)[name] for module in modules for name in module.__all__}
    return {name: value for name, value in found.items() if hasattr(value, "function")}


def leaves(reference, name):
    return [reference.autograd.Tensor(array, requires_grad=True) for array in CALLS[name][0]]


def names_of(operation):
    return [p.name for p in inspect.signature(operation).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]


def test_every_operation_is_in_the_table(operations):
    assert operations.keys() - {"take_along"} == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_a_tensor_is_recorded_and_arrays_are_computed(reference, operations, name):
    operation, options = operations[name], CALLS[name][1]
    result = operation(*leaves(reference, name), **options)
    assert isinstance(result, reference.autograd.Tensor) and result.node.op is operation.function
    computed = operation(*CALLS[name][0], **options)
    assert type(computed) in (np.ndarray, np.float64)
    np.testing.assert_array_equal(computed, result.numpy())


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("way", ["by position", "by keyword", "input="])
def test_each_input_gets_its_gradient_however_it_is_given(reference, operations, name, way):
    operation, options = operations[name], dict(CALLS[name][1])
    inputs = leaves(reference, name)
    args, given = list(inputs), {}
    if way != "by position" and name != "join":
        keys = names_of(operation)
        if way == "input=":
            keys[0] = "input"
        args, given = [], dict(zip(keys, inputs))
    elif name != "join":  # options by position too
        args += [options.pop(p) for p in list(options)]
    operation(*args, **given, **options).sum().backward()
    assert all(x.grad is not None and x.grad.shape == x.shape for x in inputs)


@pytest.mark.parametrize("name", CALLS)
def test_one_tensor_among_arrays_is_enough(reference, operations, name):
    operation, options = operations[name], CALLS[name][1]
    for place, leaf in enumerate(leaves(reference, name)):
        mixed = [leaf if n == place else array for n, array in enumerate(CALLS[name][0])]
        operation(*mixed, **options).sum().backward()
        assert leaf.grad is not None


def test_what_does_not_fit_the_signature_is_named(operations):
    for call, sentence in (
        (lambda: operations["softmax"](TABLE, axis=1), "dim"),
        (lambda: operations["softmax"](TABLE, 1, dim=1), "softmax takes x and dim, each once"),
        (lambda: operations["relu"](), "relu needs x"),
        (lambda: operations["linear"](TABLE), "linear needs weight"),
    ):
        with pytest.raises(TypeError, match=sentence):
            call()


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, bool])
@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sigmoid", "tanh", "gelu", "softmax", "log_softmax"])
def test_integers_and_bools_are_float32_from_the_start(reference, operations, name, dtype):
    array = np.array([1, 20, 4]).astype(dtype)
    options = {"dim": 0} if "softmax" in name else {}
    function = operations.get(name) or (lambda x: getattr(x, name)())
    result, wanted = (function(reference.autograd.Tensor(x), **options) for x in (array, array.astype(np.float32)))
    assert result.dtype == np.float32 and result.tolist() == wanted.tolist()
    if name in operations:
        assert operations[name](array, **options).dtype == np.float32
