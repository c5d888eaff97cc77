"""Losses as functions, with the options that no lesson needs, and losses that no lesson teaches."""

import functools
import math

import numpy as np

import tinytorch.backprop as backprop
from tinytorch.autograd import Tensor, derivative
from tinytorch.layers import Module
from tinytorch.nn.activations import log_softmax, logsigmoid
from tinytorch.nn.parts import cosine_similarity, pairwise_distance
from tinytorch.operations import where
from tinytorch.tensor import floats, operation, unwrap


def _reduced(losses, reduction):
    """The mean or the sum of all values, or all of them."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
    return losses if reduction == "none" else getattr(losses, reduction)()


def _older(size_average, reduce, reduction):
    """The reduction that PyTorch's older options ask for."""
    if size_average is None and reduce is None:
        return reduction
    return "none" if reduce is False else "sum" if size_average is False else "mean"


def older_options(loss):
    """`loss` with the options that `reduction` has replaced: size_average=False is "sum", reduce=False "none"."""

    @functools.wraps(loss)
    def function(*inputs, size_average=None, reduce=None, **options):
        if size_average is not None or reduce is not None:
            options["reduction"] = _older(size_average, reduce, options.get("reduction", "mean"))
        return loss(*inputs, **options)

    return function


def _regression(loss):
    """The function that calls a loss of module 04; a `weight` for each value makes its mean a weighted one."""

    def function(input, target, reduction="mean", weight=None):
        if weight is None:
            return loss(reduction)(input, target)
        losses = loss("none")(input, target) * weight
        if reduction == "mean":
            return losses.sum() / weight.expand(losses.shape).sum()
        return _reduced(losses, reduction)

    return function


mse_loss, l1_loss = _regression(backprop.MSELoss), _regression(backprop.L1Loss)
mse_loss.__name__, mse_loss.__doc__ = "mse_loss", "(input - target)², for both of one shape."
l1_loss.__name__, l1_loss.__doc__ = "l1_loss", "|input - target|, for both of one shape."


def _huber(input, target, delta):
    apart = (floats(input) - floats(target)).abs()
    return where(apart < delta, 0.5 * apart * apart, delta * (apart - 0.5 * delta))


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """Half of the square where input and target are less than `delta` apart, a line beyond."""
    losses = _huber(input, target, delta)
    return _reduced(losses if weight is None else losses * weight, reduction)


def smooth_l1_loss(input, target, reduction="mean", beta=1.0):
    """As huber_loss, over `beta`."""
    return (
        _reduced(_huber(input, target, beta) / beta, reduction)
        if beta
        else l1_loss(input, target, reduction)
    )


def _weighed(target, weight, ignore_index):
    """Classes that can be looked up, and how much each sample counts: an array, 0 for those to be ignored."""
    classes = np.asarray(unwrap(target))
    counted = classes != ignore_index
    classes = np.where(counted, classes, 0)
    return classes, counted.astype(np.float32) if weight is None else unwrap(weight)[
        classes
    ] * counted


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    """-score at the target's class: scores (n, classes, ...) and class numbers (n, ...).

    `weight` has a factor for each class; targets of ignore_index do not count.
    """
    if input.ndim == 1:
        input, target = input.unsqueeze(0), target.reshape(1)
    if weight is None and not (unwrap(target) == ignore_index).any():
        return backprop.NLLLoss(reduction)(input, target)
    classes, counts = _weighed(target, weight, ignore_index)
    losses = backprop.NLLLoss("none")(input, Tensor.wrap(classes)) * counts
    return (
        losses.sum() / float(counts.sum()) if reduction == "mean" else _reduced(losses, reduction)
    )


def cross_entropy(
    input, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    """-log of the probability that softmax gives to the target: (n, classes, ...) and class numbers (n, ...).

    Targets may be probabilities of the shape of the input. `label_smoothing` gives that share of each target to all
    classes alike (Szegedy et al. 2016).
    """
    if input.ndim == 1:
        input, target = input.unsqueeze(0), target.unsqueeze(0)
    classes, likely = input.shape[1], unwrap(target).dtype.kind == "f"
    plain = weight is None and not label_smoothing and not likely
    if plain and not (unwrap(target) == ignore_index).any():
        return backprop.CrossEntropyLoss(reduction)(input, target)
    logs = log_softmax(input, dim=1)
    along = (1, -1) + (1,) * (input.ndim - 2)
    each = logs if weight is None else logs * weight.reshape(along)
    if likely:
        losses = -(each * (target * (1 - label_smoothing) + label_smoothing / classes)).sum(1)
        return losses.sum() / losses.numel() if reduction == "mean" else _reduced(losses, reduction)
    found = nll_loss(logs, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return found
    _, counts = _weighed(target, weight, ignore_index)
    even = -each.sum(1) * (unwrap(target) != ignore_index)
    even = even.sum() / float(counts.sum()) if reduction == "mean" else _reduced(even, reduction)
    return (1 - label_smoothing) * found + label_smoothing / classes * even


@operation(only_floats=True)
def _bce(x, target):
    with np.errstate(divide="ignore"):
        return -(
            target * np.maximum(np.log(x), -100) + (1 - target) * np.maximum(np.log1p(-x), -100)
        )


@derivative(_bce)
def _(grad, out, x, target):
    def by_target():
        with np.errstate(divide="ignore"):
            return grad * (np.maximum(np.log1p(-x), -100) - np.maximum(np.log(x), -100))

    return lambda: grad * (x - target) / np.maximum(x * (1 - x), 1e-12), by_target


def _same_shape(input, target):
    if input.shape != target.shape:
        raise ValueError(
            f"output and target must have one shape, not {input.shape} and {target.shape}: reshape one"
        )


def binary_cross_entropy(input, target, weight=None, reduction="mean"):
    """-t log(p) - (1 - t) log(1 - p) for probabilities p and targets t, where a logarithm is at least -100."""
    _same_shape(input, target)
    if input.numel() and not (input.array.min() >= 0 and input.array.max() <= 1):
        raise ValueError(
            "binary_cross_entropy takes probabilities from 0 to 1: for scores of any size use _with_logits"
        )
    losses = _bce(input, target)
    return _reduced(losses if weight is None else losses * weight, reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, reduction="mean", pos_weight=None):
    """As binary_cross_entropy, for scores of any size; `pos_weight` is a factor of the targets that are 1."""
    _same_shape(input, target)
    if pos_weight is None:
        losses = backprop.BCEWithLogitsLoss("none")(input, target)
    else:
        losses = (1 - target) * input - (1 + (pos_weight - 1) * target) * logsigmoid(input)
    return _reduced(losses if weight is None else losses * weight, reduction)


def kl_div(input, target, reduction="mean", log_target=False):
    """How far the distribution `target` is from the one whose logarithms are `input`: t (log t - input).

    With reduction "batchmean" the sum over the number of samples.
    """
    if log_target:
        losses = target.exp() * (target - input)
    else:
        positive = where(target > 0, target, 1)
        losses = where(target > 0, target * (positive.log() - input), 0)
    return losses.sum() / len(input) if reduction == "batchmean" else _reduced(losses, reduction)


def poisson_nll_loss(input, target, log_input=True, full=False, eps=1e-8, reduction="mean"):
    """For counts: exp(input) - target * input, or input - target * log(input); `full` adds what the input cannot change."""
    losses = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:  # the logarithm of target!, by Stirling's formula
        t = where(target > 1, target, 1.0)
        losses = losses + where(target > 1, t * t.log() - t + 0.5 * (2 * math.pi * t).log(), 0.0)
    return _reduced(losses, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """For a mean and a variance: (log var + (input - target)² / var) / 2."""
    var = var.clamp(min=eps) if isinstance(var, Tensor) else max(var, eps)
    logs = var.log() if isinstance(var, Tensor) else math.log(var)
    losses = 0.5 * (logs + (input - target) ** 2 / var)
    return _reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def soft_margin_loss(input, target, reduction="mean"):
    """log(1 + exp(-target * input)), for targets 1 and -1."""
    return _reduced(-logsigmoid(target * input), reduction)


def hinge_embedding_loss(input, target, margin=1.0, reduction="mean"):
    """The input where the target is 1, and what it is short of `margin` where it is -1."""
    return _reduced(where(target == 1, input, (margin - input).clamp(min=0)), reduction)


def margin_ranking_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """What the first is short of being `margin` above the second, or with target -1 below."""
    return _reduced((margin - target * (input1 - input2)).clamp(min=0), reduction)


def triplet_margin_loss(
    anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"
):
    """What the negative is short of being `margin` further away than the positive."""
    near, far = (
        pairwise_distance(anchor, positive, p, eps),
        pairwise_distance(anchor, negative, p, eps),
    )
    if swap:
        far = far.minimum(pairwise_distance(positive, negative, p, eps))
    return _reduced((near - far + margin).clamp(min=0), reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """1 - cosine where the target is 1, and what the cosine is above `margin` where it is -1."""
    cosine = cosine_similarity(input1, input2)
    return _reduced(where(target == 1, 1 - cosine, (cosine - margin).clamp(min=0)), reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, reduction="mean"):
    """By how much other classes come within `margin` of the target's, over the number of classes."""
    short = (margin - input.gather(1, target.unsqueeze(1)) + input).clamp(min=0) ** p
    other = np.arange(input.shape[1]) != unwrap(target)[:, None]
    losses = (short * other).sum(1) / input.shape[1]
    return _reduced(losses if weight is None else losses * weight[target], reduction)


def multilabel_soft_margin_loss(input, target, weight=None, reduction="mean"):
    """The mean over classes of binary_cross_entropy_with_logits, for targets of zeros and ones."""
    losses = backprop.BCEWithLogitsLoss("none")(input, target)
    return _reduced((losses if weight is None else losses * weight).mean(-1), reduction)


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """As triplet_margin_loss, by a distance of one's own."""
    distance = distance_function or pairwise_distance
    far = distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return _reduced((distance(anchor, positive) - far + margin).clamp(min=0), reduction)


def _loss(name, function, base=Module, **defaults):
    """The module that calls `function` with the options it was made with."""

    def __init__(self, *args, reduction="mean", size_average=None, reduce=None, **options):
        options = dict(zip(defaults, args)) | options
        reduction = _older(size_average, reduce, reduction)
        unknown = sorted(options.keys() - defaults.keys())
        if unknown:
            raise TypeError(f"{name} takes {', '.join([*defaults, 'reduction'])}, not {unknown[0]}")
        if reduction not in (
            "mean",
            "sum",
            "none",
            *(["batchmean"] if name == "KLDivLoss" else []),
        ):
            raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}')
        vars(self).update(defaults | options, reduction=reduction)
        self._buffers = tuple(key for key, value in vars(self).items() if isinstance(value, Tensor))

    def forward(self, *inputs):
        return function(
            *inputs, reduction=self.reduction, **{name: getattr(self, name) for name in defaults}
        )

    body = {
        "__init__": __init__,
        "forward": forward,
        "__doc__": function.__doc__,
        "__module__": __name__,
    }
    return type(name, (base,), body)


CrossEntropyLoss = _loss(
    "CrossEntropyLoss",
    cross_entropy,
    backprop.CrossEntropyLoss,
    weight=None,
    ignore_index=-100,
    label_smoothing=0.0,
)
NLLLoss = _loss("NLLLoss", nll_loss, backprop.NLLLoss, weight=None, ignore_index=-100)
BCELoss = _loss("BCELoss", binary_cross_entropy, weight=None)
BCEWithLogitsLoss = _loss(
    "BCEWithLogitsLoss",
    binary_cross_entropy_with_logits,
    backprop.BCEWithLogitsLoss,
    weight=None,
    pos_weight=None,
)
MSELoss = _loss("MSELoss", mse_loss, backprop.MSELoss)
L1Loss = _loss("L1Loss", l1_loss, backprop.L1Loss)
SmoothL1Loss = _loss("SmoothL1Loss", smooth_l1_loss, beta=1.0)
HuberLoss = _loss("HuberLoss", huber_loss, delta=1.0)
KLDivLoss = _loss("KLDivLoss", kl_div, log_target=False)
PoissonNLLLoss = _loss("PoissonNLLLoss", poisson_nll_loss, log_input=True, full=False, eps=1e-8)
GaussianNLLLoss = _loss("GaussianNLLLoss", gaussian_nll_loss, full=False, eps=1e-6)
SoftMarginLoss = _loss("SoftMarginLoss", soft_margin_loss)
HingeEmbeddingLoss = _loss("HingeEmbeddingLoss", hinge_embedding_loss, margin=1.0)
MarginRankingLoss = _loss("MarginRankingLoss", margin_ranking_loss, margin=0.0)
TripletMarginLoss = _loss(
    "TripletMarginLoss", triplet_margin_loss, margin=1.0, p=2.0, eps=1e-6, swap=False
)
MultiLabelSoftMarginLoss = _loss(
    "MultiLabelSoftMarginLoss", multilabel_soft_margin_loss, weight=None
)
TripletMarginWithDistanceLoss = _loss(
    "TripletMarginWithDistanceLoss",
    triplet_margin_with_distance_loss,
    distance_function=None,
    margin=1.0,
    swap=False,
)
CosineEmbeddingLoss = _loss("CosineEmbeddingLoss", cosine_embedding_loss, margin=0.0)
MultiMarginLoss = _loss("MultiMarginLoss", multi_margin_loss, p=1, margin=1.0, weight=None)

_OTHER_LOSSES = (
    "cross_entropy",
    "kl_div",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
)
for _name, _function in list(globals().items()):
    if (_name.endswith("_loss") and not _name.startswith("_")) or _name in _OTHER_LOSSES:
        globals()[_name] = older_options(_function)
