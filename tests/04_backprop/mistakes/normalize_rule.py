# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "normalize_rule",
    "Only the direct way is there. Each number also moves the mean and the scale of its row, and with them all the "
    "others.",
)
def only_the_direct_way(grad, out, x, weight, bias, axis, eps):
    return grad * weight * scale, grad * hat, grad


@mistake(
    "normalize_rule",
    "The way through the mean is missing: each number moves the mean of its row, and all numbers with it.",
)
def forgets_the_mean(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    return scale * (g - hat * (g * hat).mean(axis=axis, keepdims=True)), grad * hat, grad


@mistake(
    "normalize_rule",
    "The scale is treated as a constant. Each number also changes the variance of its row: the third term is missing.",
)
def forgets_the_variance(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    return scale * (g - g.mean(axis=axis, keepdims=True)), grad * hat, grad


@mistake(
    "normalize_rule",
    "The weight is left out on the way to `x`. Going backward it comes first: g = grad * weight.",
)
def forgets_the_weight(grad, out, x, weight, bias, axis, eps):
    mean = grad.mean(axis=axis, keepdims=True)
    along = (grad * hat).mean(axis=axis, keepdims=True)
    return scale * (grad - mean - hat * along), grad * hat, grad


@mistake(
    "normalize_rule",
    "The weight is multiplied in at the end. Forward it came last, so backward it comes first: the two means are means "
    "of grad * weight.",
)
def weighs_at_the_end(grad, out, x, weight, bias, axis, eps):
    mean = grad.mean(axis=axis, keepdims=True)
    along = (grad * hat).mean(axis=axis, keepdims=True)
    return scale * (grad - mean - hat * along) * weight, grad * hat, grad


@mistake(
    "normalize_rule",
    "Where the rule has a mean you take a sum: the 1/n is missing.",
)
def sums(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    total = g.sum(axis=axis, keepdims=True)
    along = (g * hat).sum(axis=axis, keepdims=True)
    return scale * (g - total - hat * along), grad * hat, grad


@mistake(
    "normalize_rule",
    "The means are taken over everything, and the rows get mixed. They go along `axis`, with keepdims=True.",
)
def means_over_everything(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    return scale * (g - g.mean() - hat * (g * hat).mean()), grad * hat, grad


@mistake(
    "normalize_rule",
    "What the weight multiplies is `hat`, the normalised values, and not `x`.",
)
def weight_times_x(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    mean = g.mean(axis=axis, keepdims=True)
    along = (g * hat).mean(axis=axis, keepdims=True)
    return scale * (g - mean - hat * along), grad * x, grad


@mistake(
    "normalize_rule",
    "The values are right, but `grad *= weight` writes into the gradient that came in. The bias gets that very array, "
    "and other operations may too. Make a new one.",
)
def writes_into_grad(grad, out, x, weight, bias, axis, eps):
    by_weight = grad * hat
    by_bias = grad.copy()
    grad *= weight
    grad -= grad.mean(axis=axis, keepdims=True) + hat * (grad * hat).mean(axis=axis, keepdims=True)
    grad *= scale
    return grad, by_weight, by_bias


@mistake(
    "normalize_rule",
    "The weight's gradient is `grad * hat`. `g` is `grad * weight`: the weight itself has no place in its own slope.",
)
def weighs_the_weights_gradient(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    mean, along = g.mean(axis=axis, keepdims=True), (g * hat).mean(axis=axis, keepdims=True)
    return scale * (g - mean - hat * along), g * hat, grad


@mistake(
    "normalize_rule",
    "The means have lost their axis. They then stand under the wrong values, or do not broadcast at all: keepdims=True.",
)
def forgets_keepdims(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    return scale * (g - g.mean(axis=axis) - hat * (g * hat).mean(axis=axis)), grad * hat, grad


@right("normalize_rule")
def in_one_line(grad, out, x, weight, bias, axis, eps):
    g = grad * weight
    mean = g.mean(axis=axis, keepdims=True)
    along = (g * hat).mean(axis=axis, keepdims=True)
    return scale * (g - mean - hat * along), grad * hat, grad


@right("normalize_rule")
def by_the_chain(grad, out, x, weight, bias, axis, eps):
    apart = x - x.mean(axis=axis, keepdims=True)
    n = x.size // scale.size
    by_hat = grad * weight
    by_scale = np.sum(by_hat * apart, axis=axis, keepdims=True)
    by_variance = by_scale * scale**3 / -2
    by_apart = by_hat * scale + by_variance * 2 * apart / n
    by_x = by_apart - by_apart.sum(axis=axis, keepdims=True) / n
    return lambda: by_x, lambda: hat * grad, lambda: grad
