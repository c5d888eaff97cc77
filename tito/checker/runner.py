"""Running test files with pytest, in this process: collected once, run as often as there are packages to check.

The tests get a `tinytorch` made of proxies, and what happened in each of them is written down.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import importlib.abc
import importlib.machinery
import os
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _pytest.assertion import util as assertion

from tito.checker import bridge, raised, relations
from tito.checker.bridge import Bridge, Died, Proxy, StudentError, TimedOut, kind, made_by
from tito.checker.mistakes import PASSED, happened, normalised
from tito.checker.report import Outcome
from tito.checker.values import asked, at, clip, first_difference, helper, only_difference, show
from tito.errors import MachineError, TitoError, visible
from tito.testing import Latest, Mismatch, Verbatim
from tito.workspace import HIDDEN

SHORT = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.EIO)
LIMIT = 5.0  # seconds for a test
LIMIT_OF_ONE_MORE_TRY = 0.5
LIMIT_AFTER = 2.0  # and for those of the same file after one has run out of time;
MOST_SLOW = 3  # after this many the rest of the file fails at once
MOST_STARTED = 100  # processes for one submission: once these have died, no test gets another
LONGEST_CALL = 160  # characters of the expression that was evaluated
UNWANTED = [  # pytest's own plugins that cost time with each test, and do nothing here
    *(
        "cacheprovider",
        "debugging",
        "doctest",
        "faulthandler",
        "junitxml",
        "logging",
        "monkeypatch",
        "pastebin",
        "recwarn",
    ),
    *("setuponly", "setupplan", "stepwise", "terminal", "threadexception", "tmpdir", "unittest", "unraisableexception"),
    *("capture", "warnings"),
]


class ProxyFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes `from tinytorch.tensor import Tensor` give a proxy for that name, whether or not it is there."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] == "tinytorch":
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)

        def lookup(attribute: str) -> Proxy:
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return bridge.name(spec.name, attribute)

        module.__getattr__ = lookup
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        pass

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        _forget("tinytorch")
        sys.meta_path.insert(0, self)
        try:
            yield
        finally:
            sys.meta_path.remove(self)
            _forget("tinytorch")


def _exercise(item: pytest.Item) -> str:
    """The exercise whose test this is."""
    return item.path.stem.removeprefix("test_")


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def run_tests(files: list[Path], bridge: Bridge, seed: int, first: int | None = None) -> dict[str, list[Outcome]]:
    """Run these test files against the package beyond a bridge; outcomes by exercise, in order.

    With the number of a case that is to be the `first`, they end with the first that fails, and that is all that is said
    of it. Raises TitoError if the tests themselves are at fault.
    """
    if not files:
        return {}
    with ProxyFinder().installed(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        try:
            return _collected(known).run(bridge, seed, first)
        except BaseException:  # pytest was stopped in the middle: it cannot run these tests again
            _collected.cache_clear()
            raise


@functools.lru_cache(maxsize=8)
def _collected(files: tuple[tuple[str, int, int], ...]) -> Tests:
    """Collect the tests in these files of one module, as they are at this time and of this size."""
    folder = os.path.dirname(files[0][0])
    names = [os.path.relpath(path, folder) for path, *_ in files]
    options = ["--collect-only", "--import-mode=importlib", "--noconftest", "-c", os.devnull]
    options += ["--rootdir=.", "--confcutdir=."]  # else it looks through every folder above this one
    options += [part for unwanted in UNWANTED for part in ("-p", f"no:{unwanted}")]
    tests = Tests()
    with _alone_in(folder):
        code = pytest.main([*options, *names], plugins=[tests])
    if tests.errors:
        raise TitoError(f"the tests themselves do not run:\n{tests.errors[0]}")
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise TitoError(f"the tests could not be run (pytest ended with {int(code)}).")
    return tests


@contextlib.contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """Let pytest see nothing of the environment: no options, and no plugins, which take ten times as long as a check.

    It works in the tests' own folder, as a path that is given to it is searched for patterns and variables.
    """
    before, here = {name: value for name, value in os.environ.items() if name.startswith("PYTEST")}, os.getcwd()
    for name in before:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(before)


def _of_the_machine(error: BaseException | None) -> bool:
    """Tell whether a test ended for want of disk, memory or processes on this side, which says nothing of the student."""
    if isinstance(error, OSError):
        return error.errno in SHORT and not hasattr(error, "types")
    return isinstance(error, MachineError)


class Tests:
    """A pytest plugin that keeps the tests which were collected, and runs them."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = session.items
        for item in self._items:  # so that the file is read again if it changes
            sys.modules.pop(item.module.__name__, None)

    def run(self, bridge: Bridge, seed: int, first: int | None = None) -> dict[str, list[Outcome]]:
        """Run every test; outcomes by exercise, in order. Or from this one on, as long as they pass."""
        self.bridge, self.seed = bridge, seed
        self._explaining = first is None
        self.limit = LIMIT if self._explaining else LIMIT_OF_ONE_MORE_TRY
        self.outcomes: dict[str, list[Outcome]] = {}
        self._slow: dict[str, int] = {}  # how many tests of an exercise have run out of time
        self._compared: tuple[Any, ...] = ()  # the two sides of the comparison that failed,
        self._comparisons = 0  # and which of the assertion's it was
        self._fault: BaseException | None = None
        self._hidden: dict[Path, list[str]] = {}  # hidden tests have numbers: their names would give them away
        start = first or 0
        items = [*self._items[start:], *self._items[:start]]
        for item, following in zip(items, [*items[1:], None]):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._fault:
                raise self._fault
            if first is not None and not self.outcomes[_exercise(item)][-1].passed:
                break
        return self.outcomes

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """Random numbers from a seed that the runner chose and the student's code does not know."""
        name = f"{request.node.path.name}::{request.node.name}"
        return np.random.default_rng(int(hashlib.sha256(f"{self.seed} {name}".encode()).hexdigest()[:16], 16))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._compared, self._comparisons = (), 0
        slow = self._slow.get(_exercise(item), 0)
        if slow >= MOST_SLOW:
            raise TimedOut(f"{slow} tests before it have run out of time")
        if self.bridge.lost and self.bridge.launcher.started >= MOST_STARTED:
            raise Died(f"its process has died {MOST_STARTED} times in the tests so far")
        first = self._explaining and _exercise(item) not in self.outcomes
        self.bridge.begin(min(LIMIT_AFTER, self.limit) if slow else self.limit, first)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        # what pytest itself has to say of two values that differ can take minutes, if one of them was made for that
        assertion._reprcompare = self._compare

    def _compare(self, op: str, left: Any, right: Any) -> None:
        self._comparisons += 1
        if op in ("==", "is"):
            self._compared = (left, right)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> pytest.TestReport:
        """Write down the outcome. Pytest's own way of showing an error costs more than the test, and trusts the error."""
        error = call.excinfo.value if call.excinfo else None
        if _of_the_machine(error):
            self._fault = error
        elif call.when != "teardown" and (error or call.when == "call"):
            self.outcomes.setdefault(_exercise(item), []).append(self._outcome(item, error))
            if isinstance(error, TimedOut):
                self._slow[_exercise(item)] = self._slow.get(_exercise(item), 0) + 1
        return pytest.TestReport(item.nodeid, item.location, {}, "failed" if error else "passed", None, call.when)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(str(report.longrepr))

    def _outcome(self, item: pytest.Item, error: BaseException | None) -> Outcome:
        function = getattr(item, "originalname", item.name)
        before = self.outcomes.get(_exercise(item), [])
        if item.path.parent.name == HIDDEN:
            known = self._hidden.setdefault(item.path, [])
            known += [function] * (function not in known)
            problem = "" if error is None else "What it asks for does not hold."
            return Outcome(f"hidden test {known.index(function) + 1}", error is None, problem=problem)
        self._shown = all(other.passed for other in before)  # a report shows the first failure only
        outcome = Outcome(function.removeprefix("test_").replace("_", " "), error is None)
        outcome.printed = visible(clip(self.bridge.process.printed)) if self.bridge.process else ""
        if error is None:
            outcome.happened = PASSED
        if error is None or not self._explaining:
            return outcome
        try:
            self._explain(outcome, item, error)
        except Exception as second:  # what came back is so odd that it cannot be shown
            outcome.problem = f"What came back cannot be shown ({type(second).__name__})."
            outcome.happened = {"cannot be shown": type(second).__name__}
        outcome.helper = helper(outcome.call, item.module) if self._shown else ""
        if line := at(error.__traceback__, item.path)[1]:
            outcome.test = f"tests/{item.path.parent.name}/{item.path.name}, line {line}"
        for name in ("blank", "call", "returned", "expected", "problem"):
            setattr(outcome, name, visible(getattr(outcome, name)))
        if len(outcome.call) > LONGEST_CALL:
            outcome.call = outcome.call[:LONGEST_CALL] + " …"
        return outcome

    def _show(self, outcome: Outcome, item: pytest.Item, error: BaseException, returned: Any, *expected: Any) -> None:
        """Say which expression was evaluated, what it gave, and what it should have given, if that is known."""
        if not self._shown:
            return
        call, result = self.bridge.last or ("", ...)
        if not expected and not isinstance(error, AssertionError):
            outcome.returned = "" if returned is ... else show(returned)
            return
        if isinstance(returned, Proxy) and expected:
            outcome.call = made_by(returned)
        elif not expected or (returned is not result and getattr(returned, "base", None) is not result):
            outcome.call = asked(error.__traceback__, item.path, self._comparisons - 1 if expected else 0) or call
        if returned is not ...:
            outcome.returned = show(returned) if expected else ""
        outcome.expected = show(expected[0]) if expected else ""
        if expected and (different := first_difference(returned, expected[0])):
            outcome.returned, outcome.expected, where = different
            outcome.problem = f"{outcome.problem} {where}".strip()
        elif expected and not outcome.problem:
            outcome.problem = only_difference(returned, expected[0], self.bridge.given)

    def _given(self) -> list[Any]:
        """What was handed in last, as far as it holds numbers and asking for them does nothing else."""
        given = self.bridge.given
        return [value for value in given if not isinstance(value, Proxy) or kind(value) in ("Tensor", "Parameter")]

    def _related(self, returned: Any, expected: Any) -> relations.Related | None:
        return relations.between(returned, expected, self._given(), self.bridge.earlier)

    def _explain(self, outcome: Outcome, item: pytest.Item, error: BaseException) -> None:
        outcome.call, result = self.bridge.last or ("", ...)
        outcome.frames = [frame for frame in getattr(error, "frames", []) if frame[0].startswith("tinytorch")]
        kinds = getattr(error, "types", None)
        if kinds and kinds[0] == "NotImplementedError" and str(error).isidentifier():
            outcome.blank = str(error)
            outcome.happened = {"blank": str(error)}
            outcome.problem = f"`{error}` is not written yet"
        elif isinstance(error, Mismatch):
            returned = result if error.returned is Latest else error.returned
            if error.worth_saying:
                outcome.problem = f"{str(error)[0].upper()}{str(error)[1:]}."
            self._show(outcome, item, error, returned, error.expected)
            outcome.related = self._related(returned, error.expected)
            said = "said" if isinstance(error.expected, Verbatim) else "returned"
            outcome.happened = {said: happened(returned), "but": normalised(str(error))}
        elif isinstance(error, StudentError):
            outcome.problem = f"No answer: {error}."
            outcome.happened = {"no answer": type(error).__name__}
        elif kinds:
            outcome.problem = f"It raised {kinds[0]}: {error}"
            outcome.instead_of = outcome.expected = getattr(error, "instead_of", "")
            outcome.meaning = visible(raised.meaning(kinds, str(error)))
            outcome.happened = {"raised": kinds[0], "saying": normalised(str(error))}
            if kinds[0] == "AttributeError" and str(error).startswith("module 'tinytorch"):
                outcome.problem = (
                    f"The package has no `{str(error).split(chr(39))[-2]}`: is its cell there, and was it run?"
                )
        else:
            returned = self._compared[0] if self._compared else result
            outcome.happened = {"returned": "" if returned is ... else happened(returned)}
            if not isinstance(error, AssertionError):
                outcome.problem = f"The test could not go on: {type(error).__name__}: {error}"
                outcome.happened["then"] = type(error).__name__
            elif not self._compared:
                outcome.problem = "That does not hold."
            self._show(outcome, item, error, returned, *self._compared[1:2])
            if self._compared and isinstance(error, AssertionError):
                outcome.related = self._related(*self._compared)
