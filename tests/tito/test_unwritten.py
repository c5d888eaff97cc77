"""A cell that needs what is not written yet says so; every other error keeps its traceback."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from tito import unwritten

BLANK = 'def as_array(data):\n    raise NotImplementedError("as_array")'


@pytest.fixture
def said():
    """What a cell prints when it is run, in a shell of its own."""
    shell = InteractiveShell()
    shell.run_line_magic("colors", "nocolor")
    unwritten.explain(shell, {"as_array"}.__contains__)

    def run(source):
        with capture_output() as shown:
            result = shell.run_cell(source, store_history=True)
        assert result.success is not bool(shown.stdout.strip()), (
            "what is said in place of a traceback is still an error"
        )
        return shown.stdout.strip()

    assert not run(BLANK)
    return run


def test_a_cell_that_reaches_a_blank_says_which_exercise_it_needs(said):
    assert said("x = as_array([1])") == "This needs as_array: write that first."


def test_so_does_a_cell_that_uses_what_that_one_would_have_made(said):
    said("x = as_array([1])")
    sentence = "The cell that makes {} needs as_array: write that first, and run both again."
    assert said("y = x") == sentence.format("x")
    assert said("y") == sentence.format("y")


def test_a_name_that_no_such_cell_makes_has_its_traceback(said):
    said("x = as_array([1])")
    assert "Traceback" in said("z") and "NameError" in said("z")


def test_a_name_that_was_made_before_is_not_waited_for(said):
    said("x = 1")
    said("x = as_array([x])")
    assert said("y = x") == ""
    said("del x")
    assert "Traceback" in said("x")


@pytest.mark.parametrize("raised", ['NotImplementedError("later")', "NotImplementedError()", "ValueError(1)"])
def test_other_errors_keep_their_traceback(said, raised):
    assert "Traceback" in said(f"raise {raised}")
