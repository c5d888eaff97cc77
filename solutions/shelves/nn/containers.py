"""Modules that hold modules or parameters, and what PyTorch's Module can do beside: apply, to, named_buffers, hooks."""

from collections import namedtuple

import numpy as np

import tinytorch.layers as layers
from tinytorch.autograd import Tensor
from tinytorch.layers import Module, Parameter


def _made(self, data, requires_grad=True, dtype=None, _plain=Parameter.__init__):
    """Module 03's parameter, whose second argument is PyTorch's: Parameter(data, False) needs no gradient."""
    if not isinstance(requires_grad, (bool, np.bool_)):
        requires_grad, dtype = True, requires_grad
    _plain(self, data, dtype, requires_grad)


Parameter.__init__ = _made


class _Numbered(Module):
    """Parts by their position; each is an attribute named by its number."""

    def __init__(self, parts=()):
        self.extend(parts)

    def _parts(self):
        return {name: value for name, value in vars(self).items() if name.isdecimal()}

    def _put(self, parts):
        for name in self._parts():
            delattr(self, name)
        for i, part in enumerate(parts):
            setattr(self, str(i), part)

    def __len__(self):
        return len(self._parts())

    def __iter__(self):
        return iter(self._parts().values())

    def __getitem__(self, index):
        """The part at a position, or another list of those in a slice."""
        found = list(self)[index]
        return type(self)(found) if isinstance(index, slice) else found

    def __setitem__(self, index, part):
        setattr(self, str(range(len(self))[index]), part)

    def __delitem__(self, index):
        parts = list(self)
        del parts[index]
        self._put(parts)

    def append(self, part):
        """Add a part at the end."""
        setattr(self, str(len(self)), part)
        return self

    def extend(self, parts):
        """Add several parts at the end."""
        for part in parts:
            self.append(part)
        return self

    __iadd__ = extend

    def insert(self, index, part):
        """Put a part before the one at `index`."""
        parts = list(self)
        parts.insert(index, part)
        self._put(parts)

    def pop(self, index=-1):
        """Take out the part at a position; returns it."""
        part = self[index]
        del self[index]
        return part

    def __add__(self, others):
        """A list of these parts and of others."""
        return type(self)([*self, *others])


class ModuleList(_Numbered):
    """Modules in a list that the module it belongs to finds: `for layer in self.layers`."""

    def append(self, part):
        """Add a module at the end."""
        if part is not None and not isinstance(part, Module):
            raise TypeError(f"a ModuleList holds modules, not a {type(part).__name__}")
        return super().append(part)


class ParameterList(_Numbered):
    """Parameters in a list that the module it belongs to finds."""

    def append(self, part):
        """Add a parameter, or a tensor as one."""
        return super().append(part if isinstance(part, Parameter) else Parameter(part))


class Sequential(layers.Sequential):
    """Modules in a row: each gets what the one before it gave. They may come in a dict, with names."""

    def __init__(self, *modules):
        if len(modules) == 1 and isinstance(modules[0], dict):
            for name, module in modules[0].items():
                setattr(self, name, module)
        else:
            super().__init__(*modules)

    def append(self, module):
        """Add a module at the end."""
        setattr(self, str(len(self)), module)
        return self

    def extend(self, modules):
        """Add several modules at the end."""
        for module in modules:
            self.append(module)
        return self

    def __getitem__(self, index):
        """The module at a position, or a Sequential of those in a slice."""
        return (
            Sequential(dict(list(self.named_children())[index]))
            if isinstance(index, slice)
            else super().__getitem__(index)
        )

    def __setitem__(self, index, module):
        setattr(self, [name for name, _ in self.named_children()][index], module)

    def __delitem__(self, index):
        modules = list(self)
        del modules[index]
        self._put(modules)

    def _put(self, modules):
        for name, _ in list(self.named_children()):
            delattr(self, name)
        self.extend(modules)

    insert, pop = _Numbered.insert, _Numbered.pop

    def __add__(self, others):
        """A Sequential of these modules and of others."""
        return Sequential(*self, *others)


class _Named(Module):
    """Parts by their names; each is an attribute."""

    kind = Module

    def __init__(self, parts=()):
        self.update(parts)

    def _parts(self):
        return {name: value for name, value in vars(self).items() if isinstance(value, self.kind)}

    def update(self, parts):
        """Add parts, from a dict or from pairs."""
        for name, part in dict(parts).items():
            self[name] = part

    def __setitem__(self, name, part):
        if hasattr(type(self), name):
            raise KeyError(
                f"a part cannot be called {name!r}: a {type(self).__name__} has an attribute of that name"
            )
        setattr(self, name, part)

    def __getitem__(self, name):
        return self._parts()[name]

    def __delitem__(self, name):
        delattr(self, name)

    def __contains__(self, name):
        return name in self._parts()

    def __len__(self):
        return len(self._parts())

    def __iter__(self):
        return iter(self._parts())

    def keys(self):
        """The names."""
        return self._parts().keys()

    def values(self):
        """The parts."""
        return self._parts().values()

    def items(self):
        """The parts with their names."""
        return self._parts().items()

    def pop(self, name):
        """Take a part out and return it."""
        part = self[name]
        delattr(self, name)
        return part


class ModuleDict(_Named):
    """Modules by name that the module it belongs to finds: `self.layers["head"]`, or `self.layers.head`."""


class ParameterDict(_Named):
    """Parameters by name that the module it belongs to finds."""

    kind = Parameter

    def __setitem__(self, name, part):
        super().__setitem__(name, part if isinstance(part, Parameter) else Parameter(part))


class Identity(Module):
    """What goes in comes out; whatever arguments it is made with."""

    def __init__(self, *args, **options):
        pass

    def forward(self, x):
        return x


class Unflatten(Module):
    """One dimension cut into several."""

    def __init__(self, dim, unflattened_size):
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x):
        return x.unflatten(self.dim, self.unflattened_size)


# What a Module can do that no lesson needs.
IncompatibleKeys = namedtuple("IncompatibleKeys", "missing_keys unexpected_keys")
_load_whole = Module.load_state_dict


def load_state_dict(self, state, strict=True, assign=False):
    """As module 03 wrote it. With strict=False, paths may be missing or unknown: returns which."""
    if strict:
        return _load_whole(self, state)
    own = self.state_dict()
    _load_whole(self, {path: state.get(path, tensor) for path, tensor in own.items()})
    missing, unexpected = (
        [path for path in a if path not in b] for a, b in ((own, state), (state, own))
    )
    return IncompatibleKeys(missing, unexpected)


def register_buffer(self, name, tensor, persistent=True):
    """Set the attribute `name` to a tensor, or None, that is not learnt; if `persistent`, it is saved with the model."""
    setattr(self, name, tensor)
    if persistent and tensor is not None:
        self._buffers += (name,)
    elif tensor is not None:
        self._unsaved += (name,)


def apply(self, function):
    """Call `function` with each module below this one, and with this one last; returns the module."""
    for child in self.children():
        child.apply(function)
    function(self)
    return self


def _convert(self, change):
    """Give each tensor of this module and of those below the memory that `change` makes of it."""
    for module in self.modules():
        for value in vars(module).values():
            if isinstance(value, Tensor) and value.dtype.kind == "f":
                value.array = change(value).array
                value.grad = None if value.grad is None else change(value.grad)
    return self


def to(self, *args, **options):
    """Give all floats another dtype; to the only device there is, nothing happens."""
    return _convert(self, lambda tensor: tensor.detach().to(*args, **options))


def named_buffers(self, prefix="", recurse=True):
    """The buffers of this module and of those below it, whether they are saved or not, with their paths."""
    for path, module in self.named_modules():
        for name in vars(module):
            if (recurse or module is self) and name in (*module._buffers, *module._unsaved):
                yield ".".join(filter(None, (prefix, path, name))), getattr(module, name)


_all_parameters = Module.named_parameters


def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
    """As module 03 wrote it; with recurse=False, of this module alone."""
    start = f"{prefix}." if prefix else ""
    found = _all_parameters(self) if recurse else self._parameters.items()
    return ((start + path, parameter) for path, parameter in found)


def get_submodule(self, path):
    """The module at a path such as "features.0"."""
    for name in path.split(".") if path else ():
        self = getattr(self, name)
    return self


class Handle:
    """What registering a hook returns; `remove()` takes the hook away."""

    others = ()  # hooks that belong to this one

    def __init__(self, hooks, hook):
        self.hooks, self.hook = hooks, hook
        hooks.append(hook)

    def remove(self):
        """Take the hook away."""
        self.hooks.remove(self.hook)
        for other in self.others:
            other.remove()


_without_hooks = Module.__call__


def _call(self, *inputs, **options):
    """Compute the output, with the hooks before and behind."""
    for hook in vars(self).get("_before", ()):
        changed = hook(self, inputs)
        if changed is not None:
            inputs = changed if isinstance(changed, tuple) else (changed,)
    out = _without_hooks(self, *inputs, **options)
    for hook in vars(self).get("_after", ()):
        changed = hook(self, inputs, out)
        out = out if changed is None else changed
    return out


def _hooks(module, kind):
    Module.__call__ = _call  # from the first hook on: without any, a call costs nothing more
    return vars(module).setdefault(kind, [])


def register_forward_hook(self, hook):
    """Call `hook(module, inputs, output)` after each forward; what it returns, unless None, takes the output's place."""
    return Handle(_hooks(self, "_after"), hook)


def register_forward_pre_hook(self, hook):
    """Call `hook(module, inputs)` before each forward; what it returns, unless None, takes the inputs' place."""
    return Handle(_hooks(self, "_before"), hook)


def register_full_backward_hook(self, hook):
    """Call `hook(module, grad_input, grad_output)` when the gradients of the inputs are known; the last two are tuples.

    What the hook returns, unless None, takes the place of the inputs' gradients.
    """
    waiting = []  # for each call of the module on its way back: the gradients that have arrived

    def before(module, inputs):
        places = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
        found, inputs = {}, list(inputs)
        for i in places:
            inputs[i] = inputs[i].view(
                inputs[i].shape
            )  # its gradient is what comes through this module

            def note(grad, i=i):
                found[i] = grad.clone()
                if len(found) == len(places) + 1:
                    return call(module, found, len(inputs), i)

            inputs[i].register_hook(note)
        waiting.append((found, places, len(inputs)))
        return tuple(inputs)

    def call(module, found, count, last=None):
        changed = hook(module, tuple(found.get(i) for i in range(count)), (found["out"],))
        return None if changed is None or last is None else changed[last]

    def after(module, inputs, out):
        found, places, count = waiting.pop()

        def note(grad):
            found["out"] = grad.clone()
            if not places:
                call(module, found, count)

        if out.requires_grad:
            out.register_hook(note)

    first = self.register_forward_pre_hook(before)
    second = self.register_forward_hook(after)
    first.others = [second]
    return first


Module._unsaved = ()  # the names of buffers that are not saved with the model
Module.load_state_dict, Module.register_buffer = load_state_dict, register_buffer
Module.apply, Module.to = apply, to
Module.cpu = lambda self: self
Module.cuda = lambda self, device=None: self.to("cuda")
Module.float = lambda self: self.to(np.float32)
Module.double = lambda self: self.to(np.float64)
Module.half = lambda self: self.to(np.float16)
Module.type = lambda self, dtype: self.to(dtype)
Module.named_buffers, Module.named_parameters = named_buffers, named_parameters
Module.parameters = lambda self, recurse=True: (p for _, p in self.named_parameters("", recurse))
Module.buffers = lambda self, recurse=True: (b for _, b in self.named_buffers("", recurse))
Module.get_buffer = lambda self, path: dict(self.named_buffers())[path]
Module.share_memory = lambda self: self
Module.get_submodule = get_submodule
Module.compile = lambda self, **options: None
Module._get_name = lambda self: type(self).__name__
Module.get_parameter = lambda self, path: dict(self.named_parameters())[path]
Module.add_module = Module.register_module = lambda self, name, module: setattr(self, name, module)
Module.register_parameter = lambda self, name, parameter: setattr(self, name, parameter)
Module.register_forward_hook = register_forward_hook
Module.register_forward_pre_hook = register_forward_pre_hook
Module.register_full_backward_hook = register_full_backward_hook
Module._modules = property(lambda self: dict(self.named_children()))
Module._parameters = property(
    lambda self: {n: p for n, p in vars(self).items() if isinstance(p, Parameter)}
)


def lazy(name, kind, first):
    """A layer of this kind that learns the size of its input, the argument `first`, from the first that comes.

    Until then its parameters are empty. An optimizer may have them already: they get their values where they are.
    """

    def __init__(self, *args, **options):
        self.args, self.options = args, options
        self.weight = Parameter(np.zeros(0, np.float32))
        self.bias = Parameter(np.zeros(0, np.float32)) if options.get("bias", True) else None

    def forward(self, x):
        empty = self.weight, self.bias
        args, options = self.args, self.options
        self.__class__ = kind
        vars(self).clear()
        self.__init__(x.shape[first], *args, **options)
        for name, old in zip(("weight", "bias"), empty):
            if old is not None and (new := getattr(self, name)) is not None:
                old.array = new.array
                setattr(self, name, old)
        return self(x)

    body = {"__init__": __init__, "forward": forward, "__module__": __name__}
    doc = f"A {kind.__name__} that learns how large its input is from the first one."
    return type(name, (Module,), body | {"__doc__": doc})
