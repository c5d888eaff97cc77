"""torch.random: the state of the generator that everything draws from."""

from tinytorch.shelf import fill

fill(__name__, devices="fork_rng get_rng_state initial_seed manual_seed seed set_rng_state")
