"""How a shelf is filled: with names from the modules that are there, and a sentence for each that is not."""

import functools
import importlib
import sys


def fill(shelf, **modules):
    """Give the module `shelf` names from modules of the package: fill(__name__, layers="Linear ReLU").

    `a__b` stands for the module a.b, and `old>new` for a name that is called otherwise here. What is not there yet, since
    its module is not or does not define it, is an AttributeError that says so when it is asked for.
    """
    space = sys.modules[shelf].__dict__
    package = __name__.partition(".")[0]
    missing = {}
    for module, names in modules.items():
        path = module.replace("__", "/") + ".py"
        found, why = None, f"{path} does not define it"
        try:
            found = importlib.import_module(f"{package}.{module.replace('__', '.')}")
        except ModuleNotFoundError as error:
            needed = (error.name or path).removeprefix(f"{package}.").replace(".", "/")
            why = f"it needs {needed}.py, which is not there yet"
        except Exception as error:  # a name that the student's module lacks, or a blank run at once
            why = f"{path} cannot be imported: {error}"
        for name in names.split():
            there, _, here = name.partition(">")
            if hasattr(found, there):
                space[here or there] = getattr(found, there)
            else:
                missing[here or there] = why

    def absent(name):
        why = f": {missing[name]}" if name in missing else ""
        raise AttributeError(f"{shelf} has no {name}{why}")

    space["__getattr__"] = absent
    space["__all__"] = [
        name for name in space if not name.startswith("_") and name not in ("fill", "placed")
    ]


def placed(layer):
    """Let a layer be made with PyTorch's options `device` and `dtype`."""
    plain = layer.__init__

    @functools.wraps(plain)
    def __init__(self, *args, device=None, dtype=None, **options):
        plain(self, *args, **options)
        if device is not None or dtype is not None:
            self.to(device=device, dtype=dtype)

    layer.__init__ = __init__


def known_as(shelf, names, module=None):
    """Let `module`, or the shelf itself, be found below the shelf by these names as well.

    PyTorch has a file for each kind of thing: `from torch.optim.optimizer import Optimizer`.
    """
    found = sys.modules[module or shelf]
    for name in names.split():
        sys.modules[f"{shelf}.{name}"] = found
        vars(sys.modules[shelf]).setdefault(name, found)
