"""What has to do with the order of values."""

import math

import numpy as np

from tinytorch.autograd import Tensor
from tinytorch.tensor import Picked, unwrap
from tinytorch.operations.shared import cat, method, stack


@method
def argsort(x, dim=-1, descending=False, stable=False):
    """The positions of the values along `dim`, from the smallest to the largest, or the other way round."""
    return x.detach().apply(_order, x.detach(), dim=dim, descending=descending)


def _order(array, *, dim, descending):
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    backward = np.argsort(np.flip(array, dim), axis=dim, kind="stable")
    return np.flip(array.shape[dim] - 1 - backward, dim)


@method
def sort(x, dim=-1, descending=False, stable=False):
    """The values along `dim` in order, and where they stood: (values, indices)."""
    order = x.argsort(dim, descending)
    return Picked(x.gather(dim, order), order)


@method
def topk(x, k, dim=-1, largest=True, sorted=True):
    """The k largest values along `dim`, the largest first, and where they stand: (values, indices)."""
    if not 0 <= k <= x.shape[dim]:
        raise ValueError(
            f"there are {x.shape[dim]} values along dim {dim} of {x.shape}, so no {k} largest"
        )
    order = x.argsort(dim, descending=largest).narrow(dim, 0, k)
    return Picked(x.gather(dim, order), order)


@method
def kthvalue(x, k, dim=-1, keepdim=False):
    """The k-th smallest value along `dim`, and where it stands: (values, indices)."""
    order = x.argsort(dim).narrow(dim, k - 1, 1)
    return Picked(*(t if keepdim else t.squeeze(dim) for t in (x.gather(dim, order), order)))


@method
def quantile(x, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The value below which the share `q` of the values lies; between two, `interpolation` says which.

    Of several shares there is one result each, along a new first dimension.
    """
    if np.ndim(unwrap(q)):
        shares = [
            x.quantile(float(s), dim, keepdim, interpolation=interpolation) for s in unwrap(q)
        ]
        return stack(shares)
    if not 0 <= float(q) <= 1:
        raise ValueError(f"a share is from 0 to 1, not {float(q)}")
    ordered, dim = (x.flatten().sort(0).values, 0) if dim is None else (x.sort(dim).values, dim)
    at = float(q) * (ordered.shape[dim] - 1)
    share = _SHARES[interpolation](at - math.floor(at))
    low = ordered.narrow(dim, math.floor(at), 1)
    out = low + (ordered.narrow(dim, math.ceil(at), 1) - low) * share
    return out if keepdim else out.squeeze(dim)


# How far from the lower of two values to the upper, where the place between them is a share of the way.
_SHARES = {
    "linear": lambda share: share,
    "lower": lambda share: 0,
    "higher": math.ceil,
    "nearest": round,
    "midpoint": lambda share: 0.5 * math.ceil(share),
}


@method
def cummax(x, dim):
    """The largest value up to each place along `dim`, and where it stands: (values, indices)."""
    places = np.arange(x.shape[dim]).reshape(
        [-1 if d == dim % x.ndim else 1 for d in range(x.ndim)]
    )
    new = x.array >= np.maximum.accumulate(x.array, dim)
    found = Tensor.wrap(np.maximum.accumulate(np.where(new, places, 0), dim))
    return Picked(x.gather(dim, found), found)


@method
def diff(x, n=1, dim=-1, prepend=None, append=None):
    """The difference of each two neighbours along `dim`, with other values put before or behind first."""
    x = cat([part for part in (prepend, x, append) if part is not None], dim)
    for _ in range(n):
        x = x.narrow(dim, 1, x.shape[dim] - 1) - x.narrow(dim, 0, x.shape[dim] - 1)
    return x


@method
def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """Whether each value is one of those, or with `invert` none of them."""
    return Tensor.wrap(np.isin(unwrap(elements), unwrap(test_elements), invert=invert))


@method
def median(x, dim=None, keepdim=False):
    """The value in the middle, the lower one of two; along `dim` also where it stands: (values, indices)."""
    if dim is None:
        return x.flatten().median(0).values
    order = x.argsort(dim).narrow(dim, (x.shape[dim] - 1) // 2, 1)
    return Picked(*(t if keepdim else t.squeeze(dim) for t in (x.gather(dim, order), order)))


@method
def unique(x, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """Each value once, or each slice along `dim`, in order; and where each went, and how often it was there."""
    found = np.unique(x.array, return_inverse=True, return_counts=True, axis=dim)
    values, inverse, counts = (Tensor.wrap(a) for a in found)
    inverse = inverse.reshape(x.shape if dim is None else -1)
    more = [t for t, wanted in [(inverse, return_inverse), (counts, return_counts)] if wanted]
    return (values, *more) if more else values


@method
def bincount(x, weights=None, minlength=0):
    """How often each of the integers 0, 1, 2, … is there, or the sum of its weights."""
    found = np.bincount(x.array, unwrap(weights), minlength)
    return Tensor.wrap(found if weights is None else found.astype(unwrap(weights).dtype))


@method
def nonzero(x, as_tuple=False):
    """Where the values are not 0: one row for each, or with `as_tuple` a tensor for each dimension."""
    if as_tuple:
        return tuple(Tensor.wrap(places) for places in np.nonzero(x.array))
    return Tensor.wrap(np.argwhere(x.array))


@method
def searchsorted(sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None):
    """Where each value would stand in the sorted sequence, or each row's values in a row of its own."""
    rows, values = sorted_sequence.array, np.asarray(unwrap(input))
    if sorter is not None:
        rows = np.take_along_axis(rows, unwrap(sorter), -1)
    side = side or ("right" if right else "left")
    if rows.ndim == 1:
        found = np.searchsorted(rows, values, side)
    elif rows.shape[:-1] != values.shape[:-1]:
        raise ValueError(f"there is no row of {rows.shape} for each row of {values.shape}")
    else:
        found = np.empty(values.shape, np.int64)
        for place in np.ndindex(rows.shape[:-1]):
            found[place] = np.searchsorted(rows[place], values[place], side)
    return Tensor.wrap(np.asarray(found, np.int32 if out_int32 else np.int64))


def bucketize(input, boundaries, *, out_int32=False, right=False):
    """In which bucket between the sorted boundaries each value lies."""
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@method
def cummin(x, dim):
    """The smallest value up to each place along `dim`, and where it stands: (values, indices)."""
    found = (-x).cummax(dim).indices
    return Picked(x.gather(dim, found), found)


@method
def mode(x, dim=-1, keepdim=False):
    """The most frequent value along `dim`, the smallest of several, and where it stands last: (values, indices)."""
    rows = np.moveaxis(x.array, dim, -1)
    counts = (rows[..., :, None] == rows[..., None, :]).sum(-1)
    best = np.where(counts == counts.max(-1, keepdims=True), rows, rows.max()).min(-1)
    last = rows.shape[-1] - 1 - (rows == best[..., None])[..., ::-1].argmax(-1)
    order = Tensor.wrap(np.expand_dims(last, dim))
    return Picked(*(t if keepdim else t.squeeze(dim) for t in (x.gather(dim, order), order)))


@method
def unique_consecutive(x, return_inverse=False, return_counts=False):
    """Each run of equal values of a vector once; and to which run each value belongs, and how long the runs are."""
    starts = np.flatnonzero(np.r_[True, x.array[1:] != x.array[:-1]])[: x.numel()]
    counts = np.diff(np.r_[starts, x.numel()])
    inverse = np.repeat(np.arange(len(starts)), counts)
    more = [
        Tensor.wrap(a)
        for a, wanted in ((inverse, return_inverse), (counts, return_counts))
        if wanted
    ]
    return (x[starts], *more) if more else x[starts]


@method
def msort(x):
    """The values along the first dimension in order."""
    return x.sort(0).values
