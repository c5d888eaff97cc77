"""What a check copies is imported from its bytecode, for as long as that is what the source says."""

from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tito.checker.bytecode import copy


class NeverCompiles(SourceFileLoader):
    def source_to_code(self, *_, **__):
        raise AssertionError("it is compiled")


def code_of(path):
    return NeverCompiles("given", str(path)).get_code("given")


def test_a_copy_is_not_compiled_again_until_its_source_changes(tmp_path):
    file, to = tmp_path / "given.py", tmp_path / "package/given.py"
    file.write_text("def given():\n    return 1\n")
    copy(file, to)
    assert to.read_text() == file.read_text()
    space = {}
    exec(code_of(to), space)
    assert space["given"]() == 1 and space["given"].__code__.co_filename == str(to)
    to.write_text("def given():\n    return 2\n")
    with pytest.raises(AssertionError, match="it is compiled"):
        code_of(to)


@pytest.mark.parametrize(("source", "options"), [("x = (", {}), ("x = 1", {"compiled": False})])
def test_what_is_not_python_or_not_trusted_is_only_copied(source, options, tmp_path):
    file, to = tmp_path / "given.py", tmp_path / "package/given.py"
    file.write_text(source)
    copy(file, to, **options)
    assert to.read_text() == source and not Path(cache_from_source(str(to))).exists()


def test_what_python_warns_of_is_not_said_twice(tmp_path, recwarn):
    (tmp_path / "given.py").write_text("x = 1 is 1\n")
    copy(tmp_path / "given.py", tmp_path / "package/given.py")
    assert not list(recwarn)
