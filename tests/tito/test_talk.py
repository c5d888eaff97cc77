"""`tito talk`: text from the model that module 10's milestone leaves, in the terminal and in a notebook."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Folder

ROOT = Path(__file__).parents[2]
MAKE = """
import sys
from tinytorch.gpt import GPT, Writer
from tinytorch.tensor import manual_seed
from tinytorch.tokenization import Tokenizer, train_bpe
from tinytorch.training import save_checkpoint
from tito.datasets import shakespeare

manual_seed(int(sys.argv[2]))
tokenizer = Tokenizer(train_bpe(shakespeare()[:5000], 300))
save_checkpoint(sys.argv[1], writer=Writer(GPT(len(tokenizer), 16, 16, 2, 1), tokenizer))
"""


def python(root, code, *arguments, folder="."):
    """Run Python in a folder of the workspace, as a notebook's kernel runs in it; what it prints."""
    paths = os.pathsep.join([str(root), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, cwd=root / folder, env=environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout


@pytest.fixture(scope="module")
def written(new_workspace, reference_parent, tmp_path_factory):
    """A workspace in which module 10 is written, and a model that has learnt nothing; not to be changed."""
    workspace = new_workspace(tmp_path_factory.mktemp("talk") / "workspace", keys=("10_gpt",))
    shutil.copytree(reference_parent / "tinytorch", workspace.root / "tinytorch")
    make(workspace, "10_gpt.npz", 0)
    return workspace


@pytest.fixture
def copy(written, tmp_path):
    """The same in a folder of its own."""
    shutil.copytree(written.root, tmp_path / "copy")
    return Folder(tmp_path / "copy")


def make(workspace, name, seed):
    folder = workspace.root / ".tito/milestones"
    folder.mkdir(parents=True, exist_ok=True)
    python(workspace.root, MAKE, folder / name, seed)


def replace_writer(workspace, body):
    """Let the student's `Writer.write` have this body."""
    with open(workspace.root / "tinytorch/gpt.py", "a", encoding="utf-8") as file:
        file.write(f"\n\ndef write(self, prompt, *options):\n    {body}\n\n\nWriter.write = write\n")


def test_it_goes_on_from_the_text_and_with_the_same_seed_in_the_same_way(written):
    once, again, other = (written.tito("talk", "ROMEO:", "--seed", seed, code=0) for seed in ("1", "1", "2"))
    assert once == again != other
    assert once.startswith("ROMEO:") and len(once) > 100


def test_a_notebook_gives_the_same_text(written):
    told = written.tito("talk", "O, Romeo", "--seed", "3", "--temperature", "1.1", "--top-k", "7", code=0)
    code = "from tito.live import talk; talk('O, Romeo', seed=3, temperature=1.1, top_k=7)"
    assert python(written.root, code, folder="modules/10_gpt") == told


def test_without_a_seed_it_is_another_text_each_time(written):
    assert written.tito("talk", "a", code=0) != written.tito("talk", "a", code=0)


def test_the_options_count(written):
    def text(*options):
        return written.tito("talk", "a", "--seed", "0", *options, code=0)

    usual = text()
    for options in (("--temperature", "0"), ("--top-k", "1"), ("--tokens", "5")):
        assert text(*options) != usual
    assert text("--temperature", "0") == text("--top-k", "1")
    assert len(text("--tokens", "5")) < len(usual)


def test_it_is_shown_while_it_is_written(copy):
    replace_writer(copy, "yield 'one '; import time; time.sleep(60)")
    running = copy.start("talk", "a", encoding=None)
    try:
        assert running.stdout.read(5) == b"aone "
        assert running.poll() is None
    finally:
        running.kill()


def test_without_a_model_it_says_which_command_makes_one(copy):
    shutil.rmtree(copy.root / ".tito")
    said = "there is no trained model yet: `tito demo --mine 10` trains one, and keeps it.\n"
    assert copy.tito("talk", "ROMEO:", code=2) == said
    assert python(copy.root, "from tito.live import talk; talk('ROMEO:')", folder="modules/10_gpt") == said


def test_the_model_of_the_short_form_serves_until_there_is_a_better_one(copy):
    folder = copy.root / ".tito/milestones"
    whole = copy.tito("talk", "a", "--seed", "0", code=0)
    make(copy, "10_gpt-quick.npz", 5)
    assert copy.tito("talk", "a", "--seed", "0", code=0) == whole
    (folder / "10_gpt.npz").unlink()
    assert copy.tito("talk", "a", "--seed", "0", code=0) != whole


def test_without_the_package_it_says_what_writes_it(copy):
    shutil.rmtree(copy.root / "tinytorch")
    said = "talking needs tinytorch/gpt.py, which is not there yet: `tito check 10` writes it.\n"
    assert copy.tito("talk", "ROMEO:", code=2) == said


def test_a_course_without_module_10_has_nothing_to_talk_with(workspace):
    assert "10" in workspace.tito("talk", "ROMEO:", code=2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--temperature", "-1"], "a temperature is 0 or more, not -1."),
        (["--temperature", "nan"], "a temperature is 0 or more, not nan."),
        (["--top-k", "0"], "top-k is 1 or more, not 0."),
        (["--seed", "-1"], "the seed is 0 or more, not -1."),
        (["--tokens", "0"], "the number of tokens is 1 or more, not 0."),
    ],
)
def test_numbers_that_make_no_sense_are_refused(written, options, said):
    assert written.tito("talk", "a", *options, code=2) == f"{said}\n"


def test_nothing_and_what_is_no_text_are_refused(written):
    assert "there is nothing to go on from" in written.tito("talk", "", code=2)
    assert "half of a surrogate pair" in written.tito("talk", "\udcff", code=2)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise KeyError('size')", "the model cannot write: KeyError: 'size'"),
        ("yield 'a'; raise ValueError('too long')", "the model cannot write: too long"),
        ("import os; os._exit(3)", "the model cannot write: its process ended without a word."),
    ],
)
def test_what_goes_wrong_in_the_students_code_is_a_sentence(copy, body, said):
    replace_writer(copy, body)
    assert copy.tito("talk", "a", code=2).splitlines()[-1].endswith(said)


def test_a_damaged_model_is_a_sentence(copy):
    (copy.root / ".tito/milestones/10_gpt.npz").write_bytes(b"not a checkpoint")
    assert "it is damaged, or it is not a checkpoint" in copy.tito("talk", "a", code=2)


def test_what_the_model_writes_cannot_steer_a_terminal(copy):
    replace_writer(copy, "yield 'x\\x1b[2Jy\\n'")
    assert copy.tito("talk", "a", code=0) == "ax\\x1b[2Jy\n\n"
