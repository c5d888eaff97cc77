"""Errors that a person reads: one clear sentence each, and the exit code that goes with it."""

PASSED, NOT_PASSED, COULD_NOT_TELL = 0, 1, 2


class TitoError(Exception):
    """Something `tito` could not do; the message says what, where, and what would be right."""

    code = COULD_NOT_TELL


class CellError(TitoError):
    """A cell that cannot be used: which one it is, its exercise if it has one, and the line at fault."""

    def __init__(self, where: str, place: str, exercise: str | None, line: int, problem: str, shown: str = "") -> None:
        self.exercise = exercise
        named = f" (exercise {exercise})" if exercise else ""
        text = f"{where}, {place}{named}, line {line}: {problem}"
        super().__init__(f"{text}\n{shown}" if shown else text)
