"""A student's way through the course: which module is meant, what its notebook answers, and what may be done with it."""

from __future__ import annotations

from pathlib import Path

from tito import term
from tito.errors import TitoError
from tito.kept import renamed
from tito.notebook import Cell, Original, read_answers, read_cells, read_json, read_original
from tito.progress import Progress
from tito.workspace import Module, Workspace


class Course:
    """A workspace with its progress, as the commands use it."""

    def __init__(self, workspace: Workspace | None = None) -> None:
        self.workspace = workspace or Workspace.find()
        self.progress = Progress(self.workspace)

    def module(self, wanted: str | None) -> Module:
        """The module that was asked for, or the current one. Raises TitoError if it is still locked."""
        module = self.workspace.module(wanted) if wanted else self.progress.current()
        missing = self.progress.missing_before(module)
        if missing:
            raise TitoError(f"{module} is locked until {missing} passes: {self.whats_left(missing)}.")
        return module

    def whats_left(self, module: Module) -> str:
        """What keeps a module from passing, as far as is known without checking: `3 of 12 exercises are done, …`."""
        original = self.original(module)
        try:
            left = self.undone(module, original, self.cells(module, original))
        except TitoError:
            left = list(original.exercises)
        if not left:
            return f"all its exercises are done, and `tito check {module.number}` makes it pass"
        count = len(original.exercises)
        return f"{count - len(left)} of {count} exercises are done, the next is {left[0]}"

    def undone(self, module: Module, original: Original, cells: list[Cell]) -> list[str]:
        """The exercises that have not passed as they stand in these cells."""
        done = self.progress.done(module, cells)
        return [name for name in original.exercises if name not in done]

    def next_step(self, module: Module, left: list[str]) -> str:
        """What to do next in a module in which the exercises in `left` have not passed."""
        if left:
            return f"Next: exercise {term.bold(left[0])} in {self.workspace.shown(module.notebook)}"
        why = "as it has changed since it passed" if self.progress.passed(module) else "which makes the module pass"
        return f"Next: {term.bold(f'tito check {module.number}')}, {why}"

    def original(self, module: Module) -> Original:
        path = module.original / f"{module.name}.ipynb"
        return read_original(module.original, module.name, self.workspace.shown(path))

    def cells(self, module: Module, original: Original) -> list[Cell]:
        """The student's cells, with the exercises they answer."""
        shown = self.workspace.shown(module.notebook)
        if other := not module.notebook.exists() and renamed(module, original):
            raise TitoError(f"{shown} is not there, but {other} beside it is its notebook: give it its name back.")
        cells = read_cells(read_json(module.notebook, shown), shown)
        read_answers(cells, original, shown)
        return cells

    def exercise(self, name: str) -> tuple[Module, Original]:
        """The module that has this exercise."""
        names = []
        for module in self.workspace.modules:
            original = self.original(module)
            if name in original.exercises:
                return module, original
            names += original.exercises
        import difflib

        near = difflib.get_close_matches(name, names, 1)
        meant = f"did you mean {near[0]}?" if near else f"there is: {', '.join(names)}"
        raise TitoError(f"there is no exercise {name}; {meant}")

    def after(self, module: Module) -> Module | None:
        """The module that this one unlocks."""
        return next((other for other in self.workspace.modules if other.key > module.key), None)

    def export(self, module: Module, cells: list[Cell]) -> Path:
        """Write the module's exported cells into the package."""
        from tito.errors import CellError
        from tito.export import assemble, write_package

        workspace = self.workspace
        exercises = self.original(module).exercises  # they are exported even where the mark was lost from the cell
        exported = [c for c in cells if c.exported or (c.exercise and exercises[c.exercise].blank.exported)]
        try:
            source = assemble(exported, workspace.shown(module.notebook))
        except CellError as error:
            path = workspace.shown(workspace.package / f"{module.name}.py")
            raise TitoError(f"{error}\nNothing was exported; {path} is as it was.") from None
        order = [other.name for other in workspace.modules]
        with workspace.locked():
            return write_package(workspace.package, module.name, source, order)
