"""What travels between the tests and the code under test: JSON and raw array bytes, never pickle.

Both processes use this file, and the student's side runs it alone, so it imports NumPy and nothing of ours.
A frame is two lengths, a JSON text and the bytes of its arrays, one after the other. Plain values travel by value.
What has no plain value (a tensor, a function) stays where it is, and a reference to it travels.
"""

import json
import struct

import numpy as np

LARGEST_FRAME = 256 << 20  # bytes; a result larger than this is refused, not sent
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
    if len(text) + size > LARGEST_FRAME:
        raise TooLarge(f"{len(text) + size:,} bytes is more than the {LARGEST_FRAME:,} that can be sent")
    parts = [HEADER.pack(len(text), size), text, *(array.tobytes() for array in arrays)]
    connection.sendall(b"".join(parts))


def receive(connection, resolve):
    """The next value; `resolve(reference)` gives the object that a reference stands for."""
    text_size, array_size = HEADER.unpack(_read(connection, HEADER.size))
    if text_size + array_size > LARGEST_FRAME:
        raise Unreadable("the frame says that it is larger than any frame may be")
    text, blob = _read(connection, text_size), _read(connection, array_size)
    try:
        return _unpack(json.loads(text), memoryview(blob), [0], resolve)
    except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"the frame cannot be read: {error}") from None


def _read(connection, size):
    parts = []
    while size:
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
    if kind is range:
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
