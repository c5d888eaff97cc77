import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "softmax",
    "The formula is right, but `exp` of a large score is infinite, and infinity divided by infinity is nan. Take the "
    "largest score off first.",
)
def takes_nothing_off(x, axis):
    out = np.exp(x)
    return out / out.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    "You take off the largest score of all. A row that lies far below it then has nothing but zeros, and its sum is 0. "
    "Each row needs its own largest.",
)
def takes_off_the_largest_of_all(x, axis):
    out = np.exp(x - x.max())
    return out / out.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    "The shares are taken of the sum over everything. They should add up to one along `axis`, in each row by itself.",
)
def divides_by_the_sum_of_all(x, axis):
    out = np.exp(x - x.max(axis=axis, keepdims=True))
    return out / out.sum()


@mistake(
    "softmax",
    "The sum has lost its axis. It then stands under the wrong values, or does not broadcast at all.",
)
def forgets_to_keep_the_axis_of_the_sum(x, axis):
    out = np.exp(x - x.max(axis=axis, keepdims=True))
    return out / out.sum(axis=axis)


@mistake(
    "softmax",
    "The maximum has lost its axis, so each row loses another row's largest value. That happens to cancel out as long as "
    "the numbers are small.",
)
def forgets_to_keep_the_axis_of_the_maximum(x, axis):
    out = np.exp(x - x.max(axis=axis))
    return out / out.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    "The mean is taken off instead of the maximum. Scores far above the mean still overflow.",
)
def takes_off_the_mean(x, axis):
    out = np.exp(x - x.mean(axis=axis, keepdims=True))
    return out / out.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    "`x -= ...` writes into the array that the caller handed in. Make a new one: `x - ...`.",
)
def writes_into_x(x, axis):
    x -= x.max(axis=axis, keepdims=True)
    out = np.exp(x)
    return out / out.sum(axis=axis, keepdims=True)


@mistake(
    "softmax",
    "The axis is not used: the shares are always taken along the last one.",
)
def always_takes_the_last_axis(x, axis):
    out = np.exp(x - x.max(axis=-1, keepdims=True))
    return out / out.sum(axis=-1, keepdims=True)


@right("softmax")
def with_logarithms(x, axis):
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return np.exp(shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)))


@right("softmax")
def with_expand_dims(x, axis):
    powers = np.exp(x - np.expand_dims(x.max(axis), axis))
    return powers / np.expand_dims(powers.sum(axis), axis)
