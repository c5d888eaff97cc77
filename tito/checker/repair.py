"""A package that can be imported, made of what a student wrote: what cannot run is left out, and the rest gets its marks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from tito.checker.bridge import Bridge
from tito.errors import TitoError
from tito.export import Source, assemble, write_package
from tito.notebook import Cell, CellError
from tito.submission import Submission
from tito.workspace import Module, Workspace

MOST_LEFT_OUT = 10  # cells that are left out one by one, and named

MANY = 20  # of a student's own cells: each so many are as much work as one more that is left out


class CannotImport(TitoError):
    """The package cannot be imported, and nothing tells which cell is at fault: the process ended, say."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"the package exported from {where} cannot be imported: {problem}")
        self.problem = problem


def import_what_runs(
    module: Module, submission: Submission, bridge: Bridge
) -> tuple[Source, dict[str, str], list[str]]:
    """Export a submission's cells and import them on the student's side.

    An answer that cannot run is replaced by its blank, a cell of the student's own is left out. Returns the source, what
    was wrong with which answers, and what was left out. Raises TitoError if nothing of it can be imported.
    """
    return _Repair(module, submission, bridge).run()


class _Repair:
    def __init__(self, module: Module, submission: Submission, bridge: Bridge) -> None:
        self.module, self.submission, self.bridge = module, submission, bridge
        workspace = Workspace(module.root)
        self.order, self.shelves = [other.name for other in workspace.modules], workspace.shelves

    def run(self) -> tuple[Source, dict[str, str], list[str]]:
        cells, problems, left_out = self.submission.cells, {}, []
        while True:
            try:
                return self._imported(cells), problems, _first(left_out)
            except (CellError, CannotImport) as error:
                faults = self._faults(cells, error)
            for cell, said in faults:
                if cell.own:
                    left_out.append(str(said))
                else:
                    problems |= {name: str(said) for name in self._answered_in(cell)}
            out = [cell for cell, _ in faults]
            rest = [cell for cell in self._without(cells, out) if cell.own]
            if left_out and len(left_out) + len(rest) // MANY >= MOST_LEFT_OUT:  # one by one would take all the time
                left_out += [f"the cells around {cell.place} cannot run" for cell in rest]
                out += rest
            cells = self._without(cells, out)

    def _imported(self, cells: list[Cell]) -> Source:
        """Write the package and import it. Raises CellError for the cell in which that fails."""
        where = self.submission.where
        source = assemble(cells, where, self.module.name)
        package = self.bridge.parent / "tinytorch"
        write_package(package, self.module.name, source, self.order, self.shelves, sync=False)
        try:
            self.bridge.import_module(f"tinytorch.{self.module.name}")
            return source
        except Exception as error:
            if not hasattr(error, "frames"):  # it was not raised on the student's side
                raise
            kind = getattr(error, "types", [""])[0]
            problem = f"running it raised {kind}: {error}" if kind else f"running it failed: {error}"
            places = [place for file, line, _ in reversed(error.frames) if (place := source.place(file, line))]
        self.bridge.start()
        for cell, line in places[:1]:
            text = f"    {cell.source.splitlines()[line - 1].strip()}"
            raise CellError(where, cell, line, problem, text) from None
        raise CannotImport(where, problem)

    def _faults(self, cells: list[Cell], error: CellError | CannotImport) -> list[tuple[Cell, TitoError]]:
        """Find the cells at fault: the one that the error names, or, if that is given, those without which it runs."""
        named = error.cell if isinstance(error, CellError) else None
        if named and (named.own or named.exercise):
            return [(named, error)]
        because = f"a given cell cannot run with it; {error.problem}" if named else error.problem
        for some in self._suspects(cells):
            with contextlib.suppress(CellError, CannotImport):
                self._imported(self._without(cells, some))
                return [(cell, CellError(self.submission.where, cell, 1, because)) for cell in some]
        raise error

    def _suspects(self, cells: list[Cell]) -> Iterator[list[Cell]]:
        """What may be at fault: a student's own cells, an answer, or several answers, of which the last are first tried."""
        own, answers = [cell for cell in cells if cell.own], [cell for cell in cells if cell.exercise]
        if own:
            yield own
        yield from ([answer] for answer in answers)
        yield from (own + answers[-count:] for count in range(2, len(answers) + 1))

    def _without(self, cells: list[Cell], some: list[Cell]) -> list[Cell]:
        """Leave out cells, with blanks in the place of answers."""
        kept, gone = [], {id(cell) for cell in some}
        for cell in cells:
            if id(cell) not in gone:
                kept.append(cell)
            else:
                blanks = [self.submission.handed_out.exercises[name].blank for name in self._answered_in(cell)]
                kept += [replace(blank, label="a blank", exercise=None) for blank in blanks]
        return kept

    def _answered_in(self, cell: Cell) -> list[str]:
        """The exercises that a cell answers; two, where cells were merged."""
        return [name for name, answer in self.submission.answers.items() if answer is cell]


def _first(left_out: list[str]) -> list[str]:
    """Say of the first cells that were left out why, and count the others."""
    more = len(left_out) - MOST_LEFT_OUT
    return [*left_out[:MOST_LEFT_OUT], *([f"{more} more cells that were added."] if more > 0 else [])]
