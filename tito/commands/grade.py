"""`tito grade`: for instructors, from what was handed in to marks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tito.errors import COULD_NOT_TELL, NOT_PASSED, PASSED, TitoError, counted

if TYPE_CHECKING:
    from tito.grader.course import GradingCourse
    from tito.grader.job import Result
    from tito.grader.status import Row
    from tito.workspace import Module


def _count(text: str) -> int:
    """A number of workers, for argparse."""
    if (count := int(text)) < 1:
        raise ValueError(text)
    return count


_count.__name__ = "number of workers"
MODULE = (["module"], {"metavar": "N", "help": "the module: 01, 1 or tensor"})
COURSE = (["--course"], {"metavar": "DIR", "help": "the grading course (default: the one around this folder)"})
ACTIONS = {
    "init": (
        "make an nbgrader course from the modules",
        "tito grade init grading --roster students.csv",
        [
            (["folder"], {"metavar": "DIR", "nargs": "?", "default": "grading"}),
            (
                ["--roster"],
                {
                    "metavar": "CSV",
                    "help": "the students: columns id, first_name, last_name, email, lms_user_id, …",
                },
            ),
            (
                ["--db"],
                {"metavar": "URL", "default": "", "help": "the gradebook: postgresql://… (default: an SQLite file)"},
            ),
        ],
    ),
    "collect": (
        "bring in what was handed in, and list what is odd about it",
        "tito grade collect 01 submissions.zip",
        [
            MODULE,
            (
                ["source"],
                {"metavar": "FROM", "help": "a folder or zip: student folders, a platform's download, the exchange"},
            ),
            (
                ["--due"],
                {
                    "metavar": "TIME",
                    "action": "append",
                    "default": [],
                    "help": "later is late, as 2026-11-30T23:59+01:00; ID=TIME is for one student, and may be repeated",
                },
            ),
            (
                ["--prefer"],
                {"metavar": "ORIGIN", "default": "", "help": "which counts of two that one student handed in"},
            ),
            (
                ["--pattern"],
                {"metavar": "REGEX", "default": "", "help": "how names in FROM are read, as 'week1/(?P<id>[^/]+)'"},
            ),
            COURSE,
        ],
    ),
    "run": (
        "grade what was collected, each in a sandbox of its own",
        "tito grade run 01",
        [
            MODULE,
            (
                ["-j", "--workers"],
                {"metavar": "K", "type": _count, "help": "how many at a time (default: one a processor)"},
            ),
            (["--own"], {"action": "store_true", "help": "earlier modules are the student's own, not the reference"}),
            (["--again"], {"action": "store_true", "help": "also what has not changed since it was graded"}),
            (
                ["--student"],
                {
                    "metavar": "ID",
                    "action": "append",
                    "default": [],
                    "help": "only this one, and again; may be repeated",
                },
            ),
            (
                ["--seed"],
                {
                    "metavar": "S",
                    "type": int,
                    "help": "where random inputs start (default: the course's own; students': 0)",
                },
            ),
            (["--cluster"], {"metavar": "ADDRESS", "help": "a Dask scheduler, whose workers grade"}),
            (
                ["--engine"],
                {
                    "choices": ["tito", "nbgrader"],
                    "default": "tito",
                    "help": "nbgrader: its own autograde, where student code can forge its own marks",
                },
            ),
            (["--unsandboxed"], {"action": "store_true", "help": "grade without isolation where there is none"}),
            COURSE,
        ],
    ),
    "feedback": (
        "write a page for each student: marks, what the checks say, comments",
        "tito grade feedback 01",
        [MODULE, COURSE],
    ),
    "report": ("write a page about the class: what went wrong, who is stuck", "tito grade report 01", [MODULE, COURSE]),
    "serve": ("open nbgrader's formgrader in a browser", "tito grade serve", [COURSE]),
    "export": (
        "write the marks as a table",
        "tito grade export --canvas gradebook.csv --to marks.csv",
        [
            (["--to"], {"metavar": "FILE", "help": "where to (default: marks.csv in the course)"}),
            (["--canvas"], {"metavar": "CSV", "help": "fill in this export of Canvas' gradebook"}),
            (["--gradescope"], {"metavar": "N", "help": "write module N's autograder for Gradescope, a zip"}),
            COURSE,
        ],
    ),
}


def run(action: str, course: str | None = None, **options) -> int:
    from tito.grader.course import GradingCourse

    if action == "init":
        return _init(**options)
    act = {
        "collect": _collect,
        "run": _run,
        "export": _export,
        "feedback": _feedback,
        "report": _report,
        "serve": _serve,
    }
    return act[action](GradingCourse.find(course), **options)


def _init(folder: str, roster: str | None, db: str) -> int:
    from tito.grader.assignment import assign_all
    from tito.grader.course import MORE, ROSTER, SETTINGS, GradingCourse, drop_others, enrol, read_roster
    from tito.workspace import Workspace

    students, unread = read_roster(Path(roster)) if roster else ([], [])
    workspace, root = Workspace.find(), Path(folder).resolve()
    root.mkdir(parents=True, exist_ok=True)
    with Workspace(root).locked():
        done = "Brought up to date" if (root / SETTINGS).is_file() else "Made"
        course = GradingCourse.create(root, workspace, db)
        assign_all(course)
        enrol(course, students)
        gone = drop_others(course, students) if students else []
    assignments = counted(len(course.workspace.lessons), "assignment")
    print(f"{done} {course.root}: {assignments}, {counted(len(course.roster()), 'student')} on the roster.")
    if unread:
        _list([f"{roster}: {', '.join(unread)}: no column that is read; those are {', '.join((*ROSTER, *MORE))}."])
    if gone:
        print("No longer on it, and left out; their marks stay in the gradebook:")
        _list([", ".join(gone)])
    print("Next: tito grade collect 01 FROM")
    return PASSED


def _collect(course: GradingCourse, module: str, source: str, due: list[str], prefer: str, pattern: str) -> int:
    from tito.grader.collect import NOTHING, collect
    from tito.grader.late import Rule, extend
    from tito.workspace import Workspace

    chosen = course.module(module)
    times = [text.rpartition("=") for text in due]
    everyone = next((_time(when) for who, _, when in times if not who), None)
    with Workspace(course.root).locked():
        for who, when in [(who, _time(when)) for who, _, when in times if who]:
            extend(course, chosen, who, when)
        entries = collect(course, chosen, Path(source), everyone, prefer, pattern)
    good = [entry for entry in entries if entry.collected]
    print(f"{chosen}: {len(good)} of {len([e for e in entries if e.student])} students' notebooks collected.")
    lateness = Rule(course).of(chosen)
    odd = {e.student or "?": [e.problem, *e.notes, str(lateness.get(e.student, ""))] for e in entries}
    nobodys = [_sentence("?", note) for note in odd.pop("?", [])[1:] if note]
    missing = [student for student, notes in odd.items() if list(filter(None, notes)) == [NOTHING]]
    told = [_sentence(student, *notes) for student, notes in odd.items() if student not in missing and any(notes)]
    _list(nobodys + told)
    if missing:
        print("Nothing was handed in by:")
        _list([", ".join(missing)])
    if unknown := sorted(student for student, one in lateness.items() if one.unknown):
        print("When it came is not known, so nobody can say whether it is late:")
        _list([", ".join(unknown)])
    print(f"Next: tito grade run {chosen.number}")
    return PASSED


def _sentence(about: str, *parts: str) -> str:
    return f"{about}: {'; '.join(part.rstrip('.') for part in parts if part)}."


def _list(lines: list[str]) -> None:
    """Print lines, indented, each broken between words where it is too long."""
    import textwrap

    for line in lines:
        text = "".join(c if c.isprintable() else "?" for c in line.replace("\n", "; "))
        print(textwrap.fill(text, 79, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False))


def _time(text: str):
    from datetime import datetime

    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise TitoError(f"--due: {text!r} is no time; one is 2026-11-30T23:59+01:00.") from None
    if ":" not in text and "T" not in text.upper():
        raise TitoError(f"--due: {text} is a day, and does not say until when; its last minute is {text}T23:59.")
    return when.astimezone()


def _run(
    course: GradingCourse,
    module: str,
    workers: int | None,
    own: bool,
    again: bool,
    student: list[str],
    seed: int | None,
    cluster: str | None,
    engine: str,
    unsandboxed: bool,
) -> int:
    from tito.grader import run as running
    from tito.grader.assignment import bring_up_to_date
    from tito.grader.pool import local_pool, processors
    from tito.grader.sandbox import lacking, sandbox
    from tito.workspace import Workspace

    chosen = course.module(module)
    if unsandboxed and engine == "nbgrader":
        raise TitoError("--engine nbgrader needs the sandbox; without one, run `nbgrader autograde` itself.")
    if unsandboxed:
        print(
            "Without a sandbox, submissions can read this machine's files, use the network\nand leave processes behind."
        )
    else:
        sandbox()
        _list([f"There is {clause}." for clause in lacking()])
    if cluster:
        from tito.grader.cluster import on_cluster

        grader = on_cluster(cluster)
    else:
        grader = local_pool(workers or processors())
    course.configure()
    with Workspace(course.root).locked():
        changed = bring_up_to_date(course, chosen)
        if changed:
            print(f"{chosen} has changed since the gradebook was made, which is now as it is:")
            _list(changed)
        options = dict(own=own, again=again or bool(student), only=student, seed=seed)
        todo = running.plan(course, chosen, sandboxed=not unsandboxed, engine=engine, **options)
        failed: list[Result] = []
        with _progress(chosen, len(todo.jobs), failed) as told:
            running.run(course, chosen, todo, grader, told)
    code = _summary(course, chosen, len(todo.jobs) - len(failed))
    return _not_their_fault(chosen, failed) if failed else code


def _not_their_fault(module: Module, failed: list[Result]) -> int:
    """Say what kept submissions from being graded that is not in them."""
    students: dict[str, list[str]] = {}
    for result in failed:
        students.setdefault(result.problem.rstrip("."), []).append(result.student)
    for problem, names in students.items():
        print(f"Not graded, through no fault of the submission: {', '.join(names)}: {problem}.", file=sys.stderr)
    print(f"`tito grade run {module.number}` tries again, once that is mended.", file=sys.stderr)
    return COULD_NOT_TELL


def _summary(course: GradingCourse, module: Module, count: int) -> int:
    from tito.grader.status import statuses

    rows = statuses(course, module)
    tally: dict[str, int] = {}
    for row in rows:
        tally[row.status] = tally.get(row.status, 0) + 1
    print(f"{module}: {count} graded now; in all {', '.join(f'{n} {status}' for status, n in sorted(tally.items()))}.")
    _list([_sentence(row.student, f"{row.status}: {row.why}") for row in rows if row.why])
    _older_tests(module, rows)
    if by_hand := sum(row.to_do for row in rows):
        print(f"{counted(by_hand, 'submission')} with written answers to grade by hand: `tito grade serve`.")
    return NOT_PASSED if tally.get("could not be graded") else PASSED


def _older_tests(module: Module, rows: list[Row]) -> None:
    if older := sum(row.older_tests for row in rows):
        print(f"{module}: {counted(older, 'submission')} graded with older tests: `tito grade run {module.number}`.")


def _export(course: GradingCourse, to: str | None, canvas: str | None, gradescope: str | None) -> int:
    from tito.grader import export
    from tito.grader.status import statuses

    path = Path(to) if to else course.root / "marks.csv"
    filled = export.Filled([], [])
    if gradescope:
        from tito.grader.gradescope import write_zip
        from tito.grader.run import reference

        module = course.module(gradescope)
        path = Path(to) if to else course.root / f"gradescope-{module.key}.zip"
        write_zip(course.workspace, module, reference(course, module), path)
    elif canvas:
        filled = export.canvas(course, Path(canvas), path)
    else:
        export.table(course, path)
    print(f"Wrote {path}.")
    for module in () if gradescope else course.workspace.modules:
        rows = statuses(course, module) if course.log(module).exists() else []
        _older_tests(module, rows)
        if by_hand := sum(row.to_do for row in rows):
            print(f"{module}: {counted(by_hand, 'submission')} with written answers that nobody has graded yet.")
    _list(filled.notes)
    if filled.unplaced:
        print("Not in Canvas' table, though they have a mark:")
        _list([", ".join(filled.unplaced)])
    return PASSED


def _feedback(course: GradingCourse, module: str) -> int:
    from tito.grader.feedback import feedback

    pages = feedback(course, course.module(module))
    print(f"Wrote {counted(len(pages), 'page')} below {course.root / 'feedback'}.")
    return PASSED


def _report(course: GradingCourse, module: str) -> int:
    from tito.grader.report import report

    print(f"Wrote {report(course, course.module(module))}.")
    return PASSED


def _serve(course: GradingCourse) -> int:
    import os

    from tito.grader.course import put_alembic_on_path

    put_alembic_on_path()
    course.configure()
    os.chdir(course.root)
    arguments = ["-m", "jupyter", "lab", f"--notebook-dir={course.root}", "--LabApp.default_url=/formgrader"]
    os.execv(sys.executable, [sys.executable, *arguments])


class _progress:
    """A bar with an estimate in a terminal; elsewhere, a line now and then."""

    def __init__(self, module: Module, count: int, failed: list[Result]) -> None:
        self.module, self.count, self.done, self.failed = module, count, 0, failed

    def __enter__(self) -> Callable[[Result], None]:
        self.bar = None
        if self.count and sys.stdout.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Progress(*columns)
            self.bar.start()
            self.task = self.bar.add_task(f"grading {self.module}", total=self.count)
        return self.told

    def told(self, result: Result) -> None:
        self.done += 1
        if not result.key:
            self.failed.append(result)
        if self.bar:
            self.bar.advance(self.task)
        elif self.done % 50 == 0:
            print(f"{self.done} of {self.count} graded", flush=True)

    def __exit__(self, *error: object) -> None:
        if self.bar:
            self.bar.stop()
