from tito.author.answers import mistake, right


@mistake("unbroadcast", "A copied number feeds several outputs, so its gradient is their sum, not their mean.")
def averages_the_copies(grad, shape):
    added = grad.ndim - len(shape)
    stretched = (added + i for i, n in enumerate(shape) if n == 1)
    total = grad.mean(axis=(*range(added), *stretched), keepdims=True)
    return total.reshape(total.shape[added:])


@mistake(
    "unbroadcast", "The first of the copies is taken and the others are dropped. Every one of them moves an output."
)
def takes_the_first_copy(grad, shape):
    added = grad.ndim - len(shape)
    grad = grad[(0,) * added]
    for i, n in enumerate(shape):
        if n == 1:
            grad = grad.take([0], axis=i)
    return grad


@mistake(
    "unbroadcast",
    "The axes that were added on the left are still there, with size 1. The input never had them: they must disappear.",
)
def keeps_the_added_axes(grad, shape):
    added = grad.ndim - len(shape)
    stretched = (added + i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=(*range(added), *stretched), keepdims=True)


@mistake(
    "unbroadcast",
    "The axes of size 1 that were stretched disappear. The input has them: keep them in their place.",
)
def drops_the_stretched_axes(grad, shape):
    added = grad.ndim - len(shape)
    stretched = (added + i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=(*range(added), *stretched))


@mistake("unbroadcast", "Only the added axes are summed. An axis of size 1 may have been stretched as well.")
def forgets_the_stretched_axes(grad, shape):
    return grad.sum(axis=tuple(range(grad.ndim - len(shape))))


@mistake(
    "unbroadcast",
    "Stretched axes are summed, but an input may have had fewer axes: those on the left were added and must be summed "
    "too.",
)
def forgets_the_added_axes(grad, shape):
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=stretched, keepdims=True)


@mistake(
    "unbroadcast",
    "The shapes are lined up flush left. Broadcasting lines them up flush right, so the added axes are the first ones.",
)
def lines_up_from_the_left(grad, shape):
    grad = grad.sum(axis=tuple(range(len(shape), grad.ndim)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=stretched, keepdims=True)


@mistake(
    "unbroadcast",
    "Everything is added up into one number, and spread over the shape. Each value should get the copies of its own.",
)
def adds_up_everything(grad, shape):
    return np.full(shape, grad.sum(), grad.dtype)


@mistake(
    "unbroadcast",
    "A reshape keeps every number. Broadcasting made more of them than the input had, so they must be summed.",
)
def reshapes(grad, shape):
    return grad.reshape(shape)


@mistake(
    "unbroadcast",
    "The axes of size 1 that were stretched disappear. The input has them: keep them in their place.",
)
def drops_one_stretched_axis_after_the_other(grad, shape):
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis)
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    return grad


@mistake(
    "unbroadcast",
    "`grad` may have more axes than `shape`, and its axis `i` is then another one than that of `shape`: shapes line up at "
    "their right ends. Sum over the added axes first.",
)
def compares_axis_by_axis(grad, shape):
    for axis in range(grad.ndim):
        if grad.shape[axis] != shape[axis]:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@right("unbroadcast")
def in_two_steps(grad, shape):
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and grad.shape[i] != 1)
    return grad.sum(axis=stretched, keepdims=True) if stretched else grad


@right("unbroadcast")
def one_axis_at_a_time(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = np.sum(grad, axis=axis, keepdims=True)
    return grad
