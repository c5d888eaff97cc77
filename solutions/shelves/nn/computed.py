"""Weights that are computed from other parameters: length apart from direction, a largest stretch of 1, or as one likes."""

from tinytorch.autograd import no_grad, randn
from tinytorch.layers import Module, Parameter
from tinytorch.nn.containers import ModuleDict
from tinytorch.nn.parts import ConvTranspose2d, normalize


def _length(weight, dim):
    """The lengths of the slices of a weight along `dim`, or its own if `dim` is None."""
    if dim is None or dim == -1:
        return weight.norm()
    return weight.norm(
        dim=tuple(d for d in range(weight.ndim) if d != dim % weight.ndim), keepdim=True
    )


def _of_lengths(g, v, dim):
    """The slices of v along `dim`, each with its length from g."""
    return v * (g / _length(v, dim))


def _rows(weight, dim):
    """A weight as a matrix, with a row for each slice along `dim`."""
    return weight.movedim(dim, 0).flatten(1)


@no_grad()
def _sharpen(matrix, u, v, times, eps):
    """Turn two directions towards those that the matrix stretches most (von Mises & Pollaczek-Geiringer 1929)."""
    for _ in range(times):
        u.copy_(normalize(matrix @ v, dim=0, eps=eps))
        v.copy_(normalize(matrix.T @ u, dim=0, eps=eps))


def _stretch(matrix, u, v):
    """How much the matrix stretches v, in the direction of u."""
    return u.clone() @ (
        matrix @ v.clone()
    )  # the rule reads what u and v are now, and they are turned in place


def _default_dim(module, dim):
    """The dimension of a weight that belongs to outputs: the second where convolutions are turned round."""
    return int(isinstance(module, ConvTranspose2d)) if dim is None else dim


# By a hook before each forward: torch.nn.utils.weight_norm and spectral_norm.
def _before_each_forward(module, name, compute, now):
    """Let the attribute `name` be `now`, and `compute(module)` anew before each forward; returns the module."""

    def hook(module, inputs):
        setattr(module, name, compute(module))

    hook.computes = name
    module.register_forward_pre_hook(hook)
    setattr(module, name, now)
    return module


def _given_back(module, name, compute, others):
    """Let the attribute `name` be a parameter again, with the value that it has now; returns the module."""
    hooks = vars(module).get("_before", [])
    hooks[:] = [hook for hook in hooks if getattr(hook, "computes", None) != name]
    value = compute(module).detach()
    for other in others:
        delattr(module, name + other)
    module._buffers = tuple(buffer for buffer in module._buffers if hasattr(module, buffer))
    setattr(module, name, Parameter(value))
    return module


def _weight_of(name, dim):
    def compute(module):
        return _of_lengths(getattr(module, f"{name}_g"), getattr(module, f"{name}_v"), dim)

    return compute


def weight_norm(module, name="weight", dim=0):
    """Learn the lengths of a weight's slices along `dim`, and their directions, apart (Salimans & Kingma 2016)."""
    weight = getattr(module, name).detach()
    delattr(module, name)
    setattr(module, f"{name}_g", Parameter(_length(weight, dim)))
    setattr(module, f"{name}_v", Parameter(weight))
    module._weight_norm_dim, compute = dim, _weight_of(name, dim)
    return _before_each_forward(module, name, compute, compute(module))


def remove_weight_norm(module, name="weight"):
    """Make the weight one parameter again."""
    return _given_back(module, name, _weight_of(name, module._weight_norm_dim), ("_g", "_v"))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide a weight, as a matrix, by how much it stretches at most (Miyato et al. 2018)."""
    weight, dim = getattr(module, name), _default_dim(module, dim)
    delattr(module, name)
    setattr(module, f"{name}_orig", weight)
    for part, size in zip("uv", _rows(weight, dim).shape):
        module.register_buffer(f"{name}_{part}", normalize(randn(size), dim=0, eps=eps))

    def compute(module):
        weight, u, v = (getattr(module, f"{name}_{part}") for part in ("orig", "u", "v"))
        matrix = _rows(weight, dim)
        if module.training:
            _sharpen(matrix.T, v, u, n_power_iterations, eps)
        return weight / _stretch(matrix, u, v)

    module._spectral_norm = compute
    return _before_each_forward(module, name, compute, weight.detach())


def remove_spectral_norm(module, name="weight"):
    """Make the weight one parameter again."""
    return _given_back(module, name, module._spectral_norm, ("_orig", "_u", "_v"))


# Whenever the attribute is read: torch.nn.utils.parametrize.
class ParametrizationList(Module):
    """What an attribute is computed from, `original`, and the modules that compute it, one after the other."""

    def __init__(self, module, value):
        first = module.right_inverse(value.detach()) if hasattr(module, "right_inverse") else value
        several = isinstance(first, (tuple, list))
        self.names = [f"original{i}" for i in range(len(first))] if several else ["original"]
        for name, part in zip(self.names, first if several else [first]):
            setattr(self, name, Parameter(part.detach()))
        setattr(self, "0", module)

    def forward(self):
        first, *others = self.children()
        x = first(*(getattr(self, name) for name in self.names))
        for other in others:
            x = other(x)
        return x


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """Let an attribute be what the module `parametrization` makes of a parameter, whenever it is read."""
    if "parametrizations" not in vars(module):
        kind = type(module)
        module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), {"__doc__": kind.__doc__})
        module.parametrizations = ModuleDict()
    if tensor_name in module.parametrizations:
        known = module.parametrizations[tensor_name]
        setattr(known, str(len(list(known.children()))), parametrization)
        return module
    value = getattr(module, tensor_name)
    delattr(module, tensor_name)
    module.parametrizations[tensor_name] = ParametrizationList(parametrization, value)
    read = property(lambda self: self.parametrizations[tensor_name]())
    setattr(type(module), tensor_name, read)
    return module


def is_parametrized(module, tensor_name=None):
    """Whether an attribute of the module, or this one, is computed."""
    known = vars(module).get("parametrizations", ())
    return bool(len(known)) if tensor_name is None else tensor_name in known


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Make an attribute a parameter again, with the value that it has now, or with what it was computed from."""
    known = module.parametrizations[tensor_name]
    value = getattr(module, tensor_name) if leave_parametrized else known.original
    del module.parametrizations[tensor_name]
    delattr(type(module), tensor_name)
    setattr(module, tensor_name, Parameter(value.detach()))
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    return module


class _WeightNorm(Module):
    """A weight from the lengths of its slices, and from their directions."""

    def __init__(self, dim):
        self.dim = dim

    def forward(self, g, v):
        return _of_lengths(g, v, self.dim)

    def right_inverse(self, weight):
        return _length(weight, self.dim), weight


class _SpectralNorm(Module):
    """A weight over how much it stretches at most."""

    def __init__(self, weight, times, dim, eps):
        self.times, self.dim, self.eps = times, dim, eps
        matrix = _rows(weight.detach(), dim)
        for part, size in zip("uv", matrix.shape):
            self.register_buffer(f"_{part}", normalize(randn(size), dim=0, eps=eps))
        _sharpen(matrix, self._u, self._v, 15, eps)

    def forward(self, weight):
        matrix = _rows(weight, self.dim)
        if self.training:
            _sharpen(matrix, self._u, self._v, self.times, self.eps)
        return weight / _stretch(matrix, self._u, self._v)


def parametrized_weight_norm(module, name="weight", dim=0):
    """As weight_norm, computed whenever the weight is read."""
    return register_parametrization(module, name, _WeightNorm(dim))


def parametrized_spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """As spectral_norm, computed whenever the weight is read."""
    weight, dim = getattr(module, name), _default_dim(module, dim)
    return register_parametrization(
        module, name, _SpectralNorm(weight, n_power_iterations, dim, eps)
    )
