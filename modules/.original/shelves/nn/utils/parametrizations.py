"""torch.nn.utils.parametrizations."""

from tinytorch.shelf import fill

fill(
    __name__,
    nn__computed="parametrized_weight_norm>weight_norm parametrized_spectral_norm>spectral_norm",
)
