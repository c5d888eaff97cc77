"""A tape: the answers that a right solution gave under one seed, in one added cell, played back under another.

What a tape earns under a seed that it was not made with is what can be earned without the work. In the checkout,
`python -m tests.grading.tape 01` says it for a module, behaviour by behaviour.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tito.author.lesson import Lesson
from tito.checker import bridge, wire
from tito.checker.report import Report
from tito.grader.job import LARGEST_CODE, Job
from tito.grader.worker import grade
from tito.workspace import Module, Workspace

ROOT = Path(__file__).parents[2]
MADE_WITH, PLAYED_UNDER = 0, 20_261_123  # seeds
LONGEST_REPLY = 4_000  # characters; what is longer does not fit on the tape
PLAYER = """#| export
def _play():
    import base64, collections, hashlib, json, struct, sys, zlib

    kept = [json.loads(line) for line in zlib.decompress(base64.b64decode("@TAPE@")).decode().splitlines()]
    exactly, alike, of_its_kind = [collections.defaultdict(collections.deque) for _ in range(3)]
    for asked, data, reply, blob in kept:
        for known, key in ((exactly, (asked, data)), (alike, asked), (of_its_kind, asked.partition("]")[0])):
            known[key].append((reply, blob))

    def answer(connection, package):
        def read(size):
            data = b""
            while len(data) < size:
                part = connection.recv(size - len(data))
                if not part:
                    raise SystemExit
                data += part
            return data

        text_size, blob_size = struct.unpack(">II", read(8))
        question, *asked = json.loads(read(text_size))[1][:4]
        data, asked = hashlib.sha256(read(blob_size)).hexdigest()[:12], json.dumps(asked)
        for known, key in ((exactly, (asked, data)), (alike, asked), (of_its_kind, asked.partition("]")[0])):
            if known[key]:
                reply, blob = known[key][0]
                known[key].rotate(-1)
                break
        else:
            reply, blob = kept[-1][2:]
        text, blob = ('["list", [%d, %s]]' % (question, reply)).encode(), base64.b64decode(blob)
        connection.sendall(struct.pack(">II", len(text), len(blob)) + text + blob)

    sys.modules["__main__"].answer = answer


_play()
"""


class Recorder:
    """A connection to the student's side that keeps what is asked and what is answered."""

    def __init__(self, connection: Any, tape: list[list[str]]) -> None:
        self._connection, self._tape, self._question, self._answer = connection, tape, b"", b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def sendall(self, data: bytes) -> None:
        self._question, self._answer = data, b""
        self._connection.sendall(data)

    def recv(self, size: int) -> bytes:
        part = self._connection.recv(size)
        self._answer += part
        if len(self._answer) >= wire.HEADER.size:
            text, blob = _frame(self._answer)
            if len(self._answer) == wire.HEADER.size + len(text) + len(blob) == wire.HEADER.size + _size(self._answer):
                self._keep(text, blob)
        return part

    def _keep(self, text: bytes, blob: bytes) -> None:
        asked, data = _frame(self._question)
        reply = json.dumps(json.loads(text)[1][1:])[1:-1]
        digest = hashlib.sha256(data).hexdigest()[:12]
        self._tape.append([json.dumps(json.loads(asked)[1][1:4]), digest, reply, base64.b64encode(blob).decode()])


def _size(data: bytes) -> int:
    return sum(wire.HEADER.unpack(data[: wire.HEADER.size]))


def _frame(data: bytes) -> tuple[bytes, bytes]:
    text, _ = wire.HEADER.unpack(data[: wire.HEADER.size])
    return data[wire.HEADER.size :][:text], data[wire.HEADER.size :][text:]


@contextmanager
def recording() -> Iterator[list[list[str]]]:
    """Keep what is asked and answered in the block."""
    tape: list[list[str]] = []
    start = bridge.Bridge.start

    def recorded(self: bridge.Bridge) -> None:
        start(self)
        self.process.connection = Recorder(self.process.connection, tape)

    bridge.Bridge.start = recorded
    try:
        yield tape
    finally:
        bridge.Bridge.start = start


def cell(tape: list[list[str]]) -> str:
    """The cell that plays a tape; entries that are too long for a notebook are left out."""
    most = LONGEST_REPLY
    while True:
        lines = dict.fromkeys(json.dumps(entry) for entry in tape if len(entry[2]) + len(entry[3]) <= most)
        packed = base64.b64encode(zlib.compress("\n".join(lines).encode(), 9)).decode()
        source = PLAYER.replace("@TAPE@", packed)
        if len(source) < LARGEST_CODE * 3 // 4:
            return source
        most = most * 3 // 4


def played(module: Module, made_with: int = MADE_WITH, under: int = PLAYED_UNDER) -> Report:
    """What a notebook with no exercise written, and a tape made with one seed, gets under another."""
    workspace = Workspace(module.root)
    earlier = {other.name: Lesson(other).source().text for other in workspace.modules if other.key < module.key}
    blank = json.loads((module.original / f"{module.name}.ipynb").read_text(encoding="utf-8"))
    right = {cell.exercise: cell.source for cell in Lesson(module).cells() if cell.exercise}

    def graded(notebook: dict, seed: int) -> Report:
        data = json.dumps(notebook).encode()
        result = grade(Job(str(module.root), module.key, "tape", data, earlier, "", seed, sandboxed=False))
        assert not result.problem, result.problem
        return result.found

    answered = json.loads(json.dumps(blank))
    for one in answered["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id")
        one["source"] = right.get(name, one["source"])
    with recording() as tape:
        assert graded(answered, made_with).passed
    blank["cells"].append({"cell_type": "code", "id": "tape", "metadata": {}, "outputs": [], "source": cell(tape)})
    return graded(blank, under)


def main(number: str) -> None:
    module = Workspace(ROOT).module(number)
    same, other = played(module, under=MADE_WITH), played(module)
    most, earned = [sum(getattr(v, what) for v in other.exercises) for what in ("points", "earned")]
    again = sum(verdict.earned for verdict in same.exercises)
    print(f"## {module}: {earned:.4g} of {most:g} points under another seed ({again:.4g} under its own)\n")
    for verdict in other.exercises:
        print(f"test_{verdict.name}.py   {verdict.earned:g} of {verdict.points:g}")
        for behaviour, holds in verdict.behaviours.items():
            print(f"  {'earned' if holds else '  --  '}  {behaviour}")
    print()


if __name__ == "__main__":
    for wanted in sys.argv[1:] or [module.number for module in Workspace(ROOT).modules]:
        main(wanted)
