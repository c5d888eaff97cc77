"""torch.distributions: those that programs draw actions and noise from."""

from tinytorch.shelf import fill, known_as

fill(
    __name__,
    chances="""
        Distribution Categorical OneHotCategorical Bernoulli Normal LogNormal Laplace Exponential Uniform Independent
        MultivariateNormal kl_divergence
    """,
)
known_as(
    __name__,
    """
    distribution categorical one_hot_categorical bernoulli normal log_normal laplace exponential uniform independent
    multivariate_normal kl
    """,
)
