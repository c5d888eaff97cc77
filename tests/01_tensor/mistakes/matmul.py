# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "matmul",
    "The inner size of `b` is taken to be its first. With batches in front, the rows are the last axis but one.",
)
def takes_the_first_size_of_b(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    if a[-1] != b[0]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {a[-1]} and {b[0]}, must be equal")
    return leader(self, other).apply(np.matmul, self, other)


@mistake(
    "matmul",
    "The inner size of `b` is taken to be its last. That is how many columns it has; the inner size counts its rows.",
)
def compares_the_columns(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    if a[-1] != b[-1]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {a[-1]} and {b[-1]}, must be equal")
    return leader(self, other).apply(np.matmul, self, other)


@mistake(
    "matmul",
    "A vector has no last axis but one, so a vector on the right ends in an IndexError. Its only axis is the inner "
    "one.",
)
def forgets_vectors(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    if a[-1] != b[-2]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {a[-1]} and {b[-2]}, must be equal")
    return leader(self, other).apply(np.matmul, self, other)


@mistake(
    "matmul",
    "The products are right, but shapes that do not fit are left to NumPy, whose message speaks of operands and "
    "gufunc signatures. Both checks are missing.",
)
def checks_nothing(self, other):
    return leader(self, other).apply(np.matmul, self, other)


@mistake(
    "matmul",
    "A number has no sizes, and you ask for them before you look whether there are any. That check comes first.",
)
def forgets_numbers(self, other):
    inner = a[-1], b[-2:][0]
    if inner[0] != inner[1]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {_listed(inner)}, must be equal")
    return leader(self, other).apply(np.matmul, self, other)


@mistake(
    "matmul",
    "`self` applies the operation, so a subclass on the right is overruled. Ask who is in charge of the two.",
)
def lets_self_decide(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    inner = a[-1], b[-2:][0]
    if inner[0] != inner[1]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {_listed(inner)}, must be equal")
    return self.apply(np.matmul, self, other)


@mistake(
    "matmul",
    "np.dot and np.matmul differ with batches: np.dot multiplies every matrix of the one with every matrix of the "
    "other. Use the one that goes batch by batch.",
)
def uses_dot(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    inner = a[-1], b[-2:][0]
    if inner[0] != inner[1]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {_listed(inner)}, must be equal")
    return leader(self, other).apply(np.dot, self, other)


@mistake(
    "matmul",
    "That multiplies value by value, which is what `*` does. `@` is the matrix product: rows times columns, added up.",
)
def multiplies_value_by_value(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    inner = a[-1], b[-2:][0]
    if inner[0] != inner[1]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {_listed(inner)}, must be equal")
    return elementwise(np.multiply, self, other)


@mistake(
    "matmul",
    "The values are right, but the product was taken of bare arrays and never passed through `apply`: a subclass, and "
    "whoever watches the operations, misses it.",
)
def goes_round_the_door(self, other):
    if not a or not b:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    inner = a[-1], b[-2:][0]
    if inner[0] != inner[1]:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {_listed(inner)}, must be equal")
    return Tensor(self.data @ unwrap(other))


@right("matmul")
def asks_about_vectors(self, other):
    if len(a) == 0 or len(b) == 0:
        raise ValueError(f"cannot multiply {a} @ {b}: a number has no rows and columns; use *")
    k = b[0] if len(b) == 1 else b[-2]
    if a[-1] != k:
        raise ValueError(f"cannot multiply {a} @ {b}: the inner dimensions, {a[-1]} and {k}, must be equal")
    return leader(self, other).apply(np.matmul, self, other)


@right("matmul")
def tries_first(self, other):
    try:
        return leader(other, self).apply(np.matmul, self, other)
    except ValueError as error:
        if () in (a, b):
            message = f"cannot multiply {a} @ {b}: a number has no rows and columns; use *"
            raise ValueError(message) from error
        rows = (1, *b)[-2] if len(b) > 1 else b[0]
        message = f"cannot multiply {a} @ {b}: the inner dimensions, {a[-1]} and {rows}, must be equal"
        raise ValueError(message) from error
