"""What has to do with the order of values."""

import math

import numpy as np

from tinytorch.autograd import Tensor
from tinytorch.tensor import Picked, unwrap
from tinytorch.operations.shared import method, stack


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
def quantile(x, q, dim=None, keepdim=False):
    """The value below which the share `q` of the values lies, between two of them along a line.

    Of several shares there is one result each, along a new first dimension.
    """
    if np.ndim(unwrap(q)):
        return stack([x.quantile(float(share), dim, keepdim) for share in unwrap(q)])
    q = float(q)
    ordered, dim = (x.flatten().sort(0).values, 0) if dim is None else (x.sort(dim).values, dim)
    at = q * (ordered.shape[dim] - 1)
    low = ordered.narrow(dim, math.floor(at), 1)
    out = low + (ordered.narrow(dim, math.ceil(at), 1) - low) * (at - math.floor(at))
    return out if keepdim else out.squeeze(dim)


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
def diff(x, n=1, dim=-1):
    """The difference of each two neighbours along `dim`."""
    for _ in range(n):
        x = x.narrow(dim, 1, x.shape[dim] - 1) - x.narrow(dim, 0, x.shape[dim] - 1)
    return x


@method
def isin(x, test_elements):
    """Whether each value is one of those."""
    return Tensor.wrap(np.isin(unwrap(x), unwrap(test_elements)))


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
    return Tensor.wrap(np.bincount(x.array, unwrap(weights), minlength))


@method
def nonzero(x, as_tuple=False):
    """Where the values are not 0: one row for each, or with `as_tuple` a tensor for each dimension."""
    if as_tuple:
        return tuple(Tensor.wrap(places) for places in np.nonzero(x.array))
    return Tensor.wrap(np.argwhere(x.array))


@method
def searchsorted(x, values, *, right=False):
    """Where in the sorted x each value would stand."""
    return Tensor.wrap(np.searchsorted(x.array, unwrap(values), side="right" if right else "left"))


def bucketize(values, boundaries, *, right=False):
    """In which bucket between the sorted boundaries each value lies."""
    return searchsorted(boundaries, values, right=right)


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
