"""Text from the GPT that module 10's milestone has trained, written by the student's own package.

The package runs in a process of its own, and with one thread. So the terminal and the notebook give the same text for
the same seed, whatever else runs in them.
"""

from __future__ import annotations

import codecs
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tito.checker.process import ONE_THREAD
from tito.errors import TitoError, visible
from tito.workspace import Workspace

MODULE = "10"
MODELS = ("10_gpt.npz", "10_gpt-quick.npz")  # that the milestone leaves, the better one first
WRITE = "from tito.talk import write; write()"


def stream(
    prompt: str,
    temperature: float = 0.8,
    top_k: int | None = 40,
    seed: int | None = None,
    tokens: int = 200,
) -> Iterator[str]:
    """Yield `prompt`, and what the student's model writes after it, in pieces as they come.

    Without a `seed` it is another text each time. Raises TitoError, with what would be right.
    """
    workspace = Workspace.find()
    _check(workspace, temperature, top_k, seed, tokens)
    folder = workspace.private / "milestones"
    path = next((folder / name for name in MODELS if (folder / name).is_file()), None)
    if path is None:
        raise TitoError(f"there is no trained model yet: `tito demo --mine {MODULE}` trains one, and keeps it.")
    asked = dict(path=str(path), prompt=prompt, temperature=temperature, top_k=top_k, seed=seed, tokens=tokens)
    yield from _answer(workspace.root, asked)


def _check(workspace: Workspace, temperature: float, top_k: int | None, seed: int | None, tokens: int) -> None:
    """Raise TitoError if the package is not ready to write, or a number makes no sense."""
    if sys.platform == "emscripten":
        raise TitoError("talking needs a process of its own, which a browser has not: install the course to talk.")
    module = workspace.module(MODULE)
    if not (workspace.root / "tinytorch" / f"{module.name}.py").is_file():
        where = f"tinytorch/{module.name}.py"
        raise TitoError(f"talking needs {where}, which is not there yet: `tito check {module.number}` writes it.")
    if not 0 <= temperature < math.inf:
        raise TitoError(f"a temperature is 0 or more, not {temperature:g}.")
    for name, number, least in (("top-k", top_k, 1), ("the seed", seed, 0), ("the number of tokens", tokens, 1)):
        if number is not None and number < least:
            raise TitoError(f"{name} is {least} or more, not {number}.")


def _answer(root: Path, asked: dict[str, Any]) -> Iterator[str]:
    paths = os.pathsep.join([str(root), str(Path(__file__).parents[1])])
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child = subprocess.Popen([sys.executable, "-c", WRITE], cwd=root, env=environment, **pipes)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        child.stdin.write(json.dumps(asked).encode())
        child.stdin.close()
        while data := child.stdout.read1():
            yield visible(decoder.decode(data))
        said = child.stderr.read().decode("utf-8", "replace").strip().splitlines()
        if child.wait():
            raise TitoError(f"the model cannot write: {said[-1] if said else 'its process ended without a word.'}")
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            pipe.close()


def write() -> None:
    """Write what was asked for on standard input; what goes wrong is the last line on standard error."""
    asked = json.load(sys.stdin)
    try:
        import numpy as np

        from tinytorch.gpt import Writer

        writer, generator = Writer.load(asked["path"]), np.random.default_rng(asked["seed"])
        pieces = writer.write(asked["prompt"], asked["tokens"], asked["temperature"], asked["top_k"], generator)
        before = asked["prompt"]  # shown once it is known that the model can go on from it
        for piece in pieces:
            sys.stdout.buffer.write((before + piece).encode("utf-8", "replace"))
            sys.stdout.buffer.flush()
            before = ""
    except KeyboardInterrupt:
        os._exit(130)
    except Exception as error:
        name = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        print(f"{name}{error}", file=sys.stderr)
        sys.exit(1)
