import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "linear",
    "The weight was not transposed. Its rows belong to the outputs: output 0 uses row 0, not column 0.",
)
def forgets_to_transpose(x, weight, bias):
    rows = x.reshape(-1, x.shape[-1])
    out = rows @ weight
    if bias is not None:
        out += bias
    return out.reshape(*x.shape[:-1], len(weight))


@mistake("linear", "The bias is missing: each output has one number of its own that is added.")
def forgets_the_bias(x, weight, bias):
    rows = x.reshape(-1, x.shape[-1])
    return (rows @ weight.T).reshape(*x.shape[:-1], len(weight))


@mistake("linear", "`bias` may be None, and None cannot be added.")
def always_adds_the_bias(x, weight, bias):
    rows = x.reshape(-1, x.shape[-1])
    out = rows @ weight.T
    out = out + bias
    return out.reshape(*x.shape[:-1], len(weight))


@mistake(
    "linear",
    "All rows come out laid flat. The axes in front of the last belong to the caller: give them back at the end.",
)
def forgets_to_give_the_axes_back(x, weight, bias):
    rows = x.reshape(-1, x.shape[-1])
    out = rows @ weight.T
    if bias is not None:
        out += bias
    return out


@mistake(
    "linear",
    "With -1 in the last place NumPy has to compute it from the number of values. In an empty batch there are none, and "
    "it cannot. You know the number of outputs: say it.",
)
def leaves_the_outputs_to_reshape(x, weight, bias):
    rows = x.reshape(-1, x.shape[-1])
    out = rows @ weight.T
    if bias is not None:
        out += bias
    return out.reshape(*x.shape[:-1], -1)


@mistake(
    "linear",
    "All axes but the first were merged with the last. It is the other way round: the last axis holds the inputs of one "
    "sum, all others are merely many of them.",
)
def merges_the_wrong_axes(x, weight, bias):
    rows = x.reshape(len(x), -1)
    out = rows @ weight.T
    if bias is not None:
        out += bias
    return out.reshape(*x.shape[:-1], len(weight))


@mistake(
    "linear",
    "`x.shape = ...` lays the array flat that the caller handed in, and leaves it so. `x.reshape(...)` gives a view, and "
    "`x` stays as it is.",
)
def lays_the_callers_array_flat(x, weight, bias):
    axes = x.shape[:-1]
    x.shape = (-1, x.shape[-1])
    out = x @ weight.T
    if bias is not None:
        out += bias
    return out.reshape(*axes, len(weight))


@mistake(
    "linear",
    "`bias` may be None, and None cannot be added. (And an empty batch has no numbers from which a -1 in the reshape could "
    "be computed: say how many outputs there are.)",
)
def always_adds_the_bias_and_leaves_the_outputs_to_reshape(x, weight, bias):
    out = x.reshape(-1, x.shape[-1]) @ weight.T + bias
    return out.reshape(*x.shape[:-1], -1)


@mistake(
    "linear",
    "`if bias:` asks whether the array is true, and an array of several numbers is neither. Ask `bias is not None`.",
)
def asks_whether_the_bias_is_true(x, weight, bias):
    out = x.reshape(-1, x.shape[-1]) @ weight.T
    if bias:
        out += bias
    return out.reshape(*x.shape[:-1], len(weight))


@mistake(
    "linear",
    "The result does not have the shape of `x`: its last axis is as long as there are outputs. Only the axes before it are "
    "those of `x`.",
)
def gives_the_shape_of_x_back(x, weight, bias):
    out = x.reshape(-1, x.shape[-1]) @ weight.T
    if bias is not None:
        out += bias
    return out.reshape(x.shape)


@right("linear")
def as_a_batch_of_products(x, weight, bias):
    out = x @ weight.T
    return out if bias is None else out + bias


@right("linear")
def with_einsum(x, weight, bias):
    out = np.einsum("...i,oi->...o", x, weight)
    if bias is not None:
        out = out + bias
    return out
