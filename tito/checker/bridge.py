"""The tests' side of a check: proxies that reach the student's package in its own process.

`Bridge` carries one call at a time. What a test imports from `tinytorch` is a `Proxy`: calling it, reading an attribute
of it or using an operator on it happens over there, in `child.py`. Plain values and arrays come back as themselves,
everything else as another proxy. Every proxy knows the expression that made it, so a failing test can say which call it
was.
"""

from __future__ import annotations

import builtins
import secrets
import sys
import time
import weakref
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tito.checker import wire
from tito.checker.process import Frame, Launcher, waited_for_a_processor
from tito.errors import MachineError, visible

if sys.platform == "emscripten":  # a browser has no processes
    from tito.checker.within import SameProcess as StudentProcess
else:
    from tito.checker.process import StudentProcess

WIDTH = 60  # characters of an expression before its parts are left out
STARTING, ANSWERING = 30.0, 3.0  # seconds that a process may take to start, and later to show that it is there
REMEMBERED = 8  # arrays and lists that a test handed in
MOST_PROXIES = 10_000  # in one answer
LONGEST_NAME = 200  # characters of a file's or a function's
PATIENCE = 10  # times its limit that a test may take on a machine that lets it wait
MOST_RECEIVED = 64 << 20  # bytes, in one test
current: Bridge | None = None  # the bridge that the running test uses
OUR_LIBRARIES = ("builtins", "math", "numpy", "operator")  # their functions are the same on either side


class StudentError(Exception):
    """The student's process could not answer; the message says why, `frames` where it was."""

    frames: tuple[Frame, ...] | list[Frame] = ()


class TimedOut(StudentError):
    """A call did not return in time."""


class Died(StudentError):
    """The process ended, or sent something that is not an answer."""


class Exited(StudentError):
    """The student's code called sys.exit, or raised something that is not an Exception."""


class Bridge:
    """The student's package below `parent`. The process starts when first needed, and anew after it has died."""

    def __init__(self, parent: Path, launcher: Launcher | None = None) -> None:
        self.parent, self.launcher = Path(parent).resolve(), launcher or Launcher()
        self.process: StudentProcess | None = None
        self.lost: StudentError | None = None  # why the process no longer answers
        self.ready = False  # whether it has answered once
        self.limit = self.deadline = 0.0
        self.received = 0  # bytes since the test began
        self.end = float("inf")  # when all the time there is for the student's code is over
        self._begun = self._waited = 0.0
        self.last: tuple[str, Any] | None = None  # the last call's expression, and its result (... while it runs)
        self.given: list[Any] = []  # what was handed in where something of the package was last called
        self.earlier: deque[Any] = deque(maxlen=REMEMBERED)  # the latest arrays and lists that were handed in by a test
        self._proxies: dict[int, weakref.ref[Proxy]] = {}
        self._dropped: set[int] = set()
        self._generators: dict[int, tuple[np.random.Generator, Proxy]] = {}

    def __enter__(self) -> Bridge:
        global current
        self._outer, current = current, self
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        global current
        current = self._outer
        self.stop()

    def start(self) -> None:
        """Start the process; it gets ready while the caller goes on."""
        self.stop()
        self.process, self.lost, self.ready = StudentProcess(self.parent, self.launcher), None, False

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
        self.process = None
        self._proxies.clear()
        self._dropped.clear()
        self._generators.clear()

    def begin(self, limit: float, first: bool = True) -> None:
        """Start the clock of a test: its calls together may take `limit` seconds.

        Before the `first` test of an exercise, a process that no longer answers as it should is replaced: what one
        exercise did to it is not held against another. Raises TimedOut when there is no time left.
        """
        self.received = 0
        if first or time.monotonic() > self.end:  # asking costs as much as a call
            self.end += self._waiting()
        if time.monotonic() > self.end:
            raise TimedOut("all the time there is went to the tests before it")
        if self.process is None or self.lost or not self.process.listens():
            self.start()
        if first and self.ready:
            try:
                self._greet(ANSWERING)
            except StudentError:
                self.start()
        if not self.ready:  # nothing of the student's has run in it yet
            try:
                self._greet(STARTING)
            except StudentError as error:
                raise MachineError(f"a process for the student's code did not start: {error}.") from None
        self._start_clock(limit, self.end)
        self.last, self.given = None, []
        self.earlier.clear()
        self.process.forget_printed()

    def _start_clock(self, limit: float, end: float = float("inf")) -> None:
        self._begun, self.limit = time.monotonic(), limit
        self.deadline = min(self._begun + limit, end)

    def _left(self) -> float:
        """The seconds that a call may still take. Raises TimeoutError when there are none.

        A limit is meant for the student's code and not for a busy machine: the time in which that code, or its tests,
        wanted to run and had no processor does not count.
        """
        if time.monotonic() >= self.deadline and time.monotonic() < self._begun + PATIENCE * self.limit:
            waited = self._waiting()
            self.deadline += waited
            self.end += waited
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _waiting(self) -> float:
        """The seconds for which both sides waited for a processor since this was last asked."""
        before, self._waited = self._waited, waited_for_a_processor() + (self.process.waited() if self.process else 0)
        return max(self._waited - before, 0.0)  # a new process has waited less than the one before

    def _greet(self, limit: float) -> None:
        self._start_clock(limit)
        self.call("start", Proxy(("builtins", "bool"), "bool", "name"))
        self.ready = True

    def call(self, expression: str, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call `function` on the student's side; its exception is raised here, as the nearest built-in type."""
        if self.lost:
            raise self.lost
        dropped, self._dropped = self._dropped, set()
        connection = self.process.connection
        try:
            connection.settimeout(max(self.deadline - time.monotonic(), 0.001))
            question = secrets.randbits(48)
            wire.send(connection, [question, function, list(args), kwargs, list(dropped)], self._refer)
            self.last = (expression, ...)
            answer = _Answer(self, expression, question)
            received, size = wire.receive(connection, answer.proxy, self._left)
            self.received += size
            if self.received > MOST_RECEIVED:
                raise wire.Unreadable("it is more than a test may be sent")
            done, value = answer.checked(received)
        except (TypeError, ReferenceError, wire.TooLarge):
            self._dropped |= dropped  # nothing was sent
            raise
        except (OSError, wire.Unreadable) as error:
            self.lost = self._loss(error)
            raise self.lost from None
        if done:
            self.last = (expression, value)
            for place, item in enumerate(value) if type(value) in (list, tuple) else ():
                if isinstance(item, Proxy) and made_by(item) == expression:  # not all of what came back, but a part
                    object.__setattr__(item, "_expression", f"{expression}[{place}]")
            return value
        raise _exception(value)

    def import_module(self, name: str) -> None:
        """Import a module on the student's side; what that raises has `frames`."""
        self.begin(limit=10)
        self.call(f"import {name}", Proxy(("importlib", "import_module"), name, "name"), name)

    def _loss(self, error: Exception) -> StudentError:
        if isinstance(error, TimeoutError):
            lost: StudentError = TimedOut(f"it was still running after {self.limit:g} s")
            lost.frames = self.process.where()
        elif isinstance(error, wire.Unreadable):
            lost = Died("it sent something that is not an answer")
        else:
            lost = Died(self.process.ending())
        self.process.stop()
        return lost

    def _proxy(self, key: int, kind: str, expression: str) -> Proxy:
        known = self._proxies.get(key)
        proxy = known() if known else None
        if proxy is None:
            self._dropped.discard(key)
            proxy = Proxy((key,), expression, kind)
            self._proxies[key] = weakref.ref(proxy, lambda reference: self._gone(key, reference))
        return proxy

    def _refer(self, value: Any) -> tuple:
        """The reference that stands for a value on the student's side."""
        if isinstance(value, Proxy):
            known = reference(value)
            if len(known) == 1 and (known[0] not in self._proxies or self._proxies[known[0]]() is not value):
                raise ReferenceError(f"{describe(value)} is no longer there: its process has ended")
            return known
        if isinstance(value, np.random.Generator):
            return self._refer(self._generator(value))
        home, named = getattr(value, "__module__", None) or "numpy", getattr(value, "__name__", "")
        if home.partition(".")[0] in OUR_LIBRARIES and getattr(sys.modules.get(home), named, None) is value:
            return home, named
        if callable(value):
            raise TypeError(
                f"{value!r} lives in the tests; mark it with @on_student_side to send it to the student's side"
            )
        raise TypeError(f"a {type(value).__name__} cannot be sent to the student's side")

    def _generator(self, own: np.random.Generator) -> Proxy:
        """The same generator over there: made where `own` stands when it is first sent, it goes on by itself."""
        if id(own) not in self._generators:
            there = remote("rng", "__main__.generator", own.bit_generator.state)
            self._generators[id(own)] = own, there
        return self._generators[id(own)][1]

    def _gone(self, key: int, reference: weakref.ref[Proxy]) -> None:
        """The tests hold no proxy of this object any more: the student's side may let go of it."""
        if self._proxies.get(key) is reference:
            del self._proxies[key]
            self._dropped.add(key)


class _Answer:
    """One answer of the student's side, which may say anything: what is not an answer to the question is Unreadable."""

    def __init__(self, bridge: Bridge, expression: str, question: int) -> None:
        self.bridge, self.expression, self.question, self.proxies = bridge, expression, question, 0

    def proxy(self, key: Any, kind: Any) -> Proxy:
        self.proxies += 1
        if type(key) is not int or not 0 <= key < 1 << 63 or type(kind) is not str or self.proxies > MOST_PROXIES:
            raise ValueError("this is not a reference")
        return self.bridge._proxy(key, visible(kind[:WIDTH]), self.expression)

    def checked(self, answer: Any) -> tuple[bool, Any]:
        if type(answer) is list and len(answer) == 3:
            question, done, value = answer
            if question == self.question and (done is True or _is_failure(done, value)):
                return done, value
        raise wire.Unreadable("this is not an answer")


def _is_failure(done: Any, value: Any) -> bool:
    known = dict(types=list, message=str, args=tuple, attributes=dict, frames=list)
    if done is not False or type(value) is not dict or value.keys() != known.keys():
        return False
    if any(type(value[key]) is not kind for key, kind in known.items()) or not value["types"]:
        return False
    frames = (type(frame) is tuple and tuple(map(type, frame)) == (str, int, str) for frame in value["frames"])
    return all(type(kind) is str for kind in value["types"]) and all(frames)


def reference(proxy: Proxy) -> tuple:
    """Return what stands for a proxy when it is sent."""
    return object.__getattribute__(proxy, "_reference")


def made_by(proxy: Proxy) -> str:
    """Return the expression that made a proxy."""
    return object.__getattribute__(proxy, "_expression")


def kind(proxy: Proxy) -> str:
    """Return the name of the type that a proxy's object has."""
    return object.__getattribute__(proxy, "_kind")


def _exception(failure: dict[str, Any]) -> Exception:
    """An exception from the student's side as the nearest built-in one; `types` and `frames` say what it was there."""
    message, types = failure["message"][:10_000], [visible(name[:WIDTH]) for name in failure["types"][:20]]
    error: Exception = RuntimeError(message)
    for name in types:
        kind = getattr(builtins, name, None)
        if kind is Exception or kind is BaseException or name in ("SystemExit", "KeyboardInterrupt", "GeneratorExit"):
            what = "sys.exit" if name == "SystemExit" else types[0]
            error = error if kind is Exception else Exited(f"it called {what}")
            break
        if isinstance(kind, type) and issubclass(kind, Exception):
            error = _made(kind, failure["args"], message)
            break
    vars(error).update(failure["attributes"])
    error.types = types
    error.frames = [(file[:LONGEST_NAME], line, name[:LONGEST_NAME]) for file, line, name in failure["frames"][-20:]]
    return error


def _made(kind: type[Exception], args: tuple, message: str) -> Exception:
    """An exception of this kind that says `message`, from its own arguments if it can be."""
    try:
        error = kind(*args)
        if str(error) == message:
            return error
        return kind(message)
    except Exception:  # UnicodeDecodeError and its kin want more than a message
        base = kind.__base__
        return _made(base, (message,), message) if issubclass(base, Exception) else RuntimeError(message)


def name(module: str, path: str) -> Proxy:
    """A name in a module on the student's side, looked up afresh each time it is used."""
    return Proxy((module, path), path or module, "name")


def remote(expression: str, function: str | Proxy, *args: Any, **kwargs: Any) -> Any:
    """Call a proxy, or a function named `module.path`, on the running test's bridge."""
    if current is None or current.process is None:
        raise RuntimeError(f"{expression}: the student's package can be used inside a test only")
    if isinstance(function, str):
        module, _, path = function.partition(".")
        function = Proxy((module, path), function, "name")
    return current.call(expression, function, *args, **kwargs)


class Proxy:
    """Something on the student's side."""

    __slots__ = ("__weakref__", "_expression", "_kind", "_reference")
    __array_ufunc__ = None  # `ndarray + proxy` is the student's to answer, not NumPy's

    def __init__(self, stands_for: tuple, expression: str, kind: str) -> None:
        object.__setattr__(self, "_reference", stands_for)
        object.__setattr__(self, "_expression", expression)
        object.__setattr__(self, "_kind", kind)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        parts = [describe(arg) for arg in args] + [f"{key}={describe(value)}" for key, value in kwargs.items()]
        if current is not None:
            current.given = [*args, *kwargs.values()]
            current.earlier.extend(value for value in current.given if _holds_numbers(value))
        return remote(f"{inner(self)}({', '.join(parts)})", self, *args, **kwargs)

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__") and attribute.endswith("__") and attribute not in ("__name__", "__doc__"):
            raise AttributeError(attribute)  # what Python, NumPy and pytest look for on any object
        value = remote(f"{inner(self)}.{attribute}", "builtins.getattr", self, attribute)
        return Fetched(value, self, attribute) if type(value) is np.ndarray else value

    def __setattr__(self, attribute: str, value: Any) -> None:
        if isinstance(value, Fetched) and value.came_from(self, attribute):
            return  # the end of `x.data += 1`: it is there already
        remote(f"{inner(self)}.{attribute} = {describe(value)}", "builtins.setattr", self, attribute, value)

    def __delattr__(self, attribute: str) -> None:
        remote(f"del {inner(self)}.{attribute}", "builtins.delattr", self, attribute)

    def __getitem__(self, index: Any) -> Any:
        return remote(f"{inner(self)}[{_index(index)}]", "operator.getitem", self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        remote(f"{inner(self)}[{_index(index)}] = {describe(value)}", "operator.setitem", self, index, value)

    def __delitem__(self, index: Any) -> None:
        remote(f"del {inner(self)}[{_index(index)}]", "operator.delitem", self, index)

    def __bool__(self) -> bool:
        raise TypeError(f"whether {describe(self)} is true is not the student's to say: compare numbers or arrays")

    def __contains__(self, item: Any) -> bool:
        raise TypeError(f"what is in {describe(self)} is not the student's to say: compare a list or a dict")

    def __iter__(self) -> Any:
        return remote(f"iter({describe(self)})", "builtins.iter", self)

    def __next__(self) -> Any:
        return remote(f"next({describe(self)})", "builtins.next", self)

    def __enter__(self) -> Any:
        enter = remote(f"with {describe(self)}", "builtins.getattr", self, "__enter__")
        return remote(f"with {describe(self)}", enter)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        failed = () if error is None else (kind.__name__, str(error) if hasattr(error, "types") else "")
        last = current.last if current else None
        result = remote(f"leaving with {describe(self)}", "__main__.leave", self, *failed)
        current.last = last  # a report shows the call inside the block
        return result

    def __instancecheck__(self, value: Any) -> bool:
        return remote(f"isinstance({describe(value)}, {describe(self)})", "builtins.isinstance", value, self)

    def __subclasscheck__(self, value: Any) -> bool:
        return remote(f"issubclass({describe(value)}, {describe(self)})", "builtins.issubclass", value, self)

    def __copy__(self) -> Any:
        return remote(f"copy.copy({describe(self)})", "copy.copy", self)

    def __deepcopy__(self, memo: dict) -> Any:
        return remote(f"copy.deepcopy({describe(self)})", "copy.deepcopy", self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        array = remote(f"np.asarray({describe(self)})", "numpy.asarray", self)
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{describe(self)} cannot be read as an array of numbers")
        return array if dtype is None else array.astype(dtype)

    def __repr__(self) -> str:
        return f"<{self._expression}>"

    # Two proxies are equal if they stand for one thing; the student's `==` is not asked, nor told what was expected.
    # What it answers, a test asks with a helper.
    __eq__, __hash__ = object.__eq__, object.__hash__

    def __ne__(self, other: Any) -> bool:
        return isinstance(other, Proxy) and self is not other  # to a value it is neither equal nor unequal


class Fetched(np.ndarray):
    """An array read from an attribute over there. It is a copy; what is assigned to its items is assigned there too."""

    _source: tuple[Proxy, str] | None = None

    def __new__(cls, array: np.ndarray, owner: Proxy, attribute: str) -> Fetched:
        fetched = array.view(cls)
        fetched._source = owner, attribute
        fetched.flags.writeable = False  # a write that would be lost is an error
        return fetched

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        plain = array.view(np.ndarray)
        return plain[()] if return_scalar else plain

    def __getitem__(self, index: Any) -> Any:
        return self.view(np.ndarray)[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        if self._source is None:
            return super().__setitem__(index, value)
        owner, attribute = self._source
        expression = f"{inner(owner)}.{attribute}[{_index(index)}] = {describe(value)}"
        remote(expression, "__main__.write", owner, attribute, index, value)
        self.flags.writeable = True
        super().__setitem__(index, value)
        self.flags.writeable = False

    def came_from(self, owner: Proxy, attribute: str) -> bool:
        return self._source is not None and self._source[0] is owner and self._source[1] == attribute


wire.BY_TYPE[Fetched] = wire.BY_TYPE[np.ndarray]


def _add_operators() -> None:
    """Give Proxy the operators: each is `operator`'s function of that name, on the student's side."""

    def one(function: str, shown: str) -> Any:
        return lambda self, *options: remote(shown.format(inner(self)), function, self, *options)

    def two(function: str, sign: str, swapped: bool = False) -> Any:
        def method(self: Proxy, other: Any) -> Any:
            left, right = (other, self) if swapped else (self, other)
            return remote(f"{inner(left)} {sign} {inner(right)}", function, left, right)

        return method

    def order(function: str, sign: str) -> Any:
        compare = two(function, sign)

        def method(self: Proxy, other: Any) -> Any:
            result = compare(self, other)
            return result if isinstance(result, Proxy) else False  # a plain answer would be the student's own verdict

        return method

    def in_place(operator: Any) -> Any:
        def method(self: Fetched, other: Any) -> Fetched:
            self[...] = operator(self, other)
            return self

        return method

    arithmetic = dict(add="+", sub="-", mul="*", truediv="/", floordiv="//", mod="%", pow="**", matmul="@")
    arithmetic |= {"and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>"}
    for key, sign in arithmetic.items():
        setattr(Proxy, f"__{key}__", two(f"operator.__{key}__", sign))
        setattr(Proxy, f"__r{key}__", two(f"operator.__{key}__", sign, swapped=True))
        setattr(Proxy, f"__i{key}__", two(f"operator.__i{key}__", f"{sign}="))
        setattr(Fetched, f"__i{key}__", in_place(getattr(np.ndarray, f"__{key}__")))
    for key, sign in dict(lt="<", le="<=", gt=">", ge=">=").items():
        setattr(Proxy, f"__{key}__", order(f"operator.{key}", sign))
    for key, sign in dict(neg="-{}", pos="+{}", invert="~{}", abs="abs({})").items():
        setattr(Proxy, f"__{key}__", one(f"operator.{key}", sign))
    for key in ("len", "int", "float", "str", "complex", "round", "format"):
        setattr(Proxy, f"__{key}__", one(f"builtins.{key}", key + "({})"))


_add_operators()


def _holds_numbers(value: Any) -> bool:
    """Whether it is an array, or a list that begins with numbers, or with such lists."""
    return isinstance(value, np.ndarray) or (
        type(value) is list and bool(value) and isinstance(value[0], int | float | list)
    )


def describe(value: Any) -> str:
    """A value as it would stand in an expression, kept short: `ones (4, 3)`, `[1. 2.]`, `Tensor([1, 2]) + 1`."""
    if isinstance(value, Proxy):
        text = made_by(value)
        if len(text) <= WIDTH:
            return text
        return f"<{kind(value)}>"
    if isinstance(value, np.ndarray):
        return _describe_array(value)
    if isinstance(value, np.random.Generator):
        return "rng"
    if callable(value) and getattr(np, getattr(value, "__name__", ""), None) is value:
        return f"np.{value.__name__}"
    if isinstance(value, list | tuple | dict):
        return _describe_items(value)
    text = value.__name__ if isinstance(value, type) else repr(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 2] + " …"


def _describe_items(value: list | tuple | dict) -> str:
    """As `describe`, for what holds several values; where there is no room for them, the first ones."""
    named = isinstance(value, dict)
    opening, closing = "{}" if named else "[]" if isinstance(value, list) else "()"
    items = list(islice(value.items() if named else enumerate(value), WIDTH))
    for proxies in (describe, lambda proxy: f"<{kind(proxy)}>"):
        shown = [(proxies if isinstance(item, Proxy) else describe)(item) for _, item in items]
        parts = [f"{key!r}: {text}" if named else text for (key, _), text in zip(items, shown)]
        if len(", ".join(parts)) <= WIDTH:
            break
    shown = ", ".join(parts)
    if len(shown) > WIDTH or len(items) < len(value):
        while len(parts) > 1 and len(", ".join(parts)) > WIDTH - 3:
            parts.pop()
        shown = ", ".join([*(part for part in parts if len(part) <= WIDTH), "…"])
    return f"{opening}{shown}{',' if opening == '(' and len(value) == 1 and shown != '…' else ''}{closing}"


def _describe_array(array: np.ndarray) -> str:
    shape = str(array.shape)
    if array.size == 0:
        return f"empty {shape}"
    if array.size > 1:
        first = array.flat[0]
        if first in (0, 1) and (array == first).all():
            return f"{'ones' if first else 'zeros'} {shape}"
    if 3 * array.size > WIDTH:
        return f"array {shape}"
    text = np.array2string(array, precision=4, separator=", ", max_line_width=10_000).replace("\n", "")
    text = " ".join(text.split())
    return f"array({text})" if len(text) <= WIDTH else f"array {shape}"


def inner(value: Any) -> str:
    """As `describe`, in brackets where an operator or a dot after it would bind tighter."""
    text = describe(value)
    depth = 0
    for character in text:
        depth += (character in "([{<") - (character in ")]}>")
        if character == " " and depth == 0:
            return f"({text})"
    return text


def _index(index: Any) -> str:
    if isinstance(index, tuple) and index:
        return ", ".join(_index(part) for part in index)
    if isinstance(index, slice):
        parts = ["" if part is None else describe(part) for part in (index.start, index.stop)]
        return ":".join(parts + ([describe(index.step)] if index.step is not None else []))
    return "..." if index is Ellipsis else describe(index)
