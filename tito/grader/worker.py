"""One submission, graded: a pure function of the notebook, the course's tests and a seed. Runs in a worker.

What counts is what the course handed out, with the student's answers in it: given cells, points and tests are the
course's own, whatever the submission says they are.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from tito.checker.check import Request, check
from tito.checker.process import Launcher
from tito.checker.repair import CannotImport
from tito.checker.report import Report
from tito.errors import TitoError, visible
from tito.grader.job import NBGRADER, Job, NotGradable, Result, module_of, submitted_cells
from tito.grader.limits import PATIENCE, OutOfTime, within
from tito.notebook import CellError, handed_out
from tito.submission import match

LARGEST_RESULT, LONGEST, LONGEST_PROBLEM = 1 << 20, 10_000, 1_000  # bytes of a result, characters of a text in it


def grade(job: Job, launcher: Launcher | None = None) -> Result:
    """Grade a submission. Whatever goes wrong becomes a Result. `launcher` is another than ours."""
    began, used = time.monotonic(), _cpu()
    result = Result(job.student, job.module, job.key)
    try:
        with within(PATIENCE):
            result.report = _fit(_found(job, launcher).to_json())
        if len(result.to_json().encode()) > LARGEST_RESULT:
            raise NotGradable("what came of it is too large to be kept.")
    except (NotGradable, CellError, CannotImport) as error:
        result.report, result.problem = None, str(error)
    except OutOfTime:  # on a busy machine it may be the machine's doing
        result.key, result.report, result.problem = "", None, f"it was not graded within {PATIENCE:g} s."
    except TitoError as error:
        result.key, result.report, result.problem = "", None, str(error)
    except Exception as error:  # one submission must not stop the others, whatever is in it
        result.key, result.report, result.problem = "", None, f"{type(error).__name__}: {error}"
    result.problem = _fit(result.problem[:LONGEST_PROBLEM])
    result.seconds, result.cpu = round(time.monotonic() - began, 3), round(_cpu() - used, 3)
    return result


def _fit(value: Any) -> Any:
    """What a worker found, with every text cut and cleaned, so that it can be kept whatever the student's code has said."""
    if isinstance(value, str):
        return visible(value if len(value) <= LONGEST else value[:LONGEST] + " …")
    if isinstance(value, dict):
        return {key: _fit(item) for key, item in value.items()}
    return [_fit(item) for item in value] if isinstance(value, list | tuple) else value


def _found(job: Job, launcher: Launcher | None) -> Report:
    """Have it graded by the engine that is asked for."""
    if job.engine == NBGRADER:
        from tito.grader.nbgrader_engine import autograde

        return autograde(job)
    from tito.grader.sandbox import Limited, sandbox

    module = module_of(job.workspace, job.module)
    where = f"{module.name}.ipynb"
    submission = match(submitted_cells(job.notebook, where), handed_out(module), where)
    with tempfile.TemporaryDirectory(prefix="tito-earlier-") as folder:
        earlier = Path(folder)
        for name, source in job.earlier.items():
            (earlier / f"{name}.py").write_text(source, encoding="utf-8")
        launcher = launcher or (sandbox() if job.sandboxed else Limited())
        return check(Request(module, submission, earlier=earlier, seed=job.seed, launcher=launcher, hidden=True))


def _cpu() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)
