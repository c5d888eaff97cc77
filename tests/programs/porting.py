"""How a program written for PyTorch is run on the package: with `torch` in its import lines changed, and nothing else.

`python porting.py PROGRAM` runs it on the `tinytorch` that Python finds, and prints its losses as JSON.
"""

import contextlib
import json
import re
import sys
from pathlib import Path
from types import ModuleType

PROGRAMS = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in ("porting", "test_programs"))


def ported(text: str) -> str:
    """The program, importing TinyTorch in the place of PyTorch."""
    text = re.sub(r"(?m)^import torch$", "import tinytorch as torch", text)
    text = re.sub(r"(?m)^import torch(\.[\w.]+)$", r"import tinytorch as torch, tinytorch\1", text)
    return re.sub(r"(?m)^(import|from) torch\b", r"\1 tinytorch", text)


def load(path: Path, text: str) -> ModuleType:
    """The program as a module, from this text."""
    module = sys.modules[path.stem] = ModuleType(path.stem)
    exec(compile(text, str(path), "exec"), vars(module))
    return module


if __name__ == "__main__":
    path = Path(sys.argv[1])
    program = load(path, ported(path.read_text(encoding="utf-8")))
    import tinytorch

    tinytorch.manual_seed(0)
    with contextlib.redirect_stdout(sys.stderr):
        losses = program.main()
    print(json.dumps(losses))
