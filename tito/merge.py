"""Merging a notebook that a student works in with a newer one of the course, cell by cell; nothing of theirs is lost.

It is a three-way merge. The base is the notebook as it was handed out: what still is as it was then, the student left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tito.notebook import EXPORT

Raw = dict[str, Any]  # a cell, or a notebook, as it stands in the file
HANDED_OUT = ("nbgrader", "deletable", "editable")  # metadata that only a cell of the course has
KEPT = "# Yours, as it was before the update; not exported."


@dataclass
class Merged:
    """The notebook that came of it, and what a person may want to look at."""

    notebook: Raw
    notes: list[str] = field(default_factory=list)


@dataclass
class _Place:
    """One cell of the course: as it was handed out, as it is now, and as it is in the student's notebook."""

    base: Raw | None = None
    new: Raw | None = None
    mine: Raw | None = None

    def has(self, cell: Raw) -> bool:
        """Whether a cell says what the course's own says, then or now."""
        return any(known and _text(cell) == _text(known) for known in (self.base, self.new))

    def rank(self, cell: Raw) -> tuple[bool, bool]:
        """Of several cells that have its mark, the highest counts: one that was written in, and no copy."""
        return not self.has(cell), cell.get("id") in {known["id"] for known in (self.base, self.new) if known}

    @property
    def same(self) -> bool:
        """Whether the course's own has stayed as it was."""
        return bool(self.base and self.new) and _text(self.base) == _text(self.new)


def merge(mine: Raw, base: Raw | None, new: Raw) -> Merged:
    """The student's notebook with what is new in the course's, whose `base` it was made from (None: not known).

    Answers, the student's own cells and outputs stay; a given cell that was left alone gets the new text. Where both
    have changed it, the student's follows as a cell of their own; so does an answer whose exercise is gone. Doing it
    twice changes no more than doing it once.
    """
    if base and base["cells"] == new["cells"]:
        return Merged(mine)
    places = _places(base["cells"] if base else [], new["cells"])
    own, notes = _sorted_out(mine["cells"], places)
    merged = [(False, cell) for cell in own.get(None, [])]  # whether it is the course's, and the cell
    for place in places:
        if place.new is None:
            continue
        if place.mine is not None or not place.same:  # else the student has deleted it, and nothing of it is new
            there, *theirs = _merged(place, notes)
            merged += [(True, there), *((False, cell) for cell in theirs)]
        merged += [(False, cell) for cell in own.get(id(place), [])]
    return Merged({**mine, "nbformat_minor": 5, "cells": _with_ids(merged)}, notes)


def _places(base: list[Raw], new: list[Raw]) -> list[_Place]:
    """The cells of the course, new ones in order. A given text that was written anew has the place of the old one."""
    before = {cell["id"]: cell for cell in base}
    now = {cell["id"] for cell in new}
    gone: dict[str | None, list[_Place]] = {}  # by the cell that they stood behind, which is still there
    behind = None
    for cell in base:
        if cell["id"] in now:
            behind = cell["id"]
        else:
            gone.setdefault(behind, []).append(_Place(base=cell))
    places, behind = [], None
    for cell in new:
        if cell["id"] in before:
            behind = cell["id"]
            places.append(_Place(before[behind], cell))
            continue
        rewritten = (place for place in gone.get(behind, []) if place.new is None and _given_alike(place.base, cell))
        place = next(rewritten, None) or _Place()
        place.new = cell
        places.append(place)
    return places + [place for group in gone.values() for place in group if place.new is None]


def _given_alike(one: Raw, other: Raw) -> bool:
    """Whether a given cell may be another one, written anew: neither is for an answer or a check."""
    marks = (_marks(one), _marks(other))
    return one["cell_type"] == other["cell_type"] and not any(m.get("solution") or m.get("grade") for m in marks)


def _sorted_out(cells: list[Raw], places: list[_Place]) -> tuple[dict[int | None, list[Raw]], list[str]]:
    """Put the student's cells into their places; those of their own, by the place that they stand behind, and notes."""
    found = _found(cells, places)
    own: dict[int | None, list[Raw]] = {}
    notes: list[str] = []
    behind = None
    for number, cell in enumerate(cells):
        place = found.get(number)
        if place is None:
            own.setdefault(behind, []).append(cell)
        elif place.mine is cell and place.new:
            behind = id(place)
        elif not place.has(cell):  # else it says no more than what the course says, or said
            own.setdefault(behind, []).append(_kept(cell))
            what = "exercise" if _marks(place.base).get("solution") else "cell"
            notes.append(f"{what} {place.base['id']} is gone; yours stays, and is not exported")
    return own, notes


def _found(cells: list[Raw], places: list[_Place]) -> dict[int, _Place]:
    """Which of the student's cells has which place: by its mark or its id, or else by its text."""
    known = {cell["id"]: place for place in places for cell in (place.base, place.new) if cell}
    found: dict[int, _Place] = {}
    for number, cell in enumerate(cells):
        mark = _marks(cell).get("grade_id") or cell.get("id")
        if place := known.get(mark) if isinstance(mark, str) else None:
            found[number] = place
            if place.mine is None or place.rank(cell) >= place.rank(place.mine):
                place.mine = cell
    for number, place in list(found.items()):
        cell = cells[number]
        if place.new and place.mine is not cell and (not place.has(cell) or (place.same and cell.get("outputs"))):
            del found[number]  # a copy that has become something else, or has been run
    # Where ids are known, a text of the course under another is the student's copy: it does not go with the course's.
    free = [place for place in places if place.mine is None and (place.new or not found)]
    for number, cell in enumerate(cells):
        place = next((place for place in free if place.mine is None and place.has(cell)), None)
        if number not in found and place and cell.get("cell_type") == (place.new or place.base)["cell_type"]:
            place.mine, found[number] = cell, place
    return found


def _merged(place: _Place, notes: list[str]) -> list[Raw]:
    """What stands in a place now: the course's cell, with what the student has made of it."""
    mine, new = place.mine, place.new
    if mine is None:
        return [new]
    metadata = {**(mine.get("metadata") or {}), **new["metadata"]}
    if _text(mine) == _text(new):
        kept = {key: mine[key] for key in ("outputs", "execution_count", "attachments") if key in mine}
        return [{**new, **kept, "metadata": metadata}]
    if place.has(mine):
        return [{**new, "metadata": metadata}]
    answer, name = bool(_marks(new).get("solution")), new["id"]
    if answer and not place.same:
        notes.append(f"{name} is asked for in other words now; your answer is as it was")
    if answer or place.same:
        return [{**mine, "id": name, "metadata": metadata}]
    notes.append(f"you and the course have both changed cell {name}: the course's stands there, yours behind it")
    return [new, _kept(mine)]


def _kept(cell: Raw) -> Raw:
    """A cell of the course that the student has changed, as a cell of their own, which is not exported."""
    metadata = {key: value for key, value in (cell.get("metadata") or {}).items() if key not in HANDED_OUT}
    lines = _source(cell).split("\n")
    if cell.get("cell_type") == "code":
        lines = [KEPT, *(line for line in lines if line.strip() != EXPORT)]
    return {**cell, "id": f"{cell.get('id') or 'cell'}-yours"[:64], "metadata": metadata, "source": "\n".join(lines)}


def _with_ids(cells: list[tuple[bool, Raw]]) -> list[Raw]:
    """The cells, each with an id that no other has; those of the course keep theirs."""
    taken = {cell["id"] for ours, cell in cells if ours}
    done = []
    for ours, cell in cells:
        name, base, n = str(cell.get("id") or "own"), str(cell.get("id") or "own")[:58], 2
        while not ours and name in taken:
            name, n = f"{base}-{n}", n + 1
        taken.add(name)
        done.append(cell if cell.get("id") == name else {**cell, "id": name})
    return done


def _marks(cell: Raw) -> Raw:
    """nbgrader's marks of a cell; none if it has none."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def _source(cell: Raw) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else source


def _text(cell: Raw) -> str:
    """What a cell says, whatever its line ends are."""
    return _source(cell).replace("\r\n", "\n").replace("\r", "\n").strip()
