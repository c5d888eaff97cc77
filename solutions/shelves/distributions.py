"""torch.distributions: those that programs draw actions and noise from."""

from tinytorch.shelf import fill, known_as

fill(
    __name__,
    chances="""
        Distribution Categorical OneHotCategorical Bernoulli Normal LogNormal Laplace Exponential Uniform Independent
        MultivariateNormal kl_divergence register_kl
    """,
    more_chances="""
        Gamma Chi2 Dirichlet Beta StudentT Poisson Geometric Gumbel Cauchy HalfNormal
    """,
    made_chances="""
        MixtureSameFamily TransformedDistribution Transform TanhTransform SigmoidTransform ExpTransform AffineTransform ComposeTransform
    """,
)
known_as(
    __name__,
    """
    distribution categorical one_hot_categorical bernoulli normal log_normal laplace exponential uniform independent
    multivariate_normal kl gamma chi2 dirichlet beta studentT poisson geometric gumbel cauchy half_normal
    mixture_same_family transformed_distribution transforms
    """,
)
