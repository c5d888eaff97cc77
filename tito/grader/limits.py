"""What a submission may cost the process that grades it: that one is trusted, but it works on what the student's side sent."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 300.0  # seconds for a submission, the student's side and ours together
GRACE = 30.0  # seconds more, in which Python must have come to its senses
MEMORY = 2 << 30  # bytes that a worker may take for a submission


class OutOfTime(KeyboardInterrupt):
    """The time for a submission is over. Nothing on the way takes it for a test that failed."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let the block take this long. Raises OutOfTime in it then, where the system and the thread allow that."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    is_over = []

    def over(*_: object) -> None:
        is_over.append(True)
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 5)  # again, should it come where Python cannot raise anything
    try:
        yield
    except KeyboardInterrupt:
        if is_over:  # pytest makes another one of it while it collects
            raise OutOfTime from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def or_end(seconds: float) -> Iterator[None]:
    """End this process if the block takes longer, also where it hangs in code that is not Python."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def bound_memory() -> None:
    """Keep this process, and each that it starts, within what it has now and MEMORY more."""
    import resource

    with contextlib.suppress(OSError, ValueError, IndexError):  # no /proc, or a limit that is lower already
        most = _memory() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


@contextlib.contextmanager
def bounded_memory() -> Iterator[None]:
    """Let the block take MEMORY more than this process has now, where the system can see to it. Raises MemoryError in it."""
    try:
        import resource

        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_memory() + MEMORY, before[1]))
    except (ImportError, OSError, ValueError, IndexError):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _memory() -> int:
    """The bytes of address space that this process has. Raises OSError where the system does not say."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
