# ruff: noqa: F821

from tito.author.answers import mistake, right


@mistake(
    "getitem_rule",
    "Of a value that was picked twice, only the last share stays: `result[index] = grad` and `result[index] += grad` both "
    "write each place once. An index that may pick twice needs `_add_at`.",
)
def adds_with_an_operator(grad, out, a, index):
    result = np.zeros(a.shape, grad.dtype)
    result[index] += grad
    return result


@mistake(
    "getitem_rule",
    "What you return has the shape of what was picked. The gradient of `a` has the shape of `a`: zeros, with the "
    "gradients in their places.",
)
def returns_what_was_picked(grad, out, a, index):
    return grad


@mistake("getitem_rule", "What was picked gets 1. It should get its own part of `grad`.")
def forgets_the_gradient(grad, out, a, index):
    result = np.zeros(a.shape, grad.dtype)
    _add_at(result, index, np.ones_like(grad))
    return result


@mistake(
    "getitem_rule",
    "Of a value that was picked twice, only the last share stays: `result[index] = grad` and `result[index] += grad` both "
    "write each place once. An index that may pick twice needs `_add_at`.",
)
def takes_the_wrong_one(grad, out, a, index):
    result = np.zeros(a.shape, grad.dtype)
    if _picks_once(index):
        _add_at(result, index, grad)
    else:
        result[index] = grad
    return result


@mistake("getitem_rule", "You begin with the values of `a` instead of with zeros, and they end up in the gradient.")
def begins_with_the_values(grad, out, a, index):
    result = a.astype(grad.dtype)
    if _picks_once(index):
        result[index] = grad
    else:
        _add_at(result, index, grad)
    return result


@right("getitem_rule")
def with_numpys_own(grad, out, a, index):
    result = np.zeros_like(a)
    np.add.at(result, index, grad)
    return result


@right("getitem_rule")
def by_places(grad, out, a, index):
    places = np.arange(a.size).reshape(a.shape)[index]
    return np.bincount(np.ravel(places), np.ravel(grad), a.size).reshape(a.shape)
