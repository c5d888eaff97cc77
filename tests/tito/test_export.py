"""`tito export`: cells that grew over a notebook become a module that could have been written by hand."""

import ast
import subprocess
import sys

import pytest

from tito.export import assemble
from tito.notebook import Cell, CellError
from tito.workspace import Workspace

from .conftest import ROOT

SHOWN = "modules/01_tensor/tensor.ipynb"
WRITTEN = f'"""Written in {SHOWN}."""\n'


@pytest.fixture
def export():
    """Puts these code cells together as a module; its text, or the sentence that says why that cannot be done."""

    def run(*sources, fails=False):
        marked = [s if s.startswith(("#| export", "%", "!")) else f"#| export\n{s}" for s in sources]
        cells = [Cell(number, "code", source) for number, source in enumerate(marked, 1)]
        try:
            text = assemble([cell for cell in cells if cell.exported], SHOWN, "tensor").text
        except CellError as error:
            assert fails, error
            return str(error)
        assert not fails
        compile(text, "tensor.py", "exec")
        return text

    return run


def after(text, marker):
    """The text from this line on."""
    return text[text.index(marker) :]


def test_methods_move_into_the_class_body_in_order(export):
    text = export(
        'class A:\n    """A class."""\n\n    x = 1',
        "@extend(A)\ndef first(self):\n    return 1\n\n\n@extend(A)\ndef second(self):\n    return 2",
        "def between():\n    return A",
        "class B(A):\n    pass",
        "@extend(B)\ndef third(self):\n    return 3",
        "@extend(A)\ndef fourth(self):\n    return 4",
    )
    assert text == WRITTEN + (
        '\n__all__ = ["A", "between", "B"]\n\n\n'
        'class A:\n    """A class."""\n\n    x = 1\n\n'
        "    def first(self):\n        return 1\n\n"
        "    def second(self):\n        return 2\n\n"
        "    def fourth(self):\n        return 4\n\n\n"
        "def between():\n    return A\n\n\n"
        "class B(A):\n    pass\n\n"
        "    def third(self):\n        return 3\n"
    )


BODIES = {
    "pass": "class A: pass",
    "several statements": "class A: x = 1; y = 2  # two",
    "a docstring": 'class A: "A class."',
    "a docstring of several lines": 'class A: """A class\n    of some kind."""',
    "a base": "class A(dict): x = 1",
    "a base on lines of its own": "class A(\n    dict,\n): x = ':'",
    "letters of several bytes": "class Ä(dict): pass\nA = Ä\nclass A(Ä): x = 'é'",
    "two spaces": "class A:\n  x = 1\n  def f(self):\n    return 1",
    "tabs": "class A:\n\tx = 1",
    "a decorated class": "@functools.total_ordering\nclass A(int): pass",
    "a comment behind the colon": "class A:  # here: pass\n    # and there\n    x = 1",
}


@pytest.mark.parametrize("body", BODIES)
def test_a_class_may_be_written_as_python_allows(export, body):
    grown = '@extend(A)\ndef added(self):\n    """Say so."""\n    if self is not None:\n        return "added"'
    space, before = {}, {}
    exec(export("import functools", BODIES[body], grown), space)
    exec(f"import functools\n{BODIES[body]}", before)
    assert space["A"]().added() == "added"
    own = {name for name in vars(before["A"]) if not name.startswith("__")}
    assert {name for name in vars(space["A"]) if not name.startswith("__")} == own | {"added"}
    assert space["A"].__doc__ == before["A"].__doc__


def test_a_mark_over_several_lines_goes_and_a_mark_by_its_full_name(export):
    text = export(
        "class A:\n    pass", "@extend(\n    A\n)\ndef f(self):\n    return 1", "@live.extend(A)\ndef g(self): pass"
    )
    assert "extend" not in text and "    def f(self):\n" in text and "    def g(self): pass\n" in text


def test_statements_on_one_line_stay_together(export):
    text = export("x = 1; import math; y = math.pi", "import json, re")
    assert text.index("import json") < text.index("x = 1; import math; y = math.pi") and '__all__ = ["x", "y"]' in text


def test_comments_move_along(export):
    text = export(
        "class A:\n    pass  # grows below\n# after the class",
        "# Above the decorator.\n@extend(A)  # beside it\n# Between.\ndef f(self):  # at the name\n"
        "    # inside\n    return 1  # beside\n    # at the end\n# Below.",
        "# A cell that starts with a comment.\n\n# And another.\ny = 1  # a number",
    )
    assert after(text, "class A") == (
        "class A:\n    pass  # grows below\n# after the class\n\n"
        "    # Above the decorator.\n    # Between.\n    def f(self):  # at the name\n        # inside\n"
        "        return 1  # beside\n        # at the end\n    # Below.\n\n\n"
        "# A cell that starts with a comment.\n\n# And another.\ny = 1  # a number\n"
    )


def test_strings_over_several_lines_keep_their_content(export):
    method = (
        "@extend(A)\n"
        "def text(self, name='x'):\n"
        '    """A docstring\n\n    of several lines.\n    """\n'
        "    plain = '''\n"
        "one\n"
        "  two\n"
        "'''\n"
        '    formatted = f"""\n'
        "{name}\n"
        "  {name!r:>5}\n"
        '"""\n'
        "    joined = (\n"
        "        'a'\n"
        "        'b'\n"
        "    )\n"
        '    return plain, formatted, joined, b"""\n'
        '  x"""'
    )
    text = export("class A:\n    pass", method)
    space, original = {}, {}
    exec(text, space)
    exec("class A:\n    pass\n" + method.replace("@extend(A)", ""), original)
    assert space["A"]().text("q") == original["text"](None, "q")
    assert '    def text(self, name=\'x\'):\n        """A docstring\n\n        of several lines.\n        """\n' in text
    assert "        joined = (\n            'a'\n            'b'\n        )\n" in text
    assert "{name}\n  {name!r:>5}\n" in text


def test_other_decorators_stay_and_a_property_keeps_its_setter(export):
    text = export(
        "import functools",
        "class A:\n    pass",
        "@extend(A)\n@property\ndef value(self):\n    return 1\n\n\n@extend(A)\n@value.setter\ndef value(self, new):\n    pass",
        "@extend(A)\n@classmethod\n@functools.lru_cache(\n    maxsize=None\n)\ndef make(cls):\n    return cls()",
        "@staticmethod\n@extend(A)\ndef odd():\n    return 1",
    )
    assert "extend" not in text
    assert (
        "    @property\n    def value(self):\n        return 1\n\n    @value.setter\n    def value(self, new):" in text
    )
    assert "    @classmethod\n    @functools.lru_cache(\n        maxsize=None\n    )\n    def make(cls):\n" in text
    assert "    @staticmethod\n    def odd():\n" in text


def test_a_method_defined_again_in_a_later_cell_replaces_the_first(export):
    text = export(
        "class A:\n    pass", "@extend(A)\ndef f(self):\n    return 1", "@extend(A)\ndef f(self):\n    return 2"
    )
    assert text.count("def f") == 1 and "return 2" in text


def test_super_and_await_and_decorated_classes(export):
    text = export(
        "import functools",
        "class A:\n    def f(self):\n        return 1",
        "@functools.total_ordering\nclass B(A):\n    def __lt__(self, other):\n        return True",
        "@extend(B)\ndef f(self):\n    return super().f() + 1\n\n\n@extend(B)\nasync def g(self):\n    return 2",
    )
    space = {}
    exec(text, space)
    assert space["B"]().f() == 2 and "@functools.total_ordering\nclass B(A):" in text and "    async def g" in text


def test_imports_are_gathered_above_all(export):
    text = export(
        '"""A module\nof things."""\n\nimport math\n\nimport numpy as np',
        "x = math.pi",
        "from functools import (\n    partial,  # applied\n    reduce,\n)\n\n\ndef f():\n    import json\n\n    return json",
    )
    assert text == (
        f'"""A module of things. Written in {SHOWN}."""\n\n'
        "import math\n\nimport numpy as np\n\n"
        "from functools import (\n    partial,  # applied\n    reduce,\n)\n\n"
        '__all__ = ["x", "f"]\n\nx = math.pi\n\n\ndef f():\n    import json\n\n    return json\n'
    )


def test_an_import_that_is_not_alone_stays_where_it_is(export):
    text = export("x = 1", "try:\n    import fast\nexcept ImportError:\n    fast = None", "if x:\n    import math")
    assert text.index("x = 1") < text.index("    import fast") < text.index("    import math")


def test_all_lists_what_is_public_once(export):
    names = [f"a_rather_long_name_{i}" for i in range(8)]
    text = export(
        "\n".join(f"{name} = {i}" for i, name in enumerate(names)), "_hidden = 1\nx: int = 2\nx = 3", "def _f(): pass"
    )
    space = {}
    exec(text, space)
    assert space["__all__"] == [*names, "x"]
    assert max(map(len, text.splitlines())) <= 100


def test_only_marked_cells_are_exported_and_blank_lines_are_tidy(export):
    text = export("\n\nx = 1\n\n\n", "#| export\n\n\n\ny = 2", "#| export", "#| export\n# only a comment", "z = 3")
    assert after(text, "x = 1") == "x = 1\n\ny = 2\n\nz = 3\n"


@pytest.mark.parametrize("line", ["%timeit 1", "%%time\nx = 1", "!ls", "x = !ls", "files = %pwd", "sum?", "?sum"])
def test_a_line_that_only_notebooks_understand_is_refused_with_a_sentence(export, line):
    output = export("y = 1", f"#| export\nx = 1\n{line}", fails=True)
    assert output.startswith(f"{SHOWN}, cell 2, line 3: ") and "works in notebooks only" in output
    assert line.splitlines()[0] in output


def test_a_percent_and_a_mark_elsewhere_are_python(export):
    text = export('x = (\n    7\n    % 4\n)\ny = """\n%magic\n!shell\n"""')
    assert "    % 4\n" in text and "%magic\n!shell\n" in text


def test_cells_without_the_mark_may_hold_magics(export):
    assert "x = 1" in export("%matplotlib inline", "!ls", "x = 1")


@pytest.mark.parametrize("owner", ["Missing", "np.ndarray"])
def test_a_class_that_is_not_of_this_notebook_cannot_be_extended(export, owner):
    output = export("import numpy as np", f"@extend({owner})\ndef f(self):\n    return 1", fails=True)
    assert f"{SHOWN}, cell 2, line 3: there is no class {owner} to extend" in output


def test_the_reference_reads_as_if_formatted_by_ruff(reference_parent):
    lessons = Workspace(ROOT).lessons  # the shelves are looked at where they are written
    files = [reference_parent / "tinytorch" / f"{module.name}.py" for module in lessons]
    ruff = [sys.executable, "-m", "ruff"]
    isolated = ["--isolated", "--no-cache", "--line-length", "100"]
    for command in (["format", "--check", "--diff", *isolated], ["check", "--select", "F,W,I", *isolated]):
        done = subprocess.run([*ruff, *command, *map(str, files)], capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr
    for path in files:
        tree = ast.parse(path.read_text())
        assert "extend" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "%%" not in path.read_text() and "#|" not in path.read_text()


def test_an_export_is_what_was_checked(workspace):
    """Given cells count as they were handed out; an answer that the lesson alone needs is not in the package."""
    notebook = workspace.fill()
    workspace.cell(notebook, "given-Tensor")[1]["source"] = "#| export\nclass Tensor:\n    pass"
    workspace.save(notebook)
    said = " ".join(workspace.tito("check", "01", code=0).split())
    assert f"{SHOWN}: cell 13 was handed out and has been changed; it counts as it was handed out." in said
    text = workspace.text("tinytorch/tensor.py")
    assert "A block of numbers with a shape" in text and "    def eye(" in text and "matmul_loops" not in text


@pytest.mark.parametrize("what", ["no cells", "the blank", "every answer taken out", "another notebook"])
def test_an_export_of_nothing_replaces_nothing(workspace, what):
    notebook = workspace.fill()
    workspace.tito("export", "01", code=0)
    good = workspace.text("tinytorch/tensor.py")
    for cell in notebook["cells"]:
        if what == "every answer taken out" and "def " in "".join(cell["source"]):
            cell["source"] = "# not now"
    if what == "no cells":
        notebook["cells"] = []
    elif what == "another notebook":
        notebook["cells"] = [dict(cell_type="code", source="print(1)", metadata={}, outputs=[])]
    elif what == "the blank":
        notebook = workspace.blank()
    workspace.save(notebook)
    said = workspace.tito("export", "01", code=2)
    assert "has no answer to an exercise of 01 tensor" in said
    assert "Nothing was exported; tinytorch/tensor.py is as it was." in said
    assert workspace.text("tinytorch/tensor.py") == good
