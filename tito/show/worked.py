"""What each operation does, forward and on the way back, in words, and one element of it worked out in numbers.

A line such as `0.0703 × (1 − 0.44²) = 0.0567` is shown only where its value is the one that the package computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import erf, exp, log, pi, sqrt, tanh
from typing import Any

import numpy as np

TERMS = 3  # of a sum are written out
MOST = 4096  # terms of a sum are looked at, at most

# name: what it does, and what becomes of the gradient
WORDS = {
    "absolute": ("Takes the sign off each value.", "The input gets the gradient with the input's sign."),
    "add": ("Adds the inputs.", "Addition passes the gradient on to both inputs."),
    "ascontiguousarray": (
        "Lays the values out in memory in their order.",
        "The gradient passes: the values were only laid out in another order.",
    ),
    "attend": (
        "Each query fetches the values whose keys fit: the softmax of the products, 0 where masked, times the values.",
        "The values get it by the weights; queries and keys through the softmax, and nothing where masked.",
    ),
    "average": ("The mean along axes.", "Every value gets an equal part of its mean's gradient."),
    "avg_pool2d": ("The mean of each window.", "Every value of a window gets an equal part of its gradient."),
    "batch_mean": ("The mean of the losses.", "Each loss gets the same share of the mean's gradient."),
    "binary_cross_entropy": (
        "How surprising the targets are, given the scores.",
        "The logits get sigmoid minus target: the difference between guess and truth.",
    ),
    "broadcast_to": ("Repeats the values along new axes.", "Every copy's gradient is added up."),
    "cast": ("Changes the dtype.", "The gradient passes, in the input's dtype."),
    "clip": ("Keeps the values inside limits.", "Values inside the limits get their gradient, those outside none."),
    "conv2d": (
        "Slides the kernel over the image, and multiplies and adds at each place.",
        "The image gets the gradient spread by the kernel; the kernel what each of its places saw times the gradient.",
    ),
    "cross_entropy": (
        "How surprising the right class is: minus the logarithm of its share.",
        "The logits get softmax minus one at the right class: the difference between guess and truth.",
    ),
    "divide": (
        "Divides the first input by the second.",
        "The upper input gets the gradient divided by the lower one; the lower minus the gradient times result / lower.",
    ),
    "exp": ("e to the power of each value.", "The input gets the gradient times the result, its own derivative."),
    "expand_dims": ("Adds an axis of size 1.", "The gradient loses the axis of size 1 again."),
    "floor_divide": (
        "Divides, and rounds down.",
        "The result goes in jumps and is level between them, so both inputs get nothing.",
    ),
    "gelu": ("Lets positive values pass, and bends softly to 0.", "The gradient times the slope of GELU at the input."),
    "getitem": (
        "Picks values out.",
        "What was picked gets the gradient, the rest zero; what was picked twice gets both.",
    ),
    "join": ("Puts the inputs one behind the other.", "Each input gets its own piece of the gradient."),
    "leaky_relu": (
        "Lets positive values pass, and of negative ones a little.",
        "The gradient passes where the input was positive, a little of it elsewhere.",
    ),
    "linear": (
        "Each output is a weighted sum of the inputs, and a bias.",
        "The input gets gradient @ weight; the weight gradient transposed @ input; the bias the sum over the batch.",
    ),
    "log": ("The logarithm of each value.", "The input gets the gradient divided by the input."),
    "log_softmax": (
        "The logarithm of each value's share in the sum of exponentials.",
        "The gradient less each share's part of the sum of all.",
    ),
    "logaddexp": (
        "The logarithm of the sum of the exponentials.",
        "Each input gets its share in the sum of the exponentials, times the gradient.",
    ),
    "matmul": (
        "Rows times columns: each value is a sum of products.",
        "The left input gets gradient @ right transposed; the right one left transposed @ gradient.",
    ),
    "max": ("The largest value.", "The largest value gets the gradient; values that tie share it."),
    "max_pool2d": ("The largest value of each window.", "The largest value of each window gets its gradient."),
    "maximum": ("The larger of both inputs.", "The larger input gets the gradient; where they tie, each gets half."),
    "min": ("The smallest value.", "The smallest value gets the gradient; values that tie share it."),
    "multiply": ("Multiplies the inputs.", "Each input gets the gradient times the other input."),
    "negative": ("Turns the sign.", "The input gets the negative of the gradient."),
    "normalize": (
        "Takes the mean away and divides by the spread, then scales and shifts.",
        "The gradient loses its mean and its part along the normalised values, and is divided by the spread.",
    ),
    "pad2d": ("Puts a border of zeros around the image.", "The gradient loses the border."),
    "power": (
        "The first input to the power of the second.",
        "The base gets the gradient times exponent × base to the exponent less one.",
    ),
    "relu": ("Lets positive values pass; the rest becomes 0.", "The gradient passes where the input was positive."),
    "remainder": (
        "What division leaves over.",
        "The first input gets the gradient; the second minus the gradient times how often it fits into the first.",
    ),
    "reshape": ("The same values in another shape.", "The gradient gets the input's shape back."),
    "scaled_dot_product_attention": (
        "Each query fetches a mix of the values, by how well it fits the keys.",
        "The values get the gradient by their weights; queries and keys get it through softmax.",
    ),
    "sigmoid": (
        "Squeezes each value between 0 and 1.",
        "The gradient times s (1 - s): at most a quarter of it.",
    ),
    "softmax": (
        "Shares: e to the power of each value, divided by the sum of all. A mask's -inf has the share 0.",
        "Each share gets result × (gradient - the mean of the gradients, weighted with the shares). A share of 0, such "
        "as one that is masked, passes nothing on.",
    ),
    "sqrt": ("The square root of each value.", "The input gets the gradient divided by twice the result."),
    "squeeze": ("Drops axes of size 1.", "The gradient gets the axes of size 1 back."),
    "subtract": (
        "Subtracts the second input from the first.",
        "The first input gets the gradient, the second its negative.",
    ),
    "sum": ("Adds the values up.", "Every value that was added gets the sum's gradient."),
    "swapaxes": ("Swaps two axes.", "The same two axes are swapped back."),
    "take_along": (
        "Picks one value from each row.",
        "The value that was picked gets the gradient, the rest zero.",
    ),
    "tanh": (
        "Squeezes each value between -1 and 1.",
        "The gradient times 1 - result²: little of it where the result is near 1 or -1.",
    ),
    "transpose": ("Puts the axes in another order.", "The gradient's axes are put back in order."),
    "unbroadcast": ("Adds up what broadcasting copied.", "Every value that was added gets the sum's gradient."),
    "unfold": ("Writes all windows next to each other.", "Each value gets the sum of what its copies get."),
    "where": (
        "Takes each value from one input or the other. A mask puts -inf where nothing may be seen.",
        "Each place's gradient goes to the input it was taken from; where a mask stands, nothing passes.",
    ),
}

ATTENTION = ("attend", "scaled_dot_product_attention")
Line = tuple[str, float]  # what is written, with a reason behind a comma, and what it comes to


def text(x: float) -> str:
    """A number as the page shows it: four digits, with a real minus."""
    return f"{x:.4g}".replace("-", "−")


def _factor(x: float) -> str:
    """A number inside a product: in brackets if it is negative."""
    return f"({text(x)})" if x < 0 else text(x)


def _t(*parts: Any) -> str:
    """Texts and numbers, as one text."""
    return "".join(part if isinstance(part, str) else _factor(float(part)) for part in parts)


# One value of an operation that works value by value: its inputs at that place -> what is written, what it comes to.
FORWARD: dict[str, Callable[..., Line]] = {
    "add": lambda a, b: (_t(a, " + ", b), a + b),
    "subtract": lambda a, b: (_t(a, " − ", b), a - b),
    "multiply": lambda a, b: (_t(a, " × ", b), a * b),
    "divide": lambda a, b: (_t(a, " / ", b), a / b),
    "power": lambda a, b: (_t(a, " to the power ", b), a**b),
    "negative": lambda a: (_t("−", a), -a),
    "exp": lambda a: (_t("e to the power ", a), exp(a)),
    "log": lambda a: (_t("ln ", a), log(a)),
    "sqrt": lambda a: (_t("√", a), sqrt(a)),
    "absolute": lambda a: (_t("|", a, "|"), abs(a)),
    "maximum": lambda a, b: (_t("the larger of ", a, " and ", b), max(a, b)),
    "relu": lambda a: (_t("the larger of ", a, " and 0"), max(a, 0.0)),
    "sigmoid": lambda a: (_t("1 / (1 + e to the power ", -a, ")"), 1 / (1 + exp(-a))),
    "tanh": lambda a: (_t("tanh ", a), tanh(a)),
}
# One value of what the k-th input gets: gradient g, result o, and the inputs at that place.
BACKWARD: dict[str, Callable[..., Line]] = {
    "add": lambda g, o, k, a, b: (_t(g), g),
    "subtract": lambda g, o, k, a, b: (_t("−", g), -g) if k else (_t(g), g),
    "multiply": lambda g, o, k, *x: (_t(g, " × ", x[1 - k]), g * x[1 - k]),
    "divide": lambda g, o, k, a, b: (_t("−", g, " × ", o, " / ", b), -g * o / b) if k else (_t(g, " / ", b), g / b),
    "power": lambda g, o, k, a, n: (
        (_t(g, " × ", o, " × ln ", a), g * o * log(a))
        if k
        else (_t(g, " × ", n, " × ", a, " to the power ", n - 1), g * n * a ** (n - 1))
    ),
    "negative": lambda g, o, k, a: (_t("−", g), -g),
    "exp": lambda g, o, k, a: (_t(g, " × ", o), g * o),
    "log": lambda g, o, k, a: (_t(g, " / ", a), g / a),
    "sqrt": lambda g, o, k, a: (_t(g, " / (2 × ", o, ")"), g / (2 * o)),
    "absolute": lambda g, o, k, a: (_t(g, " × ", np.sign(a)), g * np.sign(a)),
    "maximum": lambda g, o, k, *x: (
        (_t(g, " × 1, as ", x[k], " is the larger"), g)
        if x[k] > x[1 - k]
        else (_t(g, " × 0, as ", x[k], " is the smaller"), 0.0)
        if x[k] < x[1 - k]
        else (_t(g, " × ½, as both are equal"), g / 2)
    ),
    "relu": lambda g, o, k, a: (
        (_t(g, " × 1, as ", a, " > 0"), g) if a > 0 else (_t(g, " × 0, as ", a, " is not > 0"), 0.0)
    ),
    "sigmoid": lambda g, o, k, a: (_t(g, " × ", o, " × (1 − ", o, ")"), g * o * (1 - o)),
    "tanh": lambda g, o, k, a: (_t(g, " × (1 − ", o, "²)"), g * (1 - o * o)),
    "gelu": lambda g, o, k, a: (_t(g, " × ", _gelu_slope(a), ", the slope at ", a), g * _gelu_slope(a)),
    "binary_cross_entropy": lambda g, o, k, z, t: (
        (_t("−", g, " × ", z), -g * z)
        if k
        else (_t(g, " × (", 1 / (1 + exp(-z)), " − ", t, ")"), g * (1 / (1 + exp(-z)) - t))
    ),
    "cast": lambda g, o, k, a: (_t(g), g),
    "ascontiguousarray": lambda g, o, k, a: (_t(g), g),
}


def _gelu_slope(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2))) + x * exp(-x * x / 2) / sqrt(2 * pi)


def words(name: str) -> tuple[str, str]:
    """What an operation does, and what its rule does with the gradient."""
    unknown = f"The operation {name}.", f"The rule that is registered for {name}."
    return WORDS.get(name, unknown)


def forward(name: str, inputs: Sequence[Any], out: np.ndarray, options: dict[str, Any]) -> str:
    """One element of a result, worked out: `[0, 1]: 0.5 × 2 = 1`; empty where that cannot be shown."""
    return _checked(out, lambda at: _forward(name, inputs, out, options, at))


def backward(
    name: str,
    k: int,
    part: np.ndarray,
    grad: np.ndarray,
    out: np.ndarray,
    inputs: Sequence[Any],
    options: dict[str, Any],
) -> str:
    """One element of what the k-th input gets, worked out: `[0, 1]: 0.0703 × (1 − 0.44²) = 0.0567`; or empty."""
    return _checked(part, lambda at: _backward(name, k, part, grad, out, inputs, options, at))


def _checked(result: np.ndarray, work: Callable[[tuple[int, ...]], Line | None]) -> str:
    """The line for the largest element, if it comes to that element's value."""
    if result.size == 0 or result.dtype.kind != "f":
        return ""
    with np.errstate(all="ignore"):
        sizes = np.where(np.isfinite(result), np.abs(result), -1.0)
        at = tuple(int(n) for n in np.unravel_index(sizes.argmax(), result.shape))
        value = float(result[at])
        try:
            line = work(at)
        except (ArithmeticError, ValueError, TypeError, IndexError):
            return ""
    if line is None or not np.isclose(line[1], value, rtol=2e-3, atol=1e-7):
        return ""
    where = f"[{', '.join(map(str, at))}]: " if at else ""
    written, comma, why = line[0].partition(", ")
    comes_to = "" if written == _factor(value) else f" = {text(value)}"
    return f"{where}{written}{comes_to}{comma}{why}"


def _sum(terms: Iterator[Line], count: int) -> Line:
    """A sum with its first terms written out."""
    shown, total = [], 0.0
    for n, (written, value) in enumerate(terms):
        if n < TERMS:
            shown.append(written)
        total += value
    more = f" + … ({count} in all)" if count > TERMS else ""
    return " + ".join(shown) + more, total


def _value(x: Any, at: tuple[int, ...], shape: tuple[int, ...]) -> float:
    """An input's value at a place of the result to which it was broadcast."""
    return float(np.broadcast_to(np.asarray(x), shape)[at])


def _forward(
    name: str, inputs: Sequence[Any], out: np.ndarray, options: dict[str, Any], at: tuple[int, ...]
) -> Line | None:
    if name in FORWARD:
        return FORWARD[name](*(_value(x, at, out.shape) for x in inputs))
    if name in ("matmul", "linear"):
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if a.ndim < 2 or b.ndim < 2:
            return None
        if name == "matmul":
            a = np.broadcast_to(a, (*out.shape[:-2], *a.shape[-2:]))
            b = np.broadcast_to(b, (*out.shape[:-2], *b.shape[-2:]))
            row, column = a[(*at[:-2], at[-2])], b[at[:-2]][:, at[-1]]
        else:
            row, column = a[at[:-1]], b[at[-1]]
        written, total = _products(row, column)
        if name == "linear" and len(inputs) > 2 and inputs[2] is not None:
            bias = float(np.asarray(inputs[2])[at[-1]])
            return _t(written, " + ", bias), total + bias
        return written, total
    if name in ("sum", "batch_mean"):
        terms = _lane(np.asarray(inputs[0]), at, out.shape)
        if terms is None:
            return None
        written, total = _sum(((_t(x), float(x)) for x in terms), terms.size)
        return (f"({written}) / {terms.size}", total / terms.size) if name == "batch_mean" else (written, total)
    if name in ATTENTION:
        weights, _, allowed = _attention(inputs, options, at)
        written, total = _products(weights[at[-2]], np.asarray(inputs[2])[at[:-2]][:, at[-1]])
        count, masked = weights.shape[-1], int((~allowed[at[-2]]).sum())
        return f"{written}, each value by its weight" + f"; {masked} of {count} are masked" * bool(masked), total
    if name in ("softmax", "log_softmax"):
        dim = _dim(options)
        lane = np.moveaxis(np.asarray(inputs[0], np.float64), dim, -1)[_without(at, dim, out.ndim)]
        mine, total = float(lane[at[dim]]), float(np.exp(lane).sum())
        if name == "softmax":
            return _t("e to the power ", mine, " / ", total), exp(mine) / total
        return _t(mine, " − ln ", total), mine - log(total)
    if name == "cross_entropy":
        logits, target = np.asarray(inputs[0], np.float64), _target(inputs, options, at)
        if logits.ndim != 2 or target is None:
            return None
        shares = np.exp(logits[at[0]] - logits[at[0]].max())
        share = float(shares[target] / shares.sum())
        return _t("−ln ", share), -log(share)
    return None


def _backward(
    name: str,
    k: int,
    part: np.ndarray,
    grad: np.ndarray,
    out: np.ndarray,
    inputs: Sequence[Any],
    options: dict[str, Any],
    at: tuple[int, ...],
) -> Line | None:
    if name in BACKWARD:
        places = _copies(part.shape, grad.shape, at)
        if places is None:
            return None

        def one(place: tuple[int, ...]) -> Line:
            operands = [_value(x, place, grad.shape) for x in inputs]
            return BACKWARD[name](float(grad[place]), float(out[place]), k, *operands)

        return _sum(map(one, places), len(places))
    if name == "matmul":
        a, b = np.asarray(inputs[0]), np.asarray(inputs[1])
        if a.ndim < 2 or b.ndim < 2 or part.shape[:-2] != grad.shape[:-2]:
            return None
        batch, (i, j) = at[:-2], at[-2:]
        if k == 0:
            return _products(grad[batch][i], np.broadcast_to(b, (*grad.shape[:-2], *b.shape[-2:]))[batch][j])
        return _products(np.broadcast_to(a, (*grad.shape[:-2], *a.shape[-2:]))[batch][:, i], grad[batch][:, j])
    if name == "linear":
        x, weight = np.asarray(inputs[0]), np.asarray(inputs[1])
        rows = grad.reshape(-1, grad.shape[-1])
        if k == 0:
            return _products(grad[at[:-1]], weight[:, at[-1]])
        if k == 1:
            return _products(rows[:, at[0]], x.reshape(-1, x.shape[-1])[:, at[1]])
        return _sum(((_t(g), float(g)) for g in rows[:, at[0]]), len(rows))
    if name in ("sum", "batch_mean"):
        if grad.size != 1:
            return None
        g, n = float(grad.reshape(())), part.size if name == "batch_mean" else 1
        return (_t(g, " / ", n), g / n) if n > 1 else (_t(g), g)
    if name in ATTENTION:
        weights, scale, allowed = _attention(inputs, options, at)
        query, key, value = (np.asarray(x, np.float64)[at[:-2]] for x in inputs)
        g = np.asarray(grad, np.float64)[at[:-2]]
        if k == 2:
            return _products(weights[:, at[-2]], g[:, at[-1]])
        by_weight = g @ value.T
        scores = weights * (by_weight - (by_weight * weights).sum(-1, keepdims=True)) * scale  # as softmax
        written, total = (
            _products(scores[at[-2]], key[:, at[-1]]) if k == 0 else _products(scores[:, at[-2]], query[:, at[-1]])
        )
        masked = "" if allowed.all() else "; masked ones get none"
        return f"{written}, each {'query' if k else 'key'} by the gradient of its score{masked}", total
    if name in ("softmax", "log_softmax"):
        dim = _dim(options)
        lane = _without(at, dim, out.ndim)
        o, g = (np.moveaxis(np.asarray(x, np.float64), dim, -1)[lane] for x in (out, grad))
        n = at[dim]
        if name == "softmax":
            mean = float((g * o).sum())
            return _t(o[n], " × (", g[n], " − ", mean, ")"), float(o[n] * (g[n] - mean))
        share, total = exp(float(o[n])), float(g.sum())
        return _t(g[n], " − ", share, " × ", total), float(g[n] - share * total)
    if name == "cross_entropy" and k == 0:
        logits, target = np.asarray(inputs[0], np.float64), _target(inputs, options, at)
        if logits.ndim != 2 or target is None:
            return None
        shares = np.exp(logits[at[0]] - logits[at[0]].max())
        share, g = float(shares[at[1]] / shares.sum()), float(grad[at[0]] if grad.ndim else grad)
        right = 1.0 if at[1] == target else 0.0
        return _t("(", share, " − ", right, ") × ", g), (share - right) * g
    return None


def _attention(inputs: Sequence[Any], options: dict[str, Any], at: tuple[int, ...]) -> tuple[Any, float, Any]:
    """Of the sample and head at this place: the weights (n, m), what the scores were scaled by, where looking is allowed."""
    query, key = (np.asarray(x, np.float64)[at[:-2]] for x in inputs[:2])
    scale = 1 / sqrt(query.shape[-1])
    scores, mask = query @ key.T * scale, options.get("mask")
    whole = (*np.shape(inputs[0])[:-1], len(key))
    allowed = np.ones_like(scores, bool) if mask is None else np.broadcast_to(mask, whole)[at[:-2]]
    powers = np.exp(np.where(allowed, scores, -np.inf) - scores.max(-1, keepdims=True))
    return powers / np.maximum(powers.sum(-1, keepdims=True), 1e-300), scale, allowed


def _products(one: np.ndarray, other: np.ndarray) -> Line | None:
    """A sum of products, its largest terms first."""
    if one.size > MOST:
        return None
    products = np.asarray(one, np.float64) * other
    order = np.argsort(-np.abs(products), kind="stable") if one.size > TERMS else range(one.size)
    return _sum(((_t(one[n], " × ", other[n]), float(products[n])) for n in order), one.size)


def _copies(shape: tuple[int, ...], whole: tuple[int, ...], at: tuple[int, ...]) -> list[tuple[int, ...]] | None:
    """The places of `whole` to which broadcasting took the element `at` of an input of this shape."""
    if shape == whole:
        return [at]
    added = len(whole) - len(shape)
    free = [n for n in range(len(whole)) if n < added or (shape[n - added] == 1 and whole[n] != 1)]
    sizes = [whole[n] for n in free]
    if int(np.prod(sizes)) > MOST:
        return None
    places = []
    for chosen in np.ndindex(*sizes):
        place = [0] * added + list(at)
        for n, c in zip(free, chosen):
            place[n] = c
        places.append(tuple(place))
    return places


def _lane(x: np.ndarray, at: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray | None:
    """The values that were reduced to one element of the result, where the shapes alone tell which."""
    if int(np.prod(shape)) == 1:
        return x.reshape(-1) if x.size <= MOST else None
    if len(shape) == x.ndim:  # the axes were kept
        return x[tuple(slice(None) if size == 1 else n for size, n in zip(shape, at))].reshape(-1)
    return None


def _dim(options: dict[str, Any]) -> int:
    dim = options.get("dim", options.get("axis", -1))
    return dim if isinstance(dim, int) else -1


def _without(at: tuple[int, ...], dim: int, ndim: int) -> tuple[int, ...]:
    dim %= ndim
    return at[:dim] + at[dim + 1 :]


def _target(inputs: Sequence[Any], options: dict[str, Any], at: tuple[int, ...]) -> int | None:
    """The right class of the sample at this place, if the operation was given one for each sample."""
    for given in (*inputs[1:], *options.values()):
        if isinstance(given, tuple) and len(given) == 2:  # the places of the right classes
            given = given[1]
        array = np.asarray(given) if isinstance(given, (np.ndarray, list)) else None
        if array is not None and array.ndim == 1 and array.dtype.kind in "iu":
            return int(array[at[0]])
    return None
