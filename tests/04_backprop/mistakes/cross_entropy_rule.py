# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "cross_entropy_rule",
    "The sign is turned around: one-hot minus softmax would make the loss rise. The loss is minus the logarithm.",
)
def the_wrong_way_round(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[at] -= 1
    return -result * grad[:, None]


@mistake(
    "cross_entropy_rule",
    "What arrives from behind, `grad`, is missing. Each row's gradient is multiplied by its own number of it.",
)
def forgets_grad(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[at] -= 1
    return result


@mistake(
    "cross_entropy_rule",
    "`grad` has one number for each row, shape (n,). Lined up from the right it meets the classes, not the rows. Give "
    "it an axis for the classes.",
)
def lines_grad_up_with_the_classes(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[at] -= 1
    return result * grad


@mistake(
    "cross_entropy_rule",
    "The probability of the right class is set to -1. It should be made 1 smaller: s - 1.",
)
def puts_minus_one(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[at] = -1
    result *= grad[:, None]
    return result


@mistake(
    "cross_entropy_rule",
    "`result[:, classes]` are the columns of the classes of all samples, in every row. `at` has the number of each "
    "sample as well, so `result[at]` is one value per row.",
)
def takes_from_all_classes(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[:, at[1]] -= 1
    return result * grad[:, None]


@mistake(
    "cross_entropy_rule",
    "The values are right, but `np.zeros` is float64, and so is all that comes of it. Keep to the dtype of the logits.",
)
def makes_doubles(grad, out, logits, at):
    one_hot = np.zeros(logits.shape)
    one_hot[at] = 1
    return (softmax(logits, axis=1) - one_hot) * grad[:, None]


@mistake(
    "cross_entropy_rule",
    "You divide by the number of rows. The mean is an operation behind this one, and has done that already: it is in "
    "`grad`.",
)
def takes_the_mean_again(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[at] -= 1
    return result * grad[:, None] / len(logits)


@mistake(
    "cross_entropy_rule",
    "`exp` of a large score overflows, and inf / inf is not a number. `softmax` takes the largest score off first.",
)
def writes_its_own_softmax(grad, out, logits, at):
    result = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    result[at] -= 1
    return result * grad[:, None]


@mistake(
    "cross_entropy_rule",
    "The operation has one input, so its rule returns one gradient. `at` is an option, and needs none.",
)
def gives_the_index_a_gradient(grad, out, logits, at):
    result = softmax(logits, axis=1)
    result[at] -= 1
    return result * grad[:, None], None


@right("cross_entropy_rule")
def by_comparison(grad, out, logits, at):
    numbers = np.arange(logits.shape[1]).reshape(-1, *[1] * (logits.ndim - 2))
    one_hot = (np.expand_dims(at[1], 1) == numbers).astype(logits.dtype)
    return grad[:, None] * (softmax(logits, axis=1) - one_hot)


@right("cross_entropy_rule")
def from_the_logarithms(grad, out, logits, at):
    result = np.exp(log_softmax(logits, 1)) * np.expand_dims(grad, 1)
    np.subtract.at(result, at, grad)
    return result
