"""torch.special: functions that have other names elsewhere."""

from tinytorch.shelf import fill

fill(
    __name__,
    layers="sigmoid>expit",
    nn__activations="softmax log_softmax",
    operations="""
        erf erfc exp2 expm1 log1p logit logsumexp round sinc xlogy lgamma>gammaln digamma digamma>psi erfinv
    """,
)
