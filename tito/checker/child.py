"""The student's side of a check: holds the package and does what it is asked, one call after the other.

Run as a script, `python -I child.py CONNECTION PARENT MEMORY STACKS LIBRARIES`, by `tito.checker.process`; in a browser,
imported by `tito.checker.within`. Nothing here is secret and nothing here decides anything: verdicts and expected values
stay on the other side.
"""

import builtins
import faulthandler
import functools
import gc
import importlib
import linecache
import os
import random
import signal
import socket
import sys
import traceback
import types
import warnings

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    HERE, LIBRARIES = os.path.dirname(os.path.abspath(__file__)), sys.argv[5]
    if LIBRARIES not in sys.path:  # in a sandbox, Python does not look for them itself
        sys.path.append(LIBRARIES)
    sys.path.insert(0, HERE)
    import wire

    sys.path.remove(HERE)
else:
    from tito.checker import wire

OPTIMIZED = 1  # the flag of a function's code, which a class's has not
objects = {}  # what the tests hold references to, by number


def refer(value):
    """A reference to an object that stays here: its number and its type's name."""
    key = id(value)
    objects[key] = value
    return key, type(value).__name__


def resolve(key, name=None, source=None, names=None):
    """The object a reference stands for: a number given out earlier, a name in a module, or a test's helper."""
    if name is None:
        return objects[key]
    if source is not None:
        return define(name, source, names)
    found = sys.modules[__name__] if key == "__main__" else importlib.import_module(key)
    for part in name.split(".") if name else ():
        found = getattr(found, part)
    return found


class Reference:
    """A reference still to be resolved, so that a missing name is the caller's error and not the frame's."""

    def __init__(self, *parts):
        self.parts = parts


def resolved(value):
    if isinstance(value, Reference):
        return resolve(*value.parts)
    if wire.COLLECTIONS.get(type(value).__name__) is type(value):
        return type(value)(resolved(item) for item in value)
    if type(value) is dict:
        return {resolved(key): resolved(item) for key, item in value.items()}
    if type(value) is slice:
        return slice(resolved(value.start), resolved(value.stop), resolved(value.step))
    return value


def define(name, source, names):
    """A test's helper function, beside the student's code; `names` are references to what it uses of the package."""
    filename = f"<{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    space = {"np": importlib.import_module("numpy")} | {key: resolve(*names[key]) for key in names}
    exec(compiled(source, filename, "exec"), space)
    return space[name]


compiled = functools.lru_cache(compile)


def write(owner, attribute, index, value):
    """Assign to items of an array that is an attribute of `owner`."""
    getattr(owner, attribute)[index] = value


def leave(manager, kind=None, message=""):
    """End a `with` block that the test opened, and in which it failed if there is a `kind` of error."""
    if kind is None:
        return manager.__exit__(None, None, None)
    kind = getattr(builtins, kind, RuntimeError)
    return manager.__exit__(kind, kind(message), None)


def exchange(module, lines, source):
    """Let the functions that stand in these lines of a module do what those of their names do in this source.

    Whoever holds such a function (a class, a table of rules) holds it still. Returns whether that can be done.
    """
    file = importlib.import_module(module).__file__
    place = (file, *lines)
    if place not in exchanged:
        exchanged[place] = [
            value
            for value in gc.get_objects()
            if type(value) is types.FunctionType
            and value.__code__.co_filename == file
            and value.__code__.co_firstlineno in lines
            and "<locals>" not in value.__qualname__
        ]
    functions, codes = exchanged[place], outermost(compile(source, file, "exec"))
    codes = {code.co_name: code for code in codes}
    if codes.keys() != {function.__name__ for function in functions} or len(codes) != len(functions):
        return False
    if any(function.__code__.co_freevars != codes[function.__name__].co_freevars for function in functions):
        return False
    for function in functions:
        function.__code__ = codes[function.__name__]
    return True


exchanged = {}  # by file and lines, the functions that stand there


def outermost(code):
    """The code of the functions in a module or a class that are in no other function."""
    inner = [part for part in code.co_consts if type(part) is types.CodeType]
    return [found for part in inner for found in ([part] if part.co_flags & OPTIMIZED else outermost(part))]


def generator(state):
    """A generator of random numbers that goes on where the test's own stands."""
    bits = getattr(importlib.import_module("numpy.random"), state["bit_generator"])()
    bits.state = state
    return importlib.import_module("numpy.random").Generator(bits)


def failure(error, package):
    """What there is to say about an exception: its types, its message and the lines of the package it came through."""
    frames = [
        (os.path.relpath(frame.filename, package), frame.lineno, frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(package)
    ]
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(package):
        frames.append((os.path.relpath(error.filename, package), error.lineno or 1, "<module>"))
    try:
        message, made_from, attributes = str(error)[:10_000], error.__reduce__()[1], vars(error)
    except Exception as second:
        message, made_from, attributes = f"(its message cannot be shown: {type(second).__name__})", (), {}
    types = [kind.__name__ for kind in type(error).__mro__]
    return {"types": types, "message": message, "args": made_from, "attributes": attributes, "frames": frames}


def connect(where):
    """The connection to the tests: an inherited descriptor, or PORT:TOKEN where descriptors are not inherited."""
    if ":" not in where:
        return socket.socket(fileno=int(where))
    port, token = where.split(":")
    connection = socket.create_connection(("127.0.0.1", int(port)))
    connection.sendall(bytes.fromhex(token))
    return connection


def limit(memory):
    """Keep the process within `memory` bytes, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # Windows has no such limit; macOS refuses this one


def end_with_parent():
    """Be killed when the tests' process dies, even inside a loop that never comes back to the connection (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def answer(connection, package):
    """Do what the next question asks, and send what comes of it."""
    (question, function, args, kwargs, dropped), _ = wire.receive(connection, Reference)
    for key in dropped:
        objects.pop(key, None)
    try:
        reply = [question, True, resolved(function)(*resolved(args), **resolved(kwargs))]
    except BaseException as error:  # sys.exit and KeyboardInterrupt too: they are the student's, not ours
        reply = [question, False, failure(error, package)]
    for stream in (sys.stdout, sys.stderr):  # what was printed is there before the answer is
        try:
            stream.flush()
        except Exception:
            pass  # it was closed, or replaced
    try:
        wire.send(connection, reply, refer)
    except Exception as error:
        wire.send(connection, [question, False, failure(error, package)], refer)


def main():
    where, parent, memory, stacks = sys.argv[1:5]
    sys.argv = [""]
    connection = connect(where)
    connection.set_inheritable(False)
    end_with_parent()
    if stacks:
        faulthandler.register(signal.SIGUSR1, file=int(stacks), all_threads=False)
    import numpy  # before the limit, which its threads' stacks would count against

    # Generators without a seed take other numbers each time, in each process the same: so a mark is not left to chance,
    # and neither is which mistake is recognised.
    numpy.random.bit_generator.randbits = random.Random(0).getrandbits
    numpy.random.seed(0)
    random.seed(0)

    sys.stdout.reconfigure(line_buffering=True)  # what was printed is seen, however the process ends
    warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's remarks on inf and nan, which tests provoke
    limit(int(memory))
    package = os.path.join(parent, "")
    sys.path.insert(0, parent)
    while True:
        try:
            answer(connection, package)
        except wire.Closed:
            return


if __name__ == "__main__":
    main()
