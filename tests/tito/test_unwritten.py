"""A cell that needs what is not written yet says so; every other error keeps its traceback."""

import os
import sys
from unittest.mock import patch

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbclient import NotebookClient

from tito import unwritten
from tito.author.build import read_lessons, write_reference
from tito.workspace import Workspace

from .conftest import PATIENCE, ROOT

LESSONS = read_lessons(Workspace(ROOT))

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


def test_an_import_of_what_a_later_module_makes_says_what_makes_it(said, tmp_path, monkeypatch):
    write_reference(LESSONS[:1], tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    wanted = "tinytorch.nn has no Linear: it needs layers.py, which is not there yet. `tito check` puts"
    with patch.dict(sys.modules):
        for name in [name for name in sys.modules if name.partition(".")[0] == "tinytorch"]:
            del sys.modules[name]
        assert said("from tinytorch.nn import Linear\nmade = 1").startswith(wanted)
        assert "Traceback" in said("made") and "Traceback" in said("from tinytorch.nn import Lineal")
        assert "Traceback" in said("import tinytorch.layers")


@pytest.mark.parametrize("place", range(len(LESSONS)), ids=[lesson.module.key for lesson in LESSONS])
def test_an_untouched_notebook_says_a_sentence_in_each_cell_that_cannot_run(place, tmp_path):
    module = LESSONS[place].module
    (tmp_path / "tests").mkdir()
    (tmp_path / "modules" / module.key).mkdir(parents=True)
    (tmp_path / "modules" / ".original").symlink_to(ROOT / "modules" / ".original")
    write_reference(LESSONS[:place], tmp_path)
    notebook = nbformat.read(module.original / module.notebook.name, 4)
    notebook.cells = [
        cell for cell in notebook.cells if not cell.source.startswith("check(")
    ]  # these are tried elsewhere
    where = {"metadata": {"path": str(tmp_path / "modules" / module.key)}}
    client = NotebookClient(notebook, timeout=PATIENCE, allow_errors=True, resources=where)
    client.execute(env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = [output.traceback for output in outputs if output.output_type == "error"]
    assert len(said) > 5 and not [lines for lines in said if len("\n".join(lines).splitlines()) > 1]
