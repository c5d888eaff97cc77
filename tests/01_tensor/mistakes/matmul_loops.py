import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "matmul_loops",
    "Each product overwrites the one before, so only the last is left. They should add up.",
)
def forgets_to_add_up(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), a.dtype)
    for i in range(n):
        for j in range(m):
            for t in range(k):
                out[i, j] = a[i, t] * b[t, j]
    return out


@mistake(
    "matmul_loops",
    "`b[j, t]` walks along a row of `b`. The row of `a` meets a column: the inner index is the first of the two in "
    "`b`.",
)
def takes_the_rows_of_b(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), a.dtype)
    for i in range(n):
        for j in range(m):
            for t in range(k):
                out[i, j] += a[i, t] * b[j, t]
    return out


@mistake(
    "matmul_loops",
    "That multiplies value by value, as `*` does. In a matrix product each value comes from a whole row and a whole "
    "column.",
)
def multiplies_value_by_value(a, b):
    return a * b


@mistake(
    "matmul_loops",
    "The result has the shape of `a`. It has as many columns as `b` has.",
)
def has_the_shape_of_a(a, b):
    n, k = a.shape
    out = np.zeros_like(a)
    for i in range(n):
        for j in range(min(k, b.shape[1])):
            for t in range(k):
                out[i, j] += a[i, t] * b[t, j]
    return out


@mistake(
    "matmul_loops",
    "The inner loop stops one short, so the last product is missing. `range(k)` already ends at k - 1.",
)
def stops_one_short(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), a.dtype)
    for i in range(n):
        for j in range(m):
            for t in range(k - 1):
                out[i, j] += a[i, t] * b[t, j]
    return out


@mistake(
    "matmul_loops",
    "`np.zeros` makes float64 unless told otherwise. The result should have the dtype of `a`.",
)
def makes_doubles(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            for t in range(k):
                out[i, j] += a[i, t] * b[t, j]
    return out


@mistake(
    "matmul_loops",
    "The sum is not set back to 0 for each place, so every value carries along those before it.",
)
def never_starts_again(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), a.dtype)
    total = 0
    for i in range(n):
        for j in range(m):
            for t in range(k):
                total += a[i, t] * b[t, j]
            out[i, j] = total
    return out


@mistake(
    "matmul_loops",
    "`row` is a view of `a`, and `*=` writes into its memory: the first column of `b` is already multiplied in when "
    "the second comes. Inputs are only to be read.",
)
def writes_into_a(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((n, m), a.dtype)
    for i in range(n):
        for j in range(m):
            row = a[i]
            row *= b[:, j]
            for t in range(k):
                out[i, j] += row[t]
    return out


@mistake(
    "matmul_loops",
    "Rows and columns of the result are exchanged: value [i, j] comes from row i of `a` and column j of `b`.",
)
def is_transposed(a, b):
    n, k = a.shape
    m = b.shape[1]
    out = np.zeros((m, n), a.dtype)
    for i in range(n):
        for j in range(m):
            for t in range(k):
                out[j, i] += a[i, t] * b[t, j]
    return out


@right("matmul_loops")
def the_inner_loop_outside(a, b):
    out = np.zeros((len(a), b.shape[1]), dtype=a.dtype)
    for t in range(len(b)):
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = out[i, j] + a[i][t] * b[t][j]
    return out


@right("matmul_loops")
def with_python_lists(a, b):
    rows = []
    for i in range(a.shape[0]):
        row = []
        for j in range(b.shape[1]):
            total = 0
            for t in range(a.shape[1]):
                total += a[i, t] * b[t, j]
            row.append(total)
        rows.append(row)
    return np.array(rows, dtype=a.dtype)
