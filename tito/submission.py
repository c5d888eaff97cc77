"""A student's cells beside those that were handed out: which is which, and what of them makes the package.

The notebook, `tito check`, `tito export` and the grader all come here, so they agree on what a student has answered,
whatever an editor, a copy or a deletion has made of the notebook.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tito.notebook import Cell, HandedOut
from tito.syntax import definitions, statements

RUNNING = "this notebook"  # what a notebook is called whose kernel sends the cells that were run


@dataclass
class Submission:
    """What a student's notebook says: the cells that make the package to check, and where each cell that was handed out is in it.

    Given cells are the course's own. In the place of an exercise stands its answer, or a blank where there is none. Own
    cells that are exported stand before the cell that they stood before.
    """

    handed_out: HandedOut
    where: str  # what a person calls the notebook
    found: list[Cell] = field(repr=False)  # the cells of the notebook, as they are
    cells: list[Cell] = field(default_factory=list)
    answers: dict[str, Cell] = field(default_factory=dict)  # by exercise, the cell that answers it
    places: dict[str, int] = field(default_factory=dict)  # by mark, where in the notebook, counted from 0
    notes: list[str] = field(default_factory=list)  # what the student should know of cells that do not count

    @property
    def missing(self) -> list[str]:
        """The exercises that have no cell."""
        return [name for name in self.handed_out.exercises if name not in self.answers]

    def blank(self, exercise: str) -> bool:
        """Tell whether nothing is written for an exercise: its cell is as handed out, cleared, or gone."""
        answer, handed_out = self.answers.get(exercise), self.handed_out.exercises[exercise].blank
        if answer is None or plain(answer) == plain(handed_out):
            return True
        cleared = not set(definitions(answer.source)) & set(definitions(handed_out.source))
        return cleared and statements(answer.source) is not None

    @property
    def exported(self) -> list[Cell]:
        """The cells of the package that the student keeps: without answers that the lesson needs for itself only."""
        blanks = {name: exercise.blank for name, exercise in self.handed_out.exercises.items()}
        return [cell for cell in self.cells if (blanks[cell.exercise] if cell.exercise else cell).exported]

    @property
    def untouched(self) -> bool:
        """Whether nothing in it was written by a student."""
        return not self.own and all(map(self.blank, self.handed_out.exercises))

    @property
    def written(self) -> dict[str, str]:
        """What the student wrote, by exercise and question; those left as they were handed out are not in it."""
        blank = {cell.mark: plain(cell) for cell in self.handed_out.cells if cell.solution}
        there = {name: self.found[place] for name, place in self.places.items() if name in blank}
        return {name: cell.source for name, cell in there.items() if plain(cell) != blank[name]}

    @property
    def own(self) -> list[Cell]:
        """The cells that the student added."""
        return [cell for cell in self.cells if cell.own]


def match(cells: list[Cell], handed_out: HandedOut, where: str) -> Submission:
    """Tell which of a student's cells is which of those handed out, and lay out the package's cells. Changes no cell.

    A cell is known by its mark or id; one that has lost both by its text, or by the names it defines. Of several cells
    for one exercise, the last in which something is written counts. Copies of given cells are dropped.
    """
    return _Matching(cells, handed_out, where).submission


class _Matching:
    def __init__(self, cells: list[Cell], handed_out: HandedOut, where: str) -> None:
        self.cells, self.submission = cells, Submission(handed_out, where, cells)
        self.known = {cell.mark: cell for cell in handed_out.cells if cell.mark}
        self.names = {mark: set(definitions(cell.source)) for mark, cell in self.known.items()}
        self.defined = [set(definitions(cell.source)) for cell in cells]
        self.texts = [plain(cell) for cell in cells]
        self.marks = [next((m for m in (cell.mark, cell.id) if m in self.known), "") for cell in cells]
        self.places = self.submission.places
        self.used: set[int] = set()
        self._match_answers()
        self._match_given()
        self._match_questions()
        self._lay_out()

    def _match_answers(self) -> None:
        """Find the cell that answers each exercise, and the earlier versions of it, which count for nothing."""
        for name, exercise in self.submission.handed_out.exercises.items():
            wanted, blank = self.names[name], plain(exercise.blank)
            found = {}
            for place, cell in enumerate(self.cells):
                marked, defines = self.marks[place] == name, len(wanted & self.defined[place])
                if marked or (cell.kind == "code" and defines):
                    found[place] = (defines, self.texts[place] != blank, marked or cell.exported, place)
            if not found:
                continue
            best = self.places[name] = max(found, key=found.get)
            older = [p for p in found if self.defined[p] <= self.defined[best] and self.marks[p] in ("", name)]
            self.used.update([*older, best])
            counted = {self.texts[p] for p in older if found[p][2]} - {blank, self.texts[best]}
            if counted:
                there = " and ".join(
                    self.cells[p].place for p in older if self.texts[p] in {*counted, self.texts[best]}
                )
                self._note(f"exercise {name} is there more than once, in {there}: {self.cells[best].place} counts.")

    def _match_given(self) -> None:
        """Find the given cells. Copies count for nothing; a changed one counts as it was handed out."""
        given = {m: plain(cell) for m, cell in self.known.items() if cell.kind == "code" and not cell.solution}
        marks = {text: m for m, text in given.items()}
        for place, text in enumerate(self.texts):
            m = self.marks[place] if self.marks[place] in given else marks.get(text, "")
            if m and place not in self.used:
                self.used.add(place)
                if m not in self.places or text == given[m]:
                    self.places[m] = place
        for m in [m for m in given if m not in self.places and self.names[m]]:
            for place, cell in enumerate(self.cells):
                if place not in self.used and cell.kind == "code" and self.names[m] & self.defined[place]:
                    self.places[m] = place
                    self.used.add(place)
        for m, text in given.items():
            if m in self.places and self.known[m].exported and self.texts[self.places[m]] != text:
                place = self.cells[self.places[m]].place
                self._note(f"{place} was handed out and has been changed; it counts as it was handed out.")

    def _match_questions(self) -> None:
        """Find the written answers; one that has lost its mark stands behind the text that asks for it."""
        asked = ""
        texts = {text: place for place, text in enumerate(self.texts)}
        for cell in self.submission.handed_out.cells:
            if cell.mark in self.submission.handed_out.questions:
                marked = [p for p, m in enumerate(self.marks) if m == cell.mark]
                written = [p for p in marked if self.texts[p] != plain(cell)]
                behind = texts.get(asked, len(self.cells)) + 1
                if marked:
                    self.places[cell.mark] = (written or marked)[-1]
                elif behind < len(self.cells) and self.cells[behind].kind == "markdown" and not self.marks[behind]:
                    self.places[cell.mark] = behind
            asked = plain(cell)

    def _lay_out(self) -> None:
        submission, at = self.submission, {place: m for m, place in self.places.items()}
        own: dict[str, list[Cell]] = {}  # the student's own cells, by the mark of the next known cell
        waiting: list[Cell] = []
        for place, cell in enumerate(self.cells):
            if place in at and self.known[at[place]].kind == "code":
                own[at[place]], waiting = waiting, []
            elif place not in self.used and cell.exported:
                waiting.append(replace(cell, mark="", exercise=None, own=True))
        package = [cell for cells in own.values() for cell in cells] + waiting
        package += [cell for m, cell in self.known.items() if m not in submission.handed_out.exercises]
        package += [self.cells[self.places[m]] for m in submission.handed_out.exercises if m in self.places]
        defined = {name for cell in package for name in definitions(cell.source)}
        placed: dict[int, Cell] = {}
        for m, cell in self.known.items():
            place = self.places.get(m)
            there = self.cells[place] if place is not None else None
            submission.cells += own.get(m, [])
            if m not in submission.handed_out.exercises:
                submission.cells += (
                    [replace(cell, number=there.number if there else cell.number)] if cell.exported else []
                )
                continue
            if not self.names[m] <= defined:  # what is missing is a blank, and only what needs it fails
                submission.cells.append(replace(cell, label="a blank", exercise=None))
            if there and place not in placed:
                placed[place] = replace(there, kind="code", mark=m, exercise=m, solution=True)
                submission.cells.append(placed[place])
            if there:
                submission.answers[m] = placed[place]
        submission.cells += waiting

    def _note(self, text: str) -> None:
        self.submission.notes.append(f"{self.submission.where}: {text}")


def plain(cell: Cell) -> str:
    """Return a cell's text without what editors change: trailing spaces, blank lines at either end."""
    return "\n".join(line.rstrip() for line in cell.source.strip().split("\n"))
