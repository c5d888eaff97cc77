"""A forked process of a student's is what a started one is: whatever an answer does, the same is said of it."""

import dataclasses
from pathlib import Path

import pytest

from tito.author import trials
from tito.author.lesson import Lesson
from tito.author.nursery import FORKS
from tito.workspace import Workspace

LESSON = Lesson(Workspace(Path(__file__).parents[2]).module("01"))
ENDS = {
    "it raises": "raise KeyError(self.shape)",
    "it exits": "import sys; sys.exit(3)",
    "it ends the process": "import os; os._exit(3)",
    "it crashes": "import os; os.kill(os.getpid(), 11)",
    "it prints and is wrong": "print('here', __name__, __file__ is None); return self",
    "it looks around": "import sys, warnings; raise ValueError(sys.argv, sys.flags, sys.path[1:], warnings.filters)",
    "it draws": "import numpy; return self + numpy.random.default_rng().random()",
}


@pytest.mark.skipif(not FORKS, reason="processes are forked on Linux only")
@pytest.mark.parametrize("what", ENDS)
def test_the_same_is_said(what, reference_parent, monkeypatch):
    cells = LESSON.with_answer("rsub", ENDS[what].replace("; ", "\n"))

    def said():
        return dataclasses.asdict(trials.check_cells(LESSON, cells, reference_parent / "tinytorch", ["rsub"]))

    forked = said()
    monkeypatch.setattr(trials, "_nursery", lambda process: None)
    assert forked == said()
    assert forked["exercises"][0]["status"] != "passed"
