"""torch.utils.checkpoint: what saves memory there by computing twice is computed once."""


def checkpoint(function, *args, use_reentrant=None, preserve_rng_state=True, **options):
    """function(*args)."""
    return function(*args, **options)


def checkpoint_sequential(functions, segments, input, use_reentrant=None, **options):
    """The input, sent through one function after the other."""
    for function in functions:
        input = function(input)
    return input
