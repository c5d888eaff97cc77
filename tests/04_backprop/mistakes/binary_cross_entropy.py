# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "binary_cross_entropy",
    "That is the formula as it is defined. Where the sigmoid rounds to 0 or 1, it takes the logarithm of 0. Do the "
    "algebra first, so that no sigmoid is left.",
)
def as_defined(logits, target):
    s = sigmoid(logits)
    return -target * np.log(s) - (1 - target) * np.log(1 - s)


@mistake(
    "binary_cross_entropy",
    "Clipping the probability hides the infinities, and with them the size of the error: from some score on, all losses "
    "are the same. No clipping is needed when the formula has no log(0) in it.",
)
def clips(logits, target):
    s = np.clip(sigmoid(logits), 1e-7, 1 - 1e-7)
    return -target * np.log(s) - (1 - target) * np.log(1 - s)


@mistake(
    "binary_cross_entropy",
    "The algebra is right, but `exp` of a large score overflows. Take the score out of the logarithm where it is "
    "positive.",
)
def overflows(logits, target):
    return np.log1p(np.exp(logits)) - logits * target


@mistake(
    "binary_cross_entropy",
    "`log(1 + a)` rounds to 0 when `a` is tiny: 1 + a is 1. `np.log1p(a)` does not.",
)
def loses_what_is_tiny(logits, target):
    return np.maximum(logits, 0) - logits * target + np.log(1 + np.exp(-np.abs(logits)))


@mistake(
    "binary_cross_entropy",
    "`log(1 + exp(-|z|))` alone is right only for negative scores. For positive ones, the score was taken out of the "
    "logarithm, and has to be added.",
)
def forgets_the_maximum(logits, target):
    return np.log1p(np.exp(-np.abs(logits))) - logits * target


@mistake(
    "binary_cross_entropy",
    "Yes and no are exchanged. Where the target is 1, a large score should cost nothing.",
)
def exchanges_yes_and_no(logits, target):
    return np.maximum(logits, 0) - logits * (1 - target) + np.log1p(np.exp(-np.abs(logits)))


@mistake(
    "binary_cross_entropy",
    "The targets are taken for yes or no, and 0.3 is treated as yes. Anything between 0 and 1 is a share of both.",
)
def knows_only_yes_and_no(logits, target):
    signed = np.where(target > 0, -logits, logits)
    return np.maximum(signed, 0) + np.log1p(np.exp(-np.abs(logits)))


@mistake(
    "binary_cross_entropy",
    "`z + log(1 + exp(-z))` is for positive scores only. For negative ones nothing was taken out of the logarithm: "
    "`max(z, 0)` is right for both.",
)
def always_takes_the_score_out(logits, target):
    return logits + np.log1p(np.exp(-np.abs(logits))) - logits * target


@right("binary_cross_entropy")
def in_one_line(logits, target):
    return np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))


@right("binary_cross_entropy")
def with_logaddexp(logits, target):
    return np.logaddexp(np.zeros_like(logits), logits) - target * logits


@right("binary_cross_entropy")
def case_by_case(logits, target):
    rest = np.log1p(np.exp(-np.abs(logits)))
    return np.where(logits > 0, rest + logits * (1 - target), rest - logits * target)
