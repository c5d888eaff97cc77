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
import threading
from collections.abc import Iterator

from tito.errors import TitoError
from tito.grader.job import Job, Result, conditions, grade, module_of

_one_at_a_time = threading.Lock()  # a check belongs to a process; a worker with several threads takes turns


def on_cluster(address: str):
    """A grader whose jobs run on the workers of the scheduler at `address`."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise TitoError("grading on a cluster needs Dask: pip install tinytorch[cluster]") from None

    def grade_all(jobs: list[Job]) -> Iterator[Result]:
        try:
            client = Client(address, timeout=5, set_as_default=False)
        except (OSError, ValueError, asyncio.TimeoutError) as error:
            raise TitoError(f"no Dask scheduler answers at {address}: {error}") from None
        with client:
            running = {}
            for job in jobs:
                named = f"{job.module}-{job.student}-{job.key}"
                future = client.submit(_grade, job, _course(job.workspace, job.module, job.seed), key=named, retries=3)
                running[future] = job
            for future in as_completed(running, loop=client.loop):
                job = running[future]
                try:
                    yield future.result()
                except Exception as error:  # of the cluster: what is wrong with a submission is in a result
                    yield Result(job.student, job.module, "", problem=f"the cluster could not grade it: {error}")

    return grade_all


def _grade(job: Job, course: str) -> Result:
    with _one_at_a_time:
        if _course(job.workspace, job.module, job.seed) != course:
            return Result(job.student, job.module, "", problem="the worker has another version of the course")
        return grade(job)


@functools.cache
def _course(workspace: str, module: str, seed: int) -> str:
    """A digest of all that marks depend on, as it is on this machine."""
    return conditions(module_of(workspace, module), seed)
