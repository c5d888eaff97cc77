"""Export: from a notebook's cells to a module of the package, as it would have been written by hand.

The cells marked `#| export` are put one after the other. A method added to a class in a cell of its own, with
`@extend(Tensor)`, moves into the class body, comments and all, and the decorator goes. Nothing else is changed.
"""

from __future__ import annotations

import ast
import functools
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from tito.notebook import EXPORT, Cell, CellError
from tito.syntax import UNREADABLE, Definition, extended, extension, tree
from tito.workspace import write

LINE = 100  # columns
NAMES = "names.py"  # the shelf with what stands at the top of the package
MAGIC = re.compile(r"^\s*[%!?]|=\s*[%!]|\?\s*$")  # %timeit, !ls, files = !ls, sum?
NOT_PYTHON = "this works in notebooks only, not in a package; move it to a cell that is not exported"
INIT = '''"""TinyTorch: the framework you have built so far."""

# ruff: noqa: F403, I001
# In the order of the course: where two modules have a name, such as Tensor, the later one wins.
'''


@dataclass
class Block:
    """A stretch of a cell: one statement with the comments above it, or several statements on one line."""

    cell: Cell
    nodes: list[ast.stmt]
    lines: list[tuple[int, str]]  # with their numbers in the cell, counted from 1
    owner: str | None = None  # the class it is moved into

    @property
    def spacious(self) -> bool:
        """Whether it stands apart from its neighbours, as definitions do."""
        return isinstance(self.nodes[0], Definition)

    @property
    def imports(self) -> bool:
        return all(isinstance(node, ast.Import | ast.ImportFrom) for node in self.nodes)

    @property
    def name(self) -> str:
        """What it defines, if it is a class or a function."""
        return getattr(self.nodes[0], "name", "")


@dataclass
class Source:
    """The text of one module of the package, and the cell that each of its lines came from."""

    file: str = ""  # tinytorch/tensor.py
    text: str = ""
    origin: list[tuple[Cell, int] | None] = field(default_factory=list)  # line in the file -> cell, line in it

    def place(self, file: str, line: int) -> tuple[Cell, int] | None:
        """Find the cell, and the line in it, that a line of this file came from; None for another file's."""
        ours = Path(file) == Path(self.file) and 0 < line <= len(self.origin)
        return self.origin[line - 1] if ours else None


def assemble(cells: list[Cell], where: str, name: str) -> Source:
    """Put these code cells together as the module `name` of the package.

    `where` names the notebook in the file's docstring and in errors. Raises CellError for a cell that cannot be parsed,
    or that extends a class nobody has defined.
    """
    blocks = [block for cell in cells for block in _blocks(cell, where)]
    docstring, rest = _docstring(blocks)
    classes = {block.name for block in rest if isinstance(block.nodes[0], ast.ClassDef)}
    members: dict[str, dict[str, list[Block]]] = {}
    top = []
    for block in rest:
        if block.owner is None:
            top.append(block)
        elif block.owner not in classes:
            problem = f"there is no class {block.owner} to extend in the cells above"
            raise CellError(where, block.cell, block.nodes[0].lineno, problem)
        else:  # defined again in another cell: the later one counts; twice in one cell (a property's setter): both do
            named = members.setdefault(block.owner, {})
            same = named.get(block.name, [])
            named[block.name] = [b for b in same if b.cell is block.cell] + [block]
    writer = _Writer()
    for line in _heading(docstring, where):
        writer.add(line, None)
    writer.gap(1)
    imports = [block for block in top if block.imports]
    for previous, block in zip([None, *imports], imports):
        if previous and _apart(previous, block):
            writer.gap(1)
        writer.block(block)
    public = [name for block in top if not block.imports for node in block.nodes for name in _public(node)]
    writer.gap(1)
    for line in _listing(list(dict.fromkeys(public))):
        writer.add(line, None)
    previous = None
    for block in top:
        if block.imports:
            continue
        if block.spacious or (previous and previous.spacious):
            writer.gap(2)
        elif previous is None or _apart(previous, block):
            writer.gap(1)
        added = members.pop(block.name, {}) if isinstance(block.nodes[0], ast.ClassDef) else {}
        indent = _open_body(block) if added else ""
        writer.block(block)
        for member in [member for same in added.values() for member in same]:
            writer.gap(1)
            writer.block(member, indent)
        previous = block
    return writer.source(f"tinytorch/{name}.py")


def parse(cell: Cell, where: str) -> ast.Module:
    """Parse a cell. Raises CellError, with the line and a caret under the place, if it is not Python."""
    try:
        return tree(cell.source)
    except SyntaxError as error:
        line = error.lineno or 1
        text = (error.text or "").rstrip("\n")
        shown = f"    {text}\n    {' ' * (max(error.offset or 1, 1) - 1)}^" if text.strip() else ""
        problem = NOT_PYTHON if MAGIC.search(text) else error.msg
        raise CellError(where, cell, line, problem, shown) from None
    except UNREADABLE as error:
        why = error if isinstance(error, ValueError) else "its parts are nested too deeply to be read"
        raise CellError(where, cell, 1, f"this is not Python ({why})") from None


def _blocks(cell: Cell, where: str) -> list[Block]:
    """Cut a cell into its statements; each takes along the comments above it, the last one those below."""
    lines = list(enumerate(cell.source.split("\n"), 1))
    blocks: list[Block] = []
    done = 0
    for node in parse(cell, where).body:
        start = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        if start <= done:  # it begins on the line where the statement before it ended
            blocks[-1].nodes.append(node)
            blocks[-1].lines += lines[done : node.end_lineno]
        else:
            blocks.append(Block(cell, [node], lines[done : node.end_lineno], extended(node)))
        done = node.end_lineno
    if blocks:
        blocks[-1].lines += lines[done:]
    for block in blocks:
        block.lines = _tidy(block)
    return blocks


def _tidy(block: Block) -> list[tuple[int, str]]:
    """Leave out of a block's lines what is only for the notebook: the export mark, @extend, blank lines at either end."""
    node = block.nodes[0]
    extending = extension(node)
    lines = [
        (number, line)
        for number, line in block.lines
        if not (extending and extending.lineno <= number <= extending.end_lineno)
        and not (number < node.lineno and line.strip() == EXPORT)
    ]
    while lines and not lines[0][1].strip():
        lines.pop(0)
    while lines and not lines[-1][1].strip():
        lines.pop()
    return lines


def _open_body(block: Block) -> str:
    """Let more lines follow in the body of a class, of which none stands behind the colon; returns how they are indented."""
    first = block.nodes[0].body[0]
    at = next(n for n, (number, _) in enumerate(block.lines) if number == first.lineno)
    number, line = block.lines[at]
    head = line.encode()[: first.col_offset].decode()
    if not head.strip():
        return head
    block.lines[at : at + 1] = [(number, head.rstrip()), (number, f"    {line[len(head) :]}")]
    return "    "


def _docstring(blocks: list[Block]) -> tuple[str, list[Block]]:
    """The package file's docstring, if the first exported cell starts with one, and the other blocks."""
    first = blocks[0].nodes[0] if blocks and len(blocks[0].nodes) == 1 else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        value = first.value.value
        if isinstance(value, str):
            return " ".join(value.split()), blocks[1:]
    return "", blocks


def _public(node: ast.stmt) -> list[str]:
    if isinstance(node, Definition):
        names = [node.name]
    elif isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        names = [node.target.id]
    else:
        names = []
    return [name for name in names if not name.startswith("_")]


def _apart(one: Block, other: Block) -> bool:
    """Whether there is room between two statements where they were written."""
    return one.cell is not other.cell or other.lines[0][0] > one.lines[-1][0] + 1


def _heading(docstring: str, where: str) -> list[str]:
    """The lines of the file's docstring."""
    line = " ".join([*([docstring] if docstring else []), f"Written in {where}."])
    if len(line) + 6 <= LINE:
        return [f'"""{line}"""']
    return [f'"""{docstring}', "", f"Written in {where}.", '"""']


def _listing(names: list[str]) -> list[str]:
    """The lines of `__all__`."""
    quoted = [f'"{name}"' for name in names]
    line = f"__all__ = [{', '.join(quoted)}]"
    return [line] if len(line) <= LINE else ["__all__ = [", *(f"    {name}," for name in quoted), "]"]


@functools.lru_cache(maxsize=256)
def _inside_strings(source: str) -> set[int]:
    """Lines that begin inside a string other than a docstring, where leading space is part of the value."""
    strings, docstrings = [], set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            strings.append(node)
        elif isinstance(node, Definition) and ast.get_docstring(node):
            docstrings.add(node.body[0].value)
    tall = [node for node in strings if node.lineno < node.end_lineno and node not in docstrings]
    if not tall:
        return set()
    import tokenize  # one string over several lines, or several strings side by side? The tokens tell

    inside: set[int] = set()
    begun = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if name == "FSTRING_START":  # from Python 3.12 on, an f-string is several tokens
            begun.append(token.start[0])
        elif name in ("STRING", "FSTRING_END"):
            first = token.start[0] if name == "STRING" else begun.pop()
            inside.update(range(first + 1, token.end[0] + 1))
    return inside & {line for node in tall for line in range(node.lineno + 1, node.end_lineno + 1)}


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.origin: list[tuple[Cell, int] | None] = []

    def add(self, line: str, origin: tuple[Cell, int] | None) -> None:
        self.lines.append(line)
        self.origin.append(origin)

    def gap(self, blank: int) -> None:
        """End with exactly this many blank lines, except at the top of the file."""
        while self.lines and not self.lines[-1]:
            self.lines.pop()
            self.origin.pop()
        for _ in range(blank if self.lines else 0):
            self.add("", None)

    def block(self, block: Block, indent: str = "") -> None:
        fixed = _inside_strings(block.cell.source) if indent else set()
        for number, line in block.lines:
            text = line if number in fixed else (indent + line).rstrip() if line.strip() else ""
            self.add(text, (block.cell, number))

    def source(self, file: str) -> Source:
        return Source(file, "\n".join(self.lines) + "\n" if self.lines else "", self.origin)


def write_package(package: Path, name: str, source: Source, order: list[str], shelves: Path, sync: bool = True) -> Path:
    """Write the module `name` of the package, the given `shelves`, and the `__init__.py` that gathers all of it.

    Modules come in the course's order. A name that two modules define means the later one's: `from tinytorch import
    Tensor` gives the newest Tensor.
    """
    path = package / f"{name}.py"
    write(path, source.text, sync)
    gathered = [known for known in order if (package / f"{known}.py").exists()]
    for shelf in sorted(shelves.rglob("*.py")):
        _copy(shelf, package / shelf.relative_to(shelves), sync)
    gathered += [shelf.stem for shelf in shelves.glob(NAMES)]
    write(package / "__init__.py", INIT + "".join(f"from tinytorch.{known} import *\n" for known in gathered), sync)
    return path


def _copy(file: Path, to: Path, sync: bool) -> None:
    """Write what is in `file` to `to`, unless it is there already."""
    text = file.read_bytes()
    if not to.is_file() or to.read_bytes() != text:
        write(to, text, sync)
