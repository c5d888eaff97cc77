# ruff: noqa: F821, F841

from tito.author.answers import mistake, right


@mistake(
    "matmul_rule",
    "The other side is not turned over. With square matrices nobody complains, and the numbers are wrong.",
)
def does_not_turn_over(grad, out, a, b):
    def by_a():
        return grad @ _columns(b)

    def by_b():
        return _rows(a) @ grad


@mistake(
    "matmul_rule",
    "`.T` turns over all axes, those of the batch too. Only the last two, `(n, k)`, are to change places.",
)
def turns_over_the_batch(grad, out, a, b):
    def by_a():
        return grad @ _columns(b).T

    def by_b():
        return _rows(a).T @ grad


@mistake(
    "matmul_rule",
    "In `by_b`, the factors stand in the wrong order. What comes out is turned over: (m, k) where (k, m) is due.",
)
def by_b_in_the_wrong_order(grad, out, a, b):
    def by_a():
        return grad @ _columns(b).swapaxes(-1, -2)

    def by_b():
        return grad.swapaxes(-1, -2) @ _rows(a)


@mistake("matmul_rule", "The two gradients are exchanged: `by_a` has the shape of `a`, and `by_b` that of `b`.")
def exchanged(grad, out, a, b):
    def by_b():
        return grad @ _columns(b).swapaxes(-1, -2)

    def by_a():
        return _rows(a).swapaxes(-1, -2) @ grad


@mistake("matmul_rule", "The gradient of the product is left out. It is one of the two factors, on either side.")
def forgets_the_gradient(grad, out, a, b):
    grad = np.ones_like(grad)

    def by_a():
        return grad @ _columns(b).swapaxes(-1, -2)

    def by_b():
        return _rows(a).swapaxes(-1, -2) @ grad


@mistake(
    "matmul_rule",
    "The products of the batch are added up. With one matrix for each there is nothing to add; and where there is, "
    "`unbroadcast` does it.",
)
def adds_up_the_batch(grad, out, a, b):
    def by_a():
        return grad @ _columns(b).swapaxes(-1, -2)

    def by_b():
        products = _rows(a).swapaxes(-1, -2) @ grad
        return products.sum(axis=tuple(range(products.ndim - 2)))


@mistake(
    "matmul_rule",
    "In `by_b`, `grad` stands on the wrong side. `b` is (k, m), and only aᵀ @ grad, (k, n) @ (n, m), has that shape.",
)
def by_b_with_grad_on_the_left(grad, out, a, b):
    def by_a():
        return grad @ _columns(b).swapaxes(-1, -2)

    def by_b():
        return grad @ _rows(a).swapaxes(-1, -2)


@mistake(
    "matmul_rule",
    "A vector has no second axis to turn over. `_rows(a)` and `_columns(b)` make a matrix of it first.",
)
def forgets_the_vectors(grad, out, a, b):
    def by_a():
        return grad @ b.swapaxes(-1, -2)

    def by_b():
        return a.swapaxes(-1, -2) @ grad


@mistake(
    "matmul_rule",
    "`by_a` and `by_b` are arrays here. They should be functions without arguments, so that a product nobody needs is "
    "never computed: `def by_a(): return …`.",
)
def computes_at_once(grad, out, a, b):
    by_a = grad @ _columns(b).swapaxes(-1, -2)
    by_b = _rows(a).swapaxes(-1, -2) @ grad


@right("matmul_rule")
def with_einsum(grad, out, a, b):
    def by_a():
        return np.einsum("...nm,...km->...nk", grad, _columns(b))

    def by_b():
        return np.einsum("...nk,...nm->...km", _rows(a), grad)


@right("matmul_rule")
def turned_over_as_a_whole(grad, out, a, b):
    rows, columns = np.atleast_2d(a), _columns(b)

    def by_a():
        return np.swapaxes(columns @ grad.swapaxes(-1, -2), -1, -2)

    def by_b():
        return np.matmul(np.swapaxes(rows, -2, -1), grad)
