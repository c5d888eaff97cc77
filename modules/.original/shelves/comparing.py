"""Tensors compared in tests."""

import numpy as np

from tinytorch.tensor import unwrap

_CLOSE = {"float64": (1e-7, 1e-7), "float32": (1.3e-6, 1e-5), "float16": (1e-3, 1e-5)}


def assert_close(
    actual,
    expected,
    *,
    rtol=None,
    atol=None,
    equal_nan=False,
    check_dtype=True,
    msg=None,
    **options,
):
    """An AssertionError unless shapes and dtypes are equal, and values differ by at most atol + rtol * |expected|."""
    if isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected), msg or f"{len(actual)} tensors are not {len(expected)}"
        for one, other in zip(actual, expected):
            assert_close(
                one,
                other,
                rtol=rtol,
                atol=atol,
                equal_nan=equal_nan,
                check_dtype=check_dtype,
                msg=msg,
            )
        return
    a, b = np.asarray(unwrap(actual)), np.asarray(unwrap(expected))
    assert a.shape == b.shape, msg or f"the shapes differ: {a.shape} and {b.shape}"
    assert a.dtype == b.dtype or not check_dtype, (
        msg or f"the dtypes differ: {a.dtype} and {b.dtype}"
    )
    least = _CLOSE.get(str(a.dtype), (0, 0))
    rtol, atol = least[0] if rtol is None else rtol, least[1] if atol is None else atol
    np.testing.assert_allclose(a, b, rtol, atol, equal_nan, err_msg=msg or "")
