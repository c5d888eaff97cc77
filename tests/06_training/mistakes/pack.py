# ruff: noqa: F821

import numpy as np

from tito.author.answers import mistake, right


@mistake(
    "pack",
    "A dict became a JSON object, and in JSON all keys are text: the parameter numbers of an optimizer would come back "
    "as words. A list of pairs keeps each key what it is.",
)
def makes_a_json_object(value, path, arrays):
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"dict": {key: pack(item, f"{path}/{key}", arrays) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [pack(item, f"{path}/{i}", arrays) for i, item in enumerate(value)]}


@mistake("pack", "Tuples come out as lists, and would come back as lists. Each container must say what it is.")
def takes_tuples_for_lists(value, path, arrays):
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"dict": [[key, pack(item, f"{path}/{key}", arrays)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"list": [pack(item, f"{path}/{i}", arrays) for i, item in enumerate(value)]}


@mistake(
    "pack",
    "The path of an item is that of its container. So two arrays in one container have one path, and the second is "
    "written over the first.",
)
def does_not_extend_the_path(value, path, arrays):
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"dict": [[key, pack(item, path, arrays)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [pack(item, path, arrays) for item in value]}


@mistake(
    "pack",
    "The path begins anew in each container: only the last key is in it, and arrays of the same name in two containers "
    "would be one. Put the path so far in front.",
)
def forgets_the_path_so_far(value, path, arrays):
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"dict": [[key, pack(item, f"{key}", arrays)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [pack(item, f"{i}", arrays) for i, item in enumerate(value)]}


@mistake(
    "pack",
    "The items of containers stay as they are: arrays in them are not put aside. Each item may be a tree of its own, "
    "so call pack for it.",
)
def stops_at_the_first_level(value, path, arrays):
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"dict": [[key, item] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"tuple" if isinstance(value, tuple) else "list": list(value)}


@mistake(
    "pack",
    "Arrays are written out as lists of numbers. That is several times as long, slow, and loses their dtype: put them "
    "aside in `arrays`, and leave their path.",
)
def writes_arrays_out(value, path, arrays):
    if isinstance(value, np.ndarray):
        return {"list": value.tolist()}
    if isinstance(value, dict):
        return {"dict": [[key, pack(item, f"{path}/{key}", arrays)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [pack(item, f"{path}/{i}", arrays) for i, item in enumerate(value)]}


@mistake(
    "pack",
    "Arrays are not put aside. The given lines only check one: put it into `arrays[path]`, and return what stands in its "
    "place.",
)
def forgets_the_arrays(value, path, arrays):
    if isinstance(value, dict):
        return {"dict": [[key, pack(item, f"{path}/{key}", arrays)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [pack(item, f"{path}/{i}", arrays) for i, item in enumerate(value)]}


@right("pack")
def pairs_as_tuples(value, path, arrays):
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, dict):
        return {"dict": [(key, pack(item, f"{path}/{key}", arrays)) for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [pack(item, f"{path}/{i}", arrays) for i, item in enumerate(value)]}


@right("pack")
def with_loops(value, path, arrays):
    if type(value) in (list, tuple):
        items = []
        for position in range(len(value)):
            items.append(pack(value[position], path + "/" + str(position), arrays))
        return {type(value).__name__: items}
    if type(value) is dict:
        pairs = []
        for key in value:
            pairs.append((key, pack(value[key], path + "/" + str(key), arrays)))
        return {"dict": [list(pair) for pair in pairs]}
    if hasattr(value, "shape"):
        arrays[path] = value
        return {"array": path}
