"""Programs in PyTorch's idiom run on the package made from the answers, with `torch` in their import lines changed."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FALLING = ["gpt", "gru", "quickstart", "sine_by_hand", "words"]
NOT_PROGRAMS = ("porting", "test_programs")


def losses_of(path, reference_parent):
    """What the program's `main` returns, run in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(reference_parent), "PYTHONWARNINGS": "error::DeprecationWarning"}
    done = subprocess.run(
        [sys.executable, HERE / "porting.py", path], env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", sorted(p.stem for p in HERE.glob("*.py") if p.stem not in NOT_PROGRAMS))
def test_runs_with_the_import_lines_changed(name, reference_parent):
    losses = losses_of(HERE / f"{name}.py", reference_parent)
    assert losses and all(math.isfinite(loss) for loss in losses)
    if name in FALLING:
        assert min(losses[len(losses) // 2 :]) < losses[0]
