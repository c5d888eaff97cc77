"""What travels between the tests and the code under test: JSON and raw array bytes, never pickle.

Both processes use this file, and the student's side runs it alone, so it imports NumPy and nothing of ours.
A frame is two lengths, a JSON text and the bytes of its arrays, one after the other. Plain values travel by value.
What has no plain value (a tensor, a function) stays where it is, and a reference to it travels.

The student's side may send anything. So a frame is bounded before anything is made of it: its bytes, how many values
it holds and how deep, and of each value its length, its shape and its kind. What is within these bounds is cheap.
"""

import json
import re
import struct
from typing import NamedTuple

import numpy as np

LARGEST_TEXT, LARGEST_ARRAYS = 4 << 20, 32 << 20  # bytes of a frame; what is larger is refused, not sent
MOST_VALUES, DEEPEST = 200_000, 20  # values in a frame, and levels of lists and dicts around one
MOST_HASHED = 2_000  # items of sets and dicts in a frame: more could be chosen so that they collide, which takes hours
LONGEST_TEXT = 1 << 18  # characters of one text
WIDEST = 256  # bits of a whole number
LARGEST_RANGE = 1_000_000
MOST_DIMENSIONS, MOST_EMPTY = 16, 100_000  # of an array; how many rows of no items it may have
LARGEST_WORDS = 1 << 16  # bytes of an array of texts
DTYPE = re.compile(r"[<>|=]?[biufcSU]\d{1,5}")  # as NumPy writes a dtype whose values are their bytes
HEADER = struct.Struct(">II")
COLLECTIONS = {kind.__name__: kind for kind in (list, tuple, set, frozenset)}
BUILTIN_TYPES = COLLECTIONS | {kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, dict)}
NUMPY_TYPES = {name: kind for name, kind in vars(np).items() if isinstance(kind, type) and issubclass(kind, np.generic)}
NUMBERS, WORDS = "biufc", "SU"  # kinds of dtype


class TooLarge(ValueError):
    """The value does not fit into one frame."""


class Unreadable(ValueError):
    """The bytes that arrived are not a frame."""


class Closed(ConnectionError):
    """The other side is gone."""


def send(connection, value, refer):
    """Send `value`; `refer(object)` gives the reference that stands for what has no plain value."""
    frame = _Frame(refer)
    text = json.dumps(frame.pack(value)).encode()
    size = sum(array.nbytes for array in frame.arrays)
    _at_most(len(text), LARGEST_TEXT, "bytes")
    _at_most(size, LARGEST_ARRAYS, "bytes")
    parts = [HEADER.pack(len(text), size), text, *(array.tobytes() for array in frame.arrays)]
    connection.sendall(b"".join(parts))


def receive(connection, resolve, left=None):
    """The next value, and its size in bytes; `resolve(reference)` gives the object that a reference stands for.

    `left()` says how many seconds remain until the whole frame must be there, and raises TimeoutError when there are
    none. Raises Unreadable if what comes is no frame.
    """
    text_size, array_size = HEADER.unpack(_read(connection, HEADER.size, left))
    if text_size > LARGEST_TEXT or array_size > LARGEST_ARRAYS:
        raise Unreadable("the frame says that it is larger than any frame may be")
    rest = memoryview(_read(connection, text_size + array_size, left))
    text, blob = bytes(rest[:text_size]), rest[text_size:]
    try:
        _at_most(text.count(b",") + text.count(b"["), 2 * MOST_VALUES, "values")  # before there is any
        return _Frame(resolve, blob).unpack(json.loads(text)), text_size + array_size
    except Exception as error:  # whatever the other side has made up
        raise Unreadable(f"the frame cannot be read: {error}") from None


def _read(connection, size, left):
    data = bytearray()
    while len(data) < size:
        if left is not None:
            connection.settimeout(left())
        try:
            part = connection.recv(min(size - len(data), 1 << 20))
        except TimeoutError:
            continue  # and ask how much is left
        if not part:
            raise Closed("the connection was closed")
        data += part
    return data


def _at_most(count, most, of):
    if count > most:
        raise TooLarge(f"{count:,} {of} are more than the {most:,} that can be sent")


class _Frame:
    """One frame, on its way out or in: its arrays, and how much it holds so far."""

    def __init__(self, refer, blob=b""):
        self.refer, self.blob, self.position = refer, blob, 0
        self.arrays, self.values, self.hashed, self.depth = [], 0, 0, 0

    def pack(self, value):
        """`value` as JSON: plain values as they are, everything else as a list that starts with its tag."""
        self._count()
        plain = PLAIN.get(type(value))
        if plain:
            return plain(value)
        kind = BY_TYPE.get(type(value)) or next((kind for kind in OTHERS if kind.accepts(value)), None)
        self.depth += 1
        parts = kind.pack(value, self) if kind and self.depth <= DEEPEST else None
        self.depth -= 1
        return ["ref", *self.refer(value)] if parts is None else [kind.tag, *parts]

    def unpack(self, packed):
        """The value that was packed. Raises an exception of some kind if it is none."""
        self._count()
        plain = PLAIN.get(type(packed))
        if plain:
            return plain(packed)
        tag, *parts = packed
        if tag == "ref":
            return self.refer(*parts)
        self.depth += 1
        _at_most(self.depth, 2 * DEEPEST, "levels")
        value = BY_TAG[tag].unpack(parts, self)
        self.depth -= 1
        return value

    def hash(self, items):
        """Count these items of a set or dict."""
        self.hashed += len(items)
        _at_most(self.hashed, MOST_HASHED, "items of sets and dicts")
        return items

    def _count(self):
        self.values += 1
        _at_most(self.values, MOST_VALUES, "values")


# Plain values: each is checked on its way out and in.
def _whole(number):
    _at_most(number.bit_length(), WIDEST, "bits")
    return number


def _text(text):
    """The text; half a character, which no file can hold, becomes a question mark."""
    _at_most(len(text), LONGEST_TEXT, "characters")
    return text if text.isascii() else text.encode(errors="replace").decode()


def _same(value):
    return value


PLAIN = {type(None): _same, bool: _same, float: _same, int: _whole, str: _text}


# Each pack gives a list of what JSON can hold, or None where the value has to stay; each unpack takes it.
def _pack_array(array, frame):
    kind = array.dtype.kind
    if kind not in NUMBERS + WORDS or array.ndim > MOST_DIMENSIONS or (kind in WORDS and array.nbytes > LARGEST_WORDS):
        return None
    frame.arrays.append(array)
    return [array.dtype.str, list(array.shape)]


def _pack_number(number, frame):
    frame.arrays.append(np.asarray(number))
    return [number.dtype.str]


def _unpack_array(parts, frame):
    """The next array of the frame: a copy, so that it can be written to."""
    dtype, shape = _dtype(parts[0]), parts[1] if len(parts) == 2 else []
    _at_most(len(shape), MOST_DIMENSIONS, "dimensions")
    start, size, rows = frame.position, dtype.itemsize, 1
    for length in shape:
        if type(length) is not int or length < 0:
            raise ValueError("this is not a shape")
        size *= length
        rows *= max(length, 1)
        _at_most(rows, LARGEST_ARRAYS if size else MOST_EMPTY, "items of an array")
    _at_most(start + size, len(frame.blob), "bytes of arrays")
    _at_most(size, LARGEST_ARRAYS if dtype.kind in NUMBERS else LARGEST_WORDS, "bytes of texts")
    frame.position = start + size
    return np.frombuffer(frame.blob[start : start + size], dtype).reshape(shape).copy()


def _dtype(text):
    if not DTYPE.fullmatch(text):
        raise ValueError("this is not a dtype whose values travel")
    dtype = np.dtype(text)
    if not dtype.itemsize:
        raise ValueError("a dtype of no bytes")
    return dtype


def _pack_slice(value, frame):
    return [frame.pack(part) for part in (value.start, value.stop, value.step)]


def _range(start, stop, step):
    made = range(start, stop, step)
    _at_most(len(made), LARGEST_RANGE, "numbers of a range")
    return made


def _pack_range(value, frame):
    return [value.start, value.stop, value.step] if value[:LARGEST_RANGE] == value else None


class Kind(NamedTuple):
    """How one kind of value travels; it accepts a type, or whatever a function says yes to."""

    tag: str
    accepts: object
    pack: object
    unpack: object


def _collection(kind):
    hashed = kind in (set, frozenset)
    return Kind(
        kind.__name__,
        kind,
        lambda value, frame: [[frame.pack(item) for item in (frame.hash(value) if hashed else value)]],
        lambda parts, frame: kind([frame.unpack(item) for item in (frame.hash(parts[0]) if hashed else parts[0])]),
    )


def _is_plain_tuple(value):
    """Whether it is a tuple, perhaps of a class of its own, as `torch.Size` is, whose places have no names."""
    return isinstance(value, tuple) and not hasattr(type(value), "_fields")


def _is_number(value):
    return isinstance(value, np.generic) and value.dtype.kind in NUMBERS


def _is_dtype(value):
    return isinstance(value, np.dtype) and value.kind in NUMBERS


def _named(types):
    """A kind for types that are known by their names."""
    return (
        lambda value: isinstance(value, type) and types.get(value.__name__) is value,
        lambda value, frame: [value.__name__],
        lambda parts, frame: types[parts[0]],
    )


KINDS = [
    *map(_collection, COLLECTIONS.values()),
    Kind(
        "dict",
        dict,
        lambda value, frame: [[[frame.pack(item) for item in pair] for pair in frame.hash(value).items()]],
        lambda parts, frame: {frame.unpack(key): frame.unpack(item) for key, item in frame.hash(parts[0])},
    ),
    _collection(tuple)._replace(accepts=_is_plain_tuple),
    Kind("array", np.ndarray, _pack_array, _unpack_array),
    Kind("scalar", _is_number, _pack_number, lambda parts, frame: _unpack_array(parts[:1], frame)[()]),
    Kind("slice", slice, _pack_slice, lambda parts, frame: slice(*map(frame.unpack, parts))),
    Kind("ellipsis", type(...), lambda value, frame: [], lambda parts, frame: ...),
    Kind(
        "complex",
        complex,
        lambda value, frame: [value.real, value.imag],
        lambda parts, frame: complex(*map(float, parts)),
    ),
    Kind(
        "bytes", bytes, lambda value, frame: [_text(value.hex())], lambda parts, frame: bytes.fromhex(_text(parts[0]))
    ),
    Kind("range", range, _pack_range, lambda parts, frame: _range(*map(frame.unpack, parts))),
    Kind("dtype", _is_dtype, lambda value, frame: [value.str], lambda parts, frame: _dtype(parts[0])),
    Kind("numpy type", *_named(NUMPY_TYPES)),
    Kind("builtin type", *_named(BUILTIN_TYPES)),
]
BY_TAG = {kind.tag: kind for kind in KINDS}
BY_TYPE = {kind.accepts: kind for kind in KINDS if isinstance(kind.accepts, type)}  # other types travel as one of them
OTHERS = [kind for kind in KINDS if not isinstance(kind.accepts, type)]
