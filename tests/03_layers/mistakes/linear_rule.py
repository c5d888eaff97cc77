# ruff: noqa: F821
from tito.author.answers import mistake, right


@mistake(
    "linear_rule",
    "The input's gradient is weighted with the transposed weight. Going forward, the weight was transposed; going "
    "backward, it is used in the other direction.",
)
def transposes_the_weight(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return lambda: (grad @ weight.T).reshape(x.shape), lambda: grad.T @ rows, lambda: grad.sum(axis=0)


@mistake(
    "linear_rule",
    "The weight's gradient is transposed. The weight is (out, in), and its gradient must be so too: outputs down, inputs "
    "across.",
)
def transposes_the_weights_gradient(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return lambda: (grad @ weight).reshape(x.shape), lambda: rows.T @ grad, lambda: grad.sum(axis=0)


@mistake(
    "linear_rule",
    "The gradients of weight and bias are means over the rows. But every row used them, and what was used several times "
    "adds up.",
)
def averages_over_the_rows(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    n = max(len(rows), 1)
    return lambda: (grad @ weight).reshape(x.shape), lambda: grad.T @ rows / n, lambda: grad.sum(axis=0) / n


@mistake(
    "linear_rule",
    "The gradient of `x` is still flat. It must have the shape of `x`, with all the axes it came with.",
)
def leaves_the_gradient_of_x_flat(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return lambda: grad @ weight, lambda: grad.T @ rows, lambda: grad.sum(axis=0)


@mistake(
    "linear_rule",
    "The gradients of `x` and of the weight are exchanged. They come in the order of the inputs: `x`, `weight`, `bias`.",
)
def in_the_wrong_order(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return lambda: grad.T @ rows, lambda: (grad @ weight).reshape(x.shape), lambda: grad.sum(axis=0)


@mistake(
    "linear_rule",
    "The bias gets ones, whatever has arrived. Its slope is one, but that has to be multiplied by the output's gradient.",
)
def gives_the_bias_ones(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    ones = (grad * 0 + 1).sum(axis=0)
    return lambda: (grad @ weight).reshape(x.shape), lambda: grad.T @ rows, lambda: ones


@mistake(
    "linear_rule",
    "The sum for the bias runs along the rows instead of down the columns: it adds up different outputs. `axis` names the "
    "axis that disappears.",
)
def sums_over_the_outputs(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return lambda: (grad @ weight).reshape(x.shape), lambda: grad.T @ rows, lambda: grad.sum(axis=1)


@mistake(
    "linear_rule",
    "`x` comes with the axes it had, perhaps three of them, perhaps one. Lay it flat as well, by `_rows(x)`, so that its "
    "rows are those of `grad`.",
)
def forgets_to_lay_x_flat(grad, out, x, weight, bias):
    grad = _rows(grad)
    return (
        lambda: (grad @ weight).reshape(x.shape),
        lambda: grad.T @ x,
        lambda: grad.sum(axis=0),
    )


@right("linear_rule")
def with_arrays_at_once(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return (grad @ weight).reshape(x.shape), (rows.T @ grad).T, grad.sum(axis=0)


@right("linear_rule")
def with_einsum(grad, out, x, weight, bias):
    rows = _rows(x)
    grad = _rows(grad)
    return (
        np.einsum("no,oi->ni", grad, weight).reshape(x.shape),
        np.einsum("no,ni->oi", grad, rows),
        lambda: np.einsum("no->o", grad),
    )
