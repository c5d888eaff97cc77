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


# Exported functions that are no operations. Those that give tensors, called with one tensor that is recorded:
WITH_A_TENSOR = {
    "floats": lambda f, x: f(x),
    "elementwise": lambda f, x: f(np.add, 1, x),
    "maximum": lambda f, x: f(1, x),
    "where": lambda f, x: f(TABLE > 0, 0, x),
    "cat": lambda f, x: f([TABLE, x]),
    "stack": lambda f, x: f([TABLE, x]),
    "split": lambda f, x: f(x, 2)[0],
    "logaddexp": lambda f, x: f(TABLE, x),
    "window_slices": lambda f, x: next(f(x, (1, 1), (1, 1)))[2],
    "collate": lambda f, x: f([x, x]),
    "take": lambda f, x: f(x, np.array([0])),
}
FLAT, GRADS = RNG.standard_normal(3), RNG.standard_normal((2, 4, 4, 4))
ADAM = [*[FLAT] * 5, (0.9, 0.99), 0.1, 0.1, 0.1]
# Those that compute on arrays, with their inputs; a tensor among them is refused in a sentence.
ON_ARRAYS = {
    "conv2d_weight": [IMAGES, PATTERNS.shape, GRADS, (1, 1), (0, 0)],
    "conv2d_input": [IMAGES.shape, PATTERNS, GRADS, (1, 1), (0, 0)],
    "sgd": [*[FLAT] * 4, 0.1, 0.1, 0.1, 0.1, True],
    "rmsprop": [*[FLAT] * 5, 0.1, 0.1, 0.1, 0.1, 0.1],
    "adam": ADAM,
    "softmax_rule": [TABLE, TABLE, TABLE, 1],
    "log_softmax_rule": [TABLE, TABLE, TABLE, 1],
    "cross_entropy_rule": [TABLE[:, 0], TABLE[:, 0], TABLE, ([0, 1, 2], [3, 0, 1])],
    "normalize_rule": [TABLE, TABLE, TABLE, FLAT, FLAT, 0, 0.1],
}
# Those that take no tensor to compute with, or are there to give numbers or to write in place.
OTHERS = """
    as_array tensor unwrap leader on_arrays plain operation broadcast_shapes contiguous_strides manual_seed zeros ones full arange
    eye rand randn is_grad_enabled no_grad derivative every_path engine kaiming_uniform_ kaiming_normal_ xavier_uniform_
    xavier_normal_ window_counts chunks count_uses each_once register_hook retain_grad slopes gradcheck gradient_flow
    anneal_linear anneal_cosine clip_grad_value_ clip_grad_norm_
    random_split accuracy confusion_matrix evaluating plot_history predict unpack pack save_checkpoint read_checkpoint
    load_checkpoint
"""


@pytest.fixture(scope="module")
def functions(reference):
    """The exported functions that are no operations, by name."""
    modules = [getattr(reference, name) for name in (*MODULES, "optimizers", "training")]
    found = {name: vars(module)[name] for module in modules for name in module.__all__}
    return {n: f for n, f in found.items() if inspect.isroutine(f) and not hasattr(f, "function")}


def test_every_other_exported_function_is_in_a_table(functions):
    assert functions.keys() == WITH_A_TENSOR.keys() | ON_ARRAYS.keys() | set(OTHERS.split())


@pytest.mark.parametrize("name", WITH_A_TENSOR)
def test_what_gives_a_tensor_keeps_its_past(reference, functions, name):
    x = reference.autograd.Tensor(TABLE, requires_grad=True)
    WITH_A_TENSOR[name](functions[name], x * 1).sum().backward()
    assert x.grad is not None


@pytest.mark.parametrize("way", ["by position", "by keyword"])
@pytest.mark.parametrize("name", ON_ARRAYS)
def test_what_computes_on_arrays_says_so(reference, functions, name, way):
    function, keys = functions[name], list(inspect.signature(functions[name]).parameters)
    for place, value in enumerate(ON_ARRAYS[name]):
        if isinstance(value, np.ndarray):
            inputs = [x.copy() if isinstance(x, np.ndarray) else x for x in ON_ARRAYS[name]]
            inputs[place] = reference.autograd.Tensor(value, requires_grad=True)
            with pytest.raises(TypeError, match=rf"^{name} computes on arrays: give it x\.array"):
                function(*inputs) if way == "by position" else function(**dict(zip(keys, inputs)))


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
