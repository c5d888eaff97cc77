# ruff: noqa: F821
import math

from tito.author.answers import mistake, right


@mistake(
    "kaiming_uniform_",
    "You pass the standard deviation as the bound. Uniform numbers up to b have a standard deviation of only b / √3.",
)
def takes_the_deviation_for_the_bound(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    return _uniform_(tensor, math.sqrt(2 / ((1 + a**2) * fan_in)), generator)


@mistake(
    "kaiming_uniform_",
    "You count the outputs instead of the inputs. `_fans` gives both, the fan-in first.",
)
def takes_the_fan_out(tensor, a=0, generator=None):
    _, fan_out = _fans(tensor.shape)
    return _uniform_(tensor, math.sqrt(6 / ((1 + a**2) * fan_out)), generator)


@mistake("kaiming_uniform_", "The slope `a` below zero has no effect.")
def forgets_the_slope(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    return _uniform_(tensor, math.sqrt(6 / fan_in), generator)


@mistake("kaiming_uniform_", "The root is missing: b² / 3 is the variance, and you pass b².")
def forgets_the_root(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    return _uniform_(tensor, 6 / ((1 + a**2) * fan_in), generator)


@mistake(
    "kaiming_uniform_",
    "The 2 for the half that ReLU cuts off is missing. The values would get smaller from layer to layer by a factor of "
    "√½.",
)
def forgets_the_relu(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    return _uniform_(tensor, math.sqrt(3 / ((1 + a**2) * fan_in)), generator)


@mistake(
    "kaiming_uniform_",
    "The fan-in is more than the second axis where there are further ones. `_fans` counts them all.",
)
def counts_the_second_axis_only(tensor, a=0, generator=None):
    return _uniform_(tensor, math.sqrt(6 / ((1 + a**2) * tensor.shape[1])), generator)


@mistake("kaiming_uniform_", "The weight is filled, but not returned.")
def returns_nothing(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    _uniform_(tensor, math.sqrt(6 / ((1 + a**2) * fan_in)), generator)


@mistake(
    "kaiming_uniform_",
    "A new tensor comes back, and the weight that was given stays as it was. The `_` at the end of the name is a promise "
    "to fill that one.",
)
def fills_another_tensor(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    bound = math.sqrt(6 / ((1 + a**2) * fan_in))
    return (2 * rand(*tensor.shape, generator=generator) - 1) * bound


@mistake("kaiming_uniform_", "The generator is not passed on, so the numbers cannot be repeated.")
def ignores_the_generator(tensor, a=0, generator=None):
    fan_in, _ = _fans(tensor.shape)
    return _uniform_(tensor, math.sqrt(6 / ((1 + a**2) * fan_in)))


@mistake(
    "kaiming_uniform_",
    "You pass the variance as the bound. The variance of uniform numbers up to b is b² / 3: solve that for b.",
)
def takes_the_variance_for_the_bound(tensor, a=0, generator=None):
    return _uniform_(tensor, 2 / ((1 + a**2) * _fans(tensor.shape)[0]), generator)


@right("kaiming_uniform_")
def from_the_variance(tensor, a=0, generator=None):
    variance = 2 / (1 + a * a) / _fans(tensor.shape)[0]
    return _uniform_(tensor, (3 * variance) ** 0.5, generator)


@right("kaiming_uniform_")
def by_hand(tensor, a=0, generator=None):
    fan_in = tensor.size / tensor.shape[0]
    bound = math.sqrt(6 / fan_in) / math.sqrt(1 + a**2)
    with no_grad():
        tensor[...] = rand(*tensor.shape, generator=generator) * (2 * bound) - bound
    return tensor
