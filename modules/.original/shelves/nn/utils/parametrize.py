"""torch.nn.utils.parametrize: attributes that are computed whenever they are read."""

from tinytorch.shelf import fill

fill(
    __name__,
    nn__computed="ParametrizationList register_parametrization is_parametrized remove_parametrizations",
)
