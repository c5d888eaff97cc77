# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake("eye", "The matrix is right, but it holds True and False. One step is missing: make numbers of them.")
def stays_bool(cls, n, m=None):
    columns = cls.arange(n if m is None else m)
    return cls.arange(n).unsqueeze(1) == columns


@mistake(
    "eye",
    "A row is compared with a row, value by value, and every one is equal to itself. One of the two must be a column "
    "for broadcasting to make a table.",
)
def compares_a_row_with_a_row(cls, n, m=None):
    columns = cls.arange(n if m is None else m)
    return (cls.arange(n) == columns).astype(np.float32)


@mistake("eye", "Rows and columns are exchanged: `n` should count the rows, and the row numbers stand in a column.")
def exchanges_rows_and_columns(cls, n, m=None):
    columns = cls.arange(n if m is None else m)
    return (cls.arange(n) == columns.unsqueeze(1)).astype(np.float32)


@mistake("eye", "`m` is not used, so the matrix is always square.")
def is_always_square(cls, n, m=None):
    return (cls.arange(n).unsqueeze(1) == cls.arange(n)).astype(np.float32)


@mistake("eye", "`m or n` takes a 0 for missing, and a matrix without columns gets n of them. Ask whether `m` is None.")
def takes_0_for_missing(cls, n, m=None):
    return (cls.arange(n).unsqueeze(1) == cls.arange(m or n)).astype(np.float32)


@mistake("eye", "Without `m` it does not work yet: it is None then, and there should be as many columns as rows.")
def needs_m(cls, n, m=None):
    return (cls.arange(n).unsqueeze(1) == cls.arange(m)).astype(np.float32)


@mistake("eye", "A subclass gets a plain Tensor: use `cls`, the class that was asked, instead of the name `Tensor`.")
def forgets_the_subclass(cls, n, m=None):
    columns = Tensor.arange(n if m is None else m)
    return (Tensor.arange(n).unsqueeze(1) == columns).astype(np.float32)


@mistake("eye", "NumPy's eye is float64 unless told otherwise, and `wrap` takes it as it is.")
def wraps_doubles(cls, n, m=None):
    return cls.wrap(np.eye(n, m))


@mistake(
    "eye",
    "`m or n` takes a number of 0 columns for none given. Ask whether `m is None`. And the ones and zeros are to be "
    "float32, not bools.",
)
def takes_0_for_none_and_forgets_the_dtype(cls, n, m=None):
    return cls.arange(n).unsqueeze(1) == cls.arange(m or n)


@mistake(
    "eye",
    "`m or n` takes a number of 0 columns for none given: ask whether `m is None`. And `Tensor.arange` makes a plain Tensor "
    "where a subclass asked for its own kind: `cls.arange`.",
)
def takes_0_for_none_and_makes_plain_tensors(cls, n, m=None):
    return (Tensor.arange(n).unsqueeze(1) == Tensor.arange(m or n)).astype(np.float32)


@right("eye")
def from_numpy(cls, n, m=None):
    return cls.wrap(np.eye(n, m, dtype=np.float32))


@right("eye")
def one_by_one(cls, n, m=None):
    if m is None:
        m = n
    out = cls.zeros(n, m)
    for i in range(min(n, m)):
        out[i, i] = 1
    return out


@right("eye")
def with_reshape(cls, n, m=None):
    rows = cls.arange(n).reshape(-1, 1)
    columns = cls.arange(m if m is not None else n).reshape(1, -1)
    return (rows == columns).astype("float32")
