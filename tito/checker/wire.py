"""What travels between the tests and the code under test: JSON and raw array bytes, never pickle.

Both processes use this file, and the student's side runs it alone, so it imports NumPy and nothing of ours.
A frame is two lengths, a JSON text and the bytes of its arrays, one after the other. Plain values travel by value.
What has no plain value (a tensor, a function) stays where it is, and a reference to it travels.
"""

import json
import struct
import time

import numpy as np

LARGEST_TEXT, LARGEST_ARRAYS = 4 << 20, 64 << 20  # bytes of a frame; what is larger is refused, not sent
LARGEST_SET = 2_000  # items of a set or dict: more could be chosen so that their hashes collide, which takes hours
LARGEST_RANGE = 1_000_000
HEADER = struct.Struct(">II")
PLAIN = (type(None), bool, int, float, str)
COLLECTIONS = {kind.__name__: kind for kind in (list, tuple, set, frozenset)}
BUILTIN_TYPES = COLLECTIONS | {kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, dict)}
ARRAYS = {np.ndarray}  # the types that travel as arrays
NUMBERS = "biufc"
RAW = NUMBERS + "SU"  # the kinds of dtype whose values are their bytes


class TooLarge(ValueError):
    """The value does not fit into one frame."""


class Unreadable(ValueError):
    """The bytes that arrived are not a frame."""


class Closed(ConnectionError):
    """The other side is gone."""


def send(connection, value, refer):
    """Send `value`; `refer(object)` gives the reference that stands for what has no plain value."""
    arrays = []
    text = json.dumps(_pack(value, arrays, refer, depth=0)).encode()
    size = sum(array.nbytes for array in arrays)
    for bytes_, most in ((len(text), LARGEST_TEXT), (size, LARGEST_ARRAYS)):
        if bytes_ > most:
            raise TooLarge(f"{bytes_:,} bytes is more than the {most:,} that can be sent")
    parts = [HEADER.pack(len(text), size), text, *(array.tobytes() for array in arrays)]
    connection.sendall(b"".join(parts))


def receive(connection, resolve, deadline=None):
    """The next value; `resolve(reference)` gives the object that a reference stands for.

    The whole frame must be there by `deadline`, on the clock of time.monotonic.
    """
    text_size, array_size = HEADER.unpack(_read(connection, HEADER.size, deadline))
    if text_size > LARGEST_TEXT or array_size > LARGEST_ARRAYS:
        raise Unreadable("the frame says that it is larger than any frame may be")
    text, blob = _read(connection, text_size, deadline), _read(connection, array_size, deadline)
    try:
        return _unpack(json.loads(text), memoryview(blob), [0], resolve)
    except Exception as error:  # whatever the other side has made up
        raise Unreadable(f"the frame cannot be read: {error}") from None


def _read(connection, size, deadline):
    parts = []
    while size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
        part = connection.recv(min(size, 1 << 20))
        if not part:
            raise Closed("the connection was closed")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _pack(value, arrays, refer, depth):
    """`value` as JSON: plain values as they are, everything else as a list that starts with its tag."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if depth > 20:
        return ["ref", *refer(value)]
    if kind in (set, frozenset, dict) and len(value) > LARGEST_SET:
        raise TooLarge(f"a {kind.__name__} of {len(value):,} items is more than the {LARGEST_SET:,} that can be sent")
    if COLLECTIONS.get(kind.__name__) is kind:
        return [kind.__name__, [_pack(item, arrays, refer, depth + 1) for item in value]]
    if kind is dict:
        pairs = value.items()
        return ["dict", [[_pack(item, arrays, refer, depth + 1) for item in pair] for pair in pairs]]
    if kind in ARRAYS and value.dtype.kind in RAW:
        arrays.append(value)
        return ["array", value.dtype.str, list(value.shape)]
    if isinstance(value, np.generic) and value.dtype.kind in NUMBERS:
        arrays.append(np.asarray(value))
        return ["scalar", value.dtype.str]
    if kind is slice:
        return ["slice", *(_pack(part, arrays, refer, depth + 1) for part in (value.start, value.stop, value.step))]
    if value is Ellipsis:
        return ["ellipsis"]
    if kind is complex:
        return ["complex", value.real, value.imag]
    if kind is bytes:
        return ["bytes", value.hex()]
    if kind is range and value[:LARGEST_RANGE] == value:
        return ["range", value.start, value.stop, value.step]
    if isinstance(value, np.dtype) and value.kind in NUMBERS:
        return ["dtype", value.str]
    if kind is type and issubclass(value, np.generic) and value.__module__ == "numpy":
        return ["numpy type", value.__name__]
    if kind is type and BUILTIN_TYPES.get(value.__name__) is value:
        return ["builtin type", value.__name__]
    return ["ref", *refer(value)]


def _unpack(packed, blob, position, resolve):
    if not isinstance(packed, list):
        return packed
    tag, *rest = packed
    if tag in ("set", "frozenset", "dict") and len(rest[0]) > LARGEST_SET:
        raise ValueError(f"a {tag} of {len(rest[0])} items")
    if tag in COLLECTIONS:
        return COLLECTIONS[tag](_unpack(item, blob, position, resolve) for item in rest[0])
    if tag == "dict":
        return dict([_unpack(item, blob, position, resolve) for item in pair] for pair in rest[0])
    if tag == "array":
        return _take(blob, position, rest[0], tuple(rest[1]))
    if tag == "scalar":
        return _take(blob, position, rest[0], ())[()]
    if tag == "slice":
        return slice(*(_unpack(part, blob, position, resolve) for part in rest))
    if tag == "ellipsis":
        return Ellipsis
    if tag == "complex":
        return complex(*rest)
    if tag == "bytes":
        return bytes.fromhex(rest[0])
    if tag == "range":
        if len(range(*rest)) > LARGEST_RANGE:
            raise ValueError("a range that long")
        return range(*rest)
    if tag == "dtype":
        return np.dtype(rest[0])
    if tag == "numpy type":
        kind = getattr(np, rest[0])
        if isinstance(kind, type) and issubclass(kind, np.generic):
            return kind
        raise ValueError(f"{rest[0]!r} is not one of NumPy's types")
    if tag == "builtin type":
        return BUILTIN_TYPES[rest[0]]
    if tag == "ref":
        return resolve(*rest)
    raise ValueError(f"unknown tag {tag!r}")


def _take(blob, position, dtype, shape):
    """The next array of the frame: a copy, so that it can be written to."""
    dtype = np.dtype(dtype)
    if dtype.kind not in RAW:
        raise ValueError(f"an array of {dtype} does not travel")
    size = dtype.itemsize * int(np.prod(shape, dtype=object))
    start = position[0]
    if min(shape, default=0) < 0 or start + size > len(blob):
        raise ValueError("an array is longer than the bytes that came with it")
    position[0] = start + size
    return np.frombuffer(blob[start : start + size], dtype).reshape(shape).copy()
