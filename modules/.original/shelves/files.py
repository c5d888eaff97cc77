"""torch.save and torch.load, in the format of module 06's checkpoints: arrays and JSON, nothing that is run when read."""

import contextlib
import os
import tempfile
import zipfile

import numpy as np

from tinytorch.autograd import Tensor
from tinytorch.training import read_checkpoint, save_checkpoint


class _Held:
    """Something to be saved, as a part of a checkpoint."""

    def __init__(self, value):
        self.value = value

    def state_dict(self):
        return self.value


def save(obj, f, **options):
    """Write a tensor, a state dict, or dicts and lists of them, numbers and text, to a path or an open file.

    A TypeError names what cannot be saved: of a model save its `state_dict()`.
    """
    if hasattr(obj, "state_dict"):
        raise TypeError(
            f"save the state_dict() of a {type(obj).__name__}: the object itself would need its code to be read"
        )
    if not hasattr(f, "write"):
        return save_checkpoint(f, saved=_Held(obj))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "saved")
        save_checkpoint(path, saved=_Held(obj))
        with open(path, "rb") as file:
            f.write(file.read())


def load(f, map_location=None, *, weights_only=True, **options):
    """What `save` wrote, with tensors where there were arrays or tensors. Nothing in the file is run.

    A ValueError if the file is damaged, or was written by PyTorch, whose files hold pickles.
    """
    if not hasattr(f, "read"):
        return _read(f)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "saved")
        with open(path, "wb") as file:
            file.write(f.read())
        return _read(path)


def _read(path):
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        if any(name.rpartition("/")[2] == "data.pkl" for name in archive.namelist()):
            raise ValueError(_PICKLE.format(os.fspath(path)))
    with open(path, "rb") as file:
        if file.read(2) in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
            raise ValueError(_PICKLE.format(os.fspath(path)))
    return _tensors(read_checkpoint(path)["saved"])


_PICKLE = (
    "{} holds a pickle, as PyTorch writes it, and reading one can run code: in PyTorch, write the state with "
    "numpy.savez(path, **{{k: v.numpy() for k, v in state.items()}}), and here, load_state_dict(dict(numpy.load(path)))"
)


def _tensors(value):
    if isinstance(value, np.ndarray):
        return Tensor.wrap(value)
    if isinstance(value, dict):
        return {key: _tensors(item) for key, item in value.items()}
    return type(value)(map(_tensors, value)) if isinstance(value, (list, tuple)) else value
