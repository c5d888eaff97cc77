# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "sum_rule",
    "The axis that the sum took out is missing, so the gradient does not stand beside its own row: the shapes clash "
    "or, for as many rows as columns, each row silently gets another's gradient.",
)
def forgets_to_bring_the_axis_back(grad, out, a, axis=None, keepdims=False):
    return np.broadcast_to(grad, a.shape)


@mistake(
    "sum_rule",
    "Every value gets 1. That is its own slope; it has to be multiplied by the gradient of the sum it went into.",
)
def gives_ones(grad, out, a, axis=None, keepdims=False):
    return np.ones(a.shape, grad.dtype)


@mistake(
    "sum_rule",
    "The gradient is divided among the values. That is what a mean does: in a sum, every value counts in full.",
)
def divides_it_up(grad, out, a, axis=None, keepdims=False):
    grad = _restore(grad, axis, keepdims)
    return np.broadcast_to(grad * (np.size(grad) / a.size), a.shape)


@mistake(
    "sum_rule",
    "The axis is brought back, but the gradient still has one value for each sum. The input has more: stretch it.",
)
def does_not_stretch_it(grad, out, a, axis=None, keepdims=False):
    return _restore(grad, axis, keepdims)


@mistake(
    "sum_rule",
    "With `keepdims=True` the axis never went away, and you bring it back a second time. `_restore` knows when not to.",
)
def brings_back_what_is_there(grad, out, a, axis=None, keepdims=False):
    return np.broadcast_to(_restore(grad, axis, False), a.shape)


@mistake("sum_rule", "What you stretch is the sum itself. The way back is about its gradient, `grad`.")
def stretches_the_sum(grad, out, a, axis=None, keepdims=False):
    return np.broadcast_to(_restore(out, axis, keepdims), a.shape)


@right("sum_rule")
def times_ones(grad, out, a, axis=None, keepdims=False):
    return np.ones_like(a) * _restore(grad, axis, keepdims)


@right("sum_rule")
def by_the_shape_that_keepdims_gives(grad, out, a, axis=None, keepdims=False):
    kept = a.sum(axis=axis, keepdims=True)
    return grad.reshape(kept.shape) + np.zeros_like(a)
