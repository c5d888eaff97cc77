"""What has been checked and when: one small JSON file, `.tito/progress.json`, written whole or not at all."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from tito.errors import TitoError
from tito.notebook import digest
from tito.workspace import Module, Workspace, write

if TYPE_CHECKING:
    from tito.checker.report import Report
    from tito.submission import Submission

SCHEMA = "tito.progress/1"


class Progress:
    """The progress kept in a workspace; read once, changed by `record`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.path = workspace.private / "progress.json"
        self.modules: dict[str, dict[str, Any]] = self._read()

    def _read(self) -> dict[str, dict[str, Any]]:
        shown = self.workspace.shown(self.path)
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            if data["schema"] != SCHEMA:
                raise ValueError
            for entry in data["modules"].values():
                if not isinstance(entry.get("exercises", {}), dict):
                    raise ValueError
                if entry.get("passed"):
                    datetime.fromisoformat(entry["passed"])
            return data["modules"]
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise TitoError(f"{shown} cannot be read: {error.strerror}.") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise TitoError(
                f"{shown} is damaged. Delete it and run `tito check` for each module: no answer is lost, they are in modules/."
            ) from None

    def passed(self, module: Module) -> datetime | None:
        """When the module passed."""
        when = self.modules.get(module.key, {}).get("passed")
        return datetime.fromisoformat(when) if when else None

    def changed(self, module: Module, submission: Submission) -> bool:
        """Whether the module's answers or its tests are other than those that passed."""
        entry = self.modules.get(module.key, {})
        return bool(entry.get("passed")) and (
            entry.get("answers") != answers_digest(submission) or entry.get("tests") != tests_digest(module)
        )

    def done(self, module: Module, submission: Submission) -> list[str]:
        """The exercises that passed as they stand in a submission, with the tests as they are."""
        known = self.modules.get(module.key, {}).get("exercises", {})
        there = [name for name in submission.answers if name in known]
        return [name for name in there if known[name] == exercise_digest(module, submission, name)]

    def missing_before(self, module: Module) -> Module | None:
        """The first earlier module that has not passed, which keeps this one locked."""
        earlier = [other for other in self.workspace.modules if other.key < module.key]
        return next((other for other in earlier if not self.passed(other)), None)

    def current(self) -> Module:
        """The first module that has not passed, or the last one."""
        modules = self.workspace.modules
        if not modules:
            raise TitoError(f"there are no modules in {self.workspace.root / 'modules'} yet: `tito build` makes them.")
        return next((module for module in modules if not self.passed(module)), modules[-1])

    def record(self, module: Module, submission: Submission, report: Report) -> None:
        """Write down what a check found about the exercises it covered."""
        with self.workspace.locked():
            self.modules = self._read()
            entry = self.modules.setdefault(module.key, {})
            known = entry.setdefault("exercises", {})
            for exercise in report.exercises:
                if exercise.status == "passed":
                    known[exercise.name] = exercise_digest(module, submission, exercise.name)
                else:
                    known.pop(exercise.name, None)
            self._save()

    def record_passed(self, module: Module, submission: Submission) -> None:
        """Write down that the whole module passes, which opens the next."""
        with self.workspace.locked():
            self.modules = self._read()
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            entry = self.modules.setdefault(module.key, {})
            entry |= {"passed": now, "answers": answers_digest(submission), "tests": tests_digest(module)}
            self._save()

    def _save(self) -> None:
        write(self.path, json.dumps({"schema": SCHEMA, "modules": self.modules}, indent=1) + "\n")


def exercise_digest(module: Module, submission: Submission, exercise: str) -> str:
    """A digest of an answer and of its tests."""
    tests = (path.read_text(encoding="utf-8") for path in module.tests_of(exercise) if path.is_file())
    return digest(submission.answers[exercise].source, *tests)


def answers_digest(submission: Submission) -> str:
    return digest(*(cell.source for cell in submission.cells))


def tests_digest(module: Module) -> str:
    return digest(*(path.read_text(encoding="utf-8") for path in sorted(module.tests.glob("test_*.py"))))
