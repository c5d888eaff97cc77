"""A student's way through the course: which module is meant, what its notebook answers, and what may be done with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tito import term
from tito.errors import TitoError, nearest
from tito.kept import renamed
from tito.notebook import HandedOut, handed_out, read_cells, read_json
from tito.progress import Progress
from tito.submission import Submission, match
from tito.workspace import Module, Workspace


class Course:
    """A workspace with its progress, as the commands use it."""

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.workspace = workspace or Workspace.find()
        self.progress = Progress(self.workspace)

    def module(self, wanted: str | None) -> Module:
        """The module that was asked for, or the current one. Raises TitoError if it is still locked."""
        return self.unlocked(self.workspace.module(wanted) if wanted else self.progress.current())

    def unlocked(self, module: Module) -> Module:
        """The module itself. Raises TitoError if it is still locked."""
        missing = self.progress.missing_before(module)
        if missing:
            raise TitoError(f"{module} is locked until {missing} passes: {self.whats_left(missing)}.")
        return module

    def whats_left(self, module: Module) -> str:
        """What keeps a module from passing, as far as is known without checking: `3 of 12 exercises are done, …`."""
        exercises = handed_out(module).exercises
        try:
            left = self.undone(module, self.submission(module))
        except TitoError:
            left = list(exercises)
        if not left:
            return f"all its exercises are done, and `tito check {module.number}` makes it pass"
        return f"{len(exercises) - len(left)} of {len(exercises)} exercises are done, the next is {left[0]}"

    def undone(self, module: Module, submission: Submission) -> list[str]:
        """The exercises that have not passed as they stand in a submission."""
        done = self.progress.done(module, submission)
        return [name for name in submission.handed_out.exercises if name not in done]

    def next_step(self, module: Module, left: list[str]) -> str:
        """What to do next in a module in which the exercises in `left` have not passed."""
        if left:
            return f"Next: exercise {term.bold(left[0])} in {self.workspace.shown(module.notebook)}"
        why = "as it has changed since it passed" if self.progress.passed(module) else "which makes the module pass"
        return f"Next: {term.bold(f'tito check {module.number}')}, {why}"

    def submission(self, module: Module) -> Submission:
        """Read what the student's notebook says."""
        shown = self.workspace.shown(module.notebook)
        if other := renamed(module):
            raise TitoError(f"{shown} is not there, but {other} beside it is its notebook: give it its name back.")
        return match(read_cells(read_json(module.notebook, shown), shown), handed_out(module), shown)

    def exercise(self, name: str, within: Module | None = None, also: Iterable[str] = ()) -> tuple[Module, HandedOut]:
        """The module that has this exercise, or `within` if it has it. A TitoError says what was probably meant.

        That may be one of the names `also`, too.
        """
        homes: dict[str, Module] = {}
        for module in self.workspace.modules:
            there = handed_out(module)
            if name in there.exercises and within in (None, module):
                return module, there
            homes |= dict.fromkeys(there.exercises, module)
        if name in homes:
            raise TitoError(f"{within} has no exercise {name}; {homes[name]} has it.")
        if within:
            own = [other for other, home in homes.items() if home == within]
            meant = nearest(name, own, f"it has: {', '.join(own)}.")
            raise TitoError(f"{within} has no exercise {name}; {meant}")
        listed = "`tito check` lists those of the module that you are in."
        raise TitoError(f"there is no exercise {name}; {nearest(name, [*homes, *also], listed)}")

    def named(self, module: str | None, exercise: str | None = None) -> tuple[Module, str | None]:
        """The module that a command is about, by default the current one, and the exercise of it that is named, if any.

        An exercise may stand alone, in the place of its module.
        """
        modules = [other.name for other in self.workspace.modules]
        if module and module.isidentifier() and not exercise and module not in modules:
            return self.exercise(module, also=modules)[0], module
        target = self.workspace.module(module) if module else None
        if exercise:
            return self.exercise(exercise, target)[0], exercise
        return target or self.progress.current(), None

    def after(self, module: Module) -> Module | None:
        """The module that this one unlocks."""
        return next((other for other in self.workspace.modules if other.key > module.key), None)

    def export(self, module: Module, submission: Submission) -> Path:
        """Write a submission's cells into the package. Raises TitoError, and writes nothing, if none has work in it."""
        from tito.export import assemble, write_package
        from tito.notebook import CellError

        workspace = self.workspace
        path = workspace.shown(workspace.package / f"{module.name}.py")
        if submission.untouched:
            raise TitoError(
                f"{submission.where} has no answer to an exercise of {module} in it.\n"
                f"Nothing was exported; {path} is as it was."
            )
        try:
            source = assemble(submission.exported, submission.where, module.name)
        except CellError as error:
            raise TitoError(f"{error}\nNothing was exported; {path} is as it was.") from None
        order = [other.name for other in workspace.modules]
        with workspace.locked():
            return write_package(workspace.package, module.name, source, order, workspace.shelves)
