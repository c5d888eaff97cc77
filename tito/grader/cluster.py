"""Grading on a Dask cluster: the same jobs, run by workers on other machines.

A worker that is lost loses nothing: its jobs run again elsewhere, and only this process writes marks. Each worker's
machine has a checkout of the same course, and bubblewrap. A scheduler runs what it is sent: it belongs into a network
of its own.

    dask scheduler                                                  # on one machine
    dask worker tcp://SCHEDULER:8786 --nworkers 2 --nthreads 1      # on each, in its checkout
"""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tito.errors import MachineError, TitoError
from tito.grader.job import Job, Result, conditions, module_of
from tito.grader.worker import grade

if TYPE_CHECKING:
    from distributed import Client, Future, as_completed

PATIENCE = 60  # seconds without a worker
GO_ON = "What was graded is in the gradebook, and the same command goes on from there."
_one_at_a_time = threading.Lock()  # a check belongs to a process; a worker with several threads takes turns


def on_cluster(address: str):
    """A grader whose jobs run on the workers of the scheduler at `address`."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise TitoError("grading on a cluster needs Dask: pip install tinytorch[cluster].") from None

    for logger in (
        "distributed",
        "distributed.client",
        "tornado.application",
        "asyncio",
    ):  # where a lost scheduler is told, in tracebacks
        logging.getLogger(logger).setLevel(logging.CRITICAL + 1)

    def grade_all(jobs: list[Job]) -> Iterator[Result]:
        try:
            client = Client(address, timeout=5, set_as_default=False)
        except (OSError, ValueError, asyncio.TimeoutError) as error:
            raise MachineError(f"no Dask scheduler answers at {address}: {error}.") from None
        with client:
            running = {}
            for job in jobs:
                named = f"{job.module}-{job.student}-{job.key}"
                future = client.submit(_grade, job, _course(job.workspace, job.module, job.seed), key=named, retries=3)
                running[future] = job
            for future in _completed(client, as_completed(running, loop=client.loop), address):
                yield _result(running[future], future, address)

    return grade_all


def _completed(client: Client, futures: as_completed, address: str) -> Iterator[Future]:
    """The futures as they are done. Raises MachineError if for a while there is no worker to do them."""
    asked = worked = time.monotonic()  # when workers were counted last, and when there were any
    while futures.count():
        batch = futures.next_batch(block=False)
        yield from batch
        if batch or time.monotonic() - asked < PATIENCE / 10:
            time.sleep(0.02)
            continue
        asked = time.monotonic()
        try:
            worked = asked if client.scheduler_info()["workers"] else worked
        except OSError:
            raise MachineError(f"the Dask scheduler at {address} is gone. {GO_ON}") from None
        if asked - worked > PATIENCE:
            raise MachineError(f"the Dask scheduler at {address} has had no worker for {PATIENCE} s. {GO_ON}")


def _result(job: Job, future: Future, address: str) -> Result:
    """What came of a job. Raises MachineError if the scheduler is gone, which takes along all that is left."""
    if future.status == "cancelled":
        raise MachineError(f"the Dask scheduler at {address} is gone. {GO_ON}")
    try:
        return future.result()
    except Exception as error:  # of the cluster: what is wrong with a submission is in a result
        return Result(job.student, job.module, "", problem=f"the cluster could not grade it: {type(error).__name__}")


def _grade(job: Job, course: str) -> Result:
    with _one_at_a_time:
        if _course(job.workspace, job.module, job.seed) != course:
            return Result(job.student, job.module, "", problem="the worker has another version of the course")
        return grade(job)


@functools.cache
def _course(workspace: str, module: str, seed: int) -> str:
    """A digest of all that marks depend on, as it is on this machine."""
    return conditions(module_of(workspace, module), seed)
