# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake("max_rule", "Values that tie get the whole gradient each. Count them, and give each its share.")
def gives_each_tie_all(grad, out, a, axis=None, keepdims=False):
    return _restore(grad, axis, keepdims) * (a == _restore(out, axis, keepdims))


@mistake(
    "max_rule", "Of values that tie, only the first gets something. None of them is better than the others: share."
)
def gives_it_to_the_first(grad, out, a, axis=None, keepdims=False):
    ties = a == _restore(out, axis, keepdims)
    places = np.arange(a.size).reshape(a.shape)
    first = np.where(ties, places, a.size).min(axis=axis, keepdims=True)
    return _restore(grad, axis, keepdims) * (places == first)


@mistake(
    "max_rule",
    "The ties of all groups are counted together. Each row has a maximum of its own: count along the axis.",
)
def counts_all_ties(grad, out, a, axis=None, keepdims=False):
    ties = a == _restore(out, axis, keepdims)
    return _restore(grad, axis, keepdims) / ties.sum(dtype=grad.dtype) * ties


@mistake(
    "max_rule",
    "The gradient is shared by all values of the group, the largest and the others. Only those equal to the maximum "
    "get a share.",
)
def shares_with_all(grad, out, a, axis=None, keepdims=False):
    grad = _restore(grad, axis, keepdims)
    return np.broadcast_to(grad * (np.size(grad) / a.size), a.shape)


@mistake(
    "max_rule",
    "`out` is compared without the axis that was taken out, so it does not stand beside its own row. Bring the axis "
    "back in `out` too.",
)
def forgets_the_axis_of_the_output(grad, out, a, axis=None, keepdims=False):
    ties = a == (out if np.ndim(out) < a.ndim else _restore(out, axis, keepdims))
    return _restore(grad, axis, keepdims) / ties.sum(axis=axis, keepdims=True) * ties


@mistake("max_rule", "The largest value gets 1, whatever the gradient of the maximum is: multiply by it.")
def forgets_the_gradient(grad, out, a, axis=None, keepdims=False):
    ties = a == _restore(out, axis, keepdims)
    return ties / ties.sum(axis=axis, keepdims=True)


@mistake(
    "max_rule",
    "You look for the largest value yourself. The rule serves `np.min` as well: what came out is in `out`.",
)
def looks_for_the_largest(grad, out, a, axis=None, keepdims=False):
    ties = a == a.max(axis=axis, keepdims=True)
    return _restore(grad, axis, keepdims) / ties.sum(axis=axis, keepdims=True) * ties


@mistake(
    "max_rule",
    "The gradient is shared out without the axis that was taken out, so each row gets the gradient of another. Bring the "
    "axis back in `grad` too.",
)
def forgets_the_axis_of_the_gradient(grad, out, a, axis=None, keepdims=False):
    ties = a == _restore(out, axis, keepdims)
    return grad / ties.sum(axis=axis, keepdims=True, dtype=grad.dtype) * ties


@right("max_rule")
def with_where(grad, out, a, axis=None, keepdims=False):
    found = np.equal(a, _restore(out, axis, keepdims))
    share = _restore(grad, axis, keepdims) / np.count_nonzero(found, axis=axis, keepdims=True)
    return np.where(found, share, 0)


@right("max_rule")
def as_the_mean_of_the_ties(grad, out, a, axis=None, keepdims=False):
    shares = (a == _restore(out, axis, keepdims)).astype(grad.dtype)
    shares /= shares.sum(axis=axis, keepdims=True)
    return shares * _restore(grad, axis, keepdims)
