import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "normalize",
    "The variance was divided by n - 1. Here the values themselves are to have variance 1, so it is the plain mean of "
    "their squares.",
)
def divides_by_n_minus_1(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis, keepdims=True)
    out /= np.sqrt(x.var(axis=axis, ddof=1, keepdims=True) + eps)
    out *= weight
    out += bias
    return out


@mistake("normalize", "`eps` was added to the root. It stands under it, beside the variance.")
def adds_eps_to_the_root(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis, keepdims=True)
    out /= np.sqrt(np.mean(out * out, axis=axis, keepdims=True)) + eps
    out *= weight
    out += bias
    return out


@mistake("normalize", "`eps` is not used. Where all values are equal, you divide zero by zero.")
def forgets_eps(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis, keepdims=True)
    out /= np.sqrt(np.mean(out * out, axis=axis, keepdims=True))
    out *= weight
    out += bias
    return out


@mistake(
    "normalize",
    "You divide by the variance. The values are to be measured in standard deviations: take the root.",
)
def forgets_the_root(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis, keepdims=True)
    out /= np.mean(out * out, axis=axis, keepdims=True) + eps
    out *= weight
    out += bias
    return out


@mistake(
    "normalize",
    "Mean and variance are taken over everything. Each row, column or channel that `axis` leaves has its own.",
)
def takes_everything_together(x, weight, bias, axis, eps):
    out = x - x.mean()
    out /= np.sqrt(np.mean(out * out) + eps)
    out *= weight
    out += bias
    return out


@mistake(
    "normalize",
    "Mean and variance have lost their axis. They then stand under the wrong values, or do not broadcast at all.",
)
def forgets_to_keep_the_axis(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis)
    out = out / np.sqrt(x.var(axis=axis) + eps)
    out *= weight
    out += bias
    return out


@mistake(
    "normalize",
    "The mean of the squares minus the square of the mean is the variance on paper. In float32, far from zero, both are "
    "large and nearly equal, and their difference is rounding. Shift first, then square.",
)
def subtracts_large_numbers(x, weight, bias, axis, eps):
    mean = x.mean(axis=axis, keepdims=True)
    variance = (x * x).mean(axis=axis, keepdims=True) - mean * mean
    out = (x - mean) / np.sqrt(variance + eps)
    out *= weight
    out += bias
    return out


@mistake(
    "normalize",
    "The bias is added before the weight is multiplied, so it is scaled too. First scale, then shift.",
)
def shifts_before_it_scales(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis, keepdims=True)
    out /= np.sqrt(np.mean(out * out, axis=axis, keepdims=True) + eps)
    out += bias
    out *= weight
    return out


@mistake(
    "normalize",
    "`x -= ...` writes into the array that was handed in. `x - ...` makes a new one, and in that you may work in place.",
)
def writes_into_x(x, weight, bias, axis, eps):
    x -= x.mean(axis=axis, keepdims=True)
    x /= np.sqrt(np.mean(x * x, axis=axis, keepdims=True) + eps)
    return x * weight + bias


@mistake(
    "normalize",
    "The squared distances are added up. The variance is their mean: divide by how many there are.",
)
def adds_up_the_squares(x, weight, bias, axis, eps):
    out = x - x.mean(axis=axis, keepdims=True)
    out /= np.sqrt((out * out).sum(axis=axis, keepdims=True) + eps)
    return out * weight + bias


@right("normalize")
def with_var(x, weight, bias, axis, eps):
    scale = (x.var(axis=axis, keepdims=True) + eps) ** -0.5
    return (x - x.mean(axis=axis, keepdims=True)) * scale * weight + bias


@right("normalize")
def with_mean_and_standard_deviation(x, weight, bias, axis, eps):
    mean, variance = np.mean(x, axis, keepdims=True), np.var(x, axis, keepdims=True)
    hat = (x - mean) / np.sqrt(variance + eps)
    return weight * hat + bias
