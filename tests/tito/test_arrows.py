"""What imports what in `tito`: the arrows run one way, wherever in a file an import stands."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import tito

HOME = Path(tito.__file__).parent
FILES = {".".join(path.relative_to(HOME.parent).with_suffix("").parts): path for path in HOME.rglob("*.py")}


def imported(path):
    """The files of tito that one imports, in functions and for types too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (
                name
                for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
                if name in FILES
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)


def test_no_file_imports_what_imports_it():
    arrows = {name: set(imported(path)) - {name} for name, path in FILES.items()}
    assert len(arrows) > 50 and "tito.errors" in arrows["tito.workspace"]
    TopologicalSorter(arrows).prepare()  # a CycleError names the files
