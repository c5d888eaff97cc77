"""torch.distributions: the few that programs draw actions and noise from."""

from tinytorch.shelf import fill

fill(__name__, chances="Distribution Categorical Bernoulli Normal Uniform kl_divergence")
