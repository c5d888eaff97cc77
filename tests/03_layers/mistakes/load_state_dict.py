# ruff: noqa: F821
import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "load_state_dict",
    "What is too many in the state goes unnoticed. A path that the module does not have means that the state belongs to "
    "another model.",
)
def overlooks_unknown_paths(self, state):
    own = dict(self._named_state())
    missing = own.keys() - state.keys()
    if missing:
        raise KeyError(_misnamed(missing, set()))
    for path, tensor in own.items():
        shape = np.shape(unwrap(state[path]))
        if shape != tensor.shape:
            raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
    with no_grad():
        for path, tensor in own.items():
            tensor[...] = state[path]


@mistake(
    "load_state_dict",
    "What is missing in the state goes unnoticed, and keeps its old value. Half of the model is then another's.",
)
def overlooks_missing_paths(self, state):
    own = dict(self._named_state())
    unknown = state.keys() - own.keys()
    if unknown:
        raise KeyError(_misnamed(set(), unknown))
    for path in state:
        shape = np.shape(unwrap(state[path]))
        if shape != own[path].shape:
            raise ValueError(f"{path} has shape {own[path].shape}, but in the state {shape}")
    with no_grad():
        for path in state:
            own[path][...] = state[path]


@mistake(
    "load_state_dict",
    "The shapes are not compared. Where broadcasting can stretch what is in the state, it does, and nobody notices.",
)
def leaves_the_shapes_to_broadcasting(self, state):
    own = dict(self._named_state())
    missing, unknown = own.keys() - state.keys(), state.keys() - own.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    with no_grad():
        for path, tensor in own.items():
            tensor[...] = state[path]


@mistake(
    "load_state_dict",
    "Checking and copying take turns. If the third shape does not fit, the first two values have been written already: "
    "the model is half loaded. Check all, then copy.",
)
def copies_while_it_checks(self, state):
    own = dict(self._named_state())
    missing, unknown = own.keys() - state.keys(), state.keys() - own.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    with no_grad():
        for path, tensor in own.items():
            shape = np.shape(unwrap(state[path]))
            if shape != tensor.shape:
                raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
            tensor[...] = state[path]


@mistake(
    "load_state_dict",
    "The tensors get the arrays of the state as their own memory, so both change together from then on. Copy the values "
    "into the memory that is there.",
)
def shares_memory_with_the_state(self, state):
    own = dict(self._named_state())
    missing, unknown = own.keys() - state.keys(), state.keys() - own.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    for path, tensor in own.items():
        shape = np.shape(unwrap(state[path]))
        if shape != tensor.shape:
            raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
    for path, tensor in own.items():
        tensor.data = unwrap(state[path])


@mistake(
    "load_state_dict",
    "The values are taken in the order of the state instead of by path. As soon as that order is another one, they land "
    "in the wrong places.",
)
def goes_by_order(self, state):
    own = dict(self._named_state())
    missing, unknown = own.keys() - state.keys(), state.keys() - own.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    for path, tensor in own.items():
        shape = np.shape(unwrap(state[path]))
        if shape != tensor.shape:
            raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
    with no_grad():
        for tensor, value in zip(own.values(), state.values()):
            tensor[...] = value


@mistake(
    "load_state_dict",
    "Writing into a parameter in place is refused, since it could not be recorded. Loading is not something to go back "
    "through: say so with `no_grad()`.",
)
def forgets_no_grad(self, state):
    own = dict(self._named_state())
    missing, unknown = own.keys() - state.keys(), state.keys() - own.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    for path, tensor in own.items():
        shape = np.shape(unwrap(state[path]))
        if shape != tensor.shape:
            raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
    for path, tensor in own.items():
        tensor[...] = state[path]


@mistake(
    "load_state_dict",
    "The two sets are exchanged: what is missing is said to be unknown, and the other way round. First comes what the "
    "module has and the state lacks.",
)
def exchanges_missing_and_unknown(self, state):
    own = dict(self._named_state())
    missing, unknown = state.keys() - own.keys(), own.keys() - state.keys()
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    for path, tensor in own.items():
        shape = np.shape(unwrap(state[path]))
        if shape != tensor.shape:
            raise ValueError(f"{path} has shape {tensor.shape}, but in the state {shape}")
    with no_grad():
        for path, tensor in own.items():
            tensor[...] = state[path]


@right("load_state_dict")
def with_sets_and_arrays(self, state):
    own = dict(self._named_state())
    if set(own) != set(state):
        raise KeyError(_misnamed(set(own) - set(state), set(state) - set(own)))
    values = {path: np.asarray(unwrap(state[path])) for path in own}
    for path in own:
        if values[path].shape != own[path].shape:
            raise ValueError(f"{path} has shape {own[path].shape}, but in the state {values[path].shape}")
    for path in own:
        own[path].data[...] = values[path]


@right("load_state_dict")
def with_loops(self, state):
    own = dict(self._named_state())
    missing = [path for path in own if path not in state]
    unknown = [path for path in state if path not in own]
    if missing or unknown:
        raise KeyError(_misnamed(missing, unknown))
    for path in own:
        if own[path].shape != np.shape(state[path]):
            raise ValueError(f"{path}: {own[path].shape} here, {np.shape(state[path])} there")
    with no_grad():
        for path, value in state.items():
            own[path][...] = value
