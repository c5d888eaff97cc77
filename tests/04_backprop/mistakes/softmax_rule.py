# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "softmax_rule",
    "That is the diagonal of the matrix only: what each score does to its own probability. It changes the others too.",
)
def only_the_diagonal(grad, out, x, axis):
    return grad * out * (1 - out)


@mistake(
    "softmax_rule",
    "The sum is that of the gradients alone. Each has to be multiplied by its probability first. (Without them it is "
    "nearly the rule of log_softmax.)",
)
def sums_the_gradients(grad, out, x, axis):
    return out * (grad - grad.sum(axis=axis, keepdims=True))


@mistake(
    "softmax_rule",
    "The sum has to be multiplied by the probability of each score before it is subtracted: s_j (g_j - sum).",
)
def does_not_weigh_the_sum(grad, out, x, axis):
    weighted = grad * out
    return weighted - weighted.sum(axis=axis, keepdims=True)


@mistake(
    "softmax_rule",
    "The sum is taken over all values, so the rows get mixed. It goes along `axis` only.",
)
def sums_over_everything(grad, out, x, axis):
    weighted = grad * out
    return weighted - out * weighted.sum()


@mistake(
    "softmax_rule",
    "Without `keepdims` the sums lose their axis, and broadcasting lines them up with the wrong one, or with none.",
)
def forgets_keepdims(grad, out, x, axis):
    weighted = grad * out
    return weighted - out * weighted.sum(axis=axis)


@mistake(
    "softmax_rule",
    "The axis is taken to be the last one. It may be any: `axis` says which.",
)
def always_the_last_axis(grad, out, x, axis):
    weighted = grad * out
    return weighted - out * weighted.sum(axis=-1, keepdims=True)


@mistake(
    "softmax_rule",
    "The result is right, but it is written into `grad`, which belongs to the engine: another operation may still need "
    "it as it was.",
)
def writes_into_grad(grad, out, x, axis):
    grad -= (grad * out).sum(axis=axis, keepdims=True)
    grad *= out
    return grad


@right("softmax_rule")
def factored(grad, out, x, axis):
    return out * (grad - (grad * out).sum(axis=axis, keepdims=True))


@right("softmax_rule")
def from_the_scores(grad, out, x, axis):
    s = softmax(x, axis=axis)
    total = np.expand_dims(np.sum(s * grad, axis=axis), axis)
    return s * grad - s * total


@right("softmax_rule")
def with_the_matrix(grad, out, x, axis):
    s, g = np.moveaxis(out, axis, -1), np.moveaxis(grad, axis, -1)
    matrix = s[..., :, None] * (np.eye(s.shape[-1], dtype=s.dtype) - s[..., None, :])
    return np.moveaxis(np.einsum("...ij,...i->...j", matrix, g), -1, axis)
