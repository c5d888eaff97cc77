"""Training leaves nothing behind: no memory that grows with the steps, and no cycles that only the garbage collector ends."""

import json
import os
import subprocess
import sys

TRAIN = """
import gc, json, psutil
import numpy as np
import tinytorch as tt

gc.disable()
rng = np.random.default_rng(0)
images = tt.Tensor(rng.standard_normal((8, 1, 8, 8)).astype(np.float32))
classes = tt.Tensor(rng.integers(0, 3, 8))
conv = tt.Sequential(tt.Conv2d(1, 4, 3, padding=1), tt.BatchNorm2d(4), tt.ReLU(), tt.MaxPool2d(2), tt.Flatten())
head = tt.Sequential(tt.Linear(64, 128), tt.GELU(), tt.Dropout(0.1), tt.LayerNorm(128), tt.Linear(128, 3))
model, loss = tt.Sequential(conv, head), tt.CrossEntropyLoss()
optimizer = tt.Adam(model.parameters(), lr=1e-3)
schedule = tt.StepLR(optimizer, step_size=100)

def steps(count):
    for number in range(count):
        value = loss(model(images), classes)
        if number % 10:  # now and then a result is dropped without going back from it
            value.backward()
            tt.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()

def held():
    return psutil.Process().memory_info().rss

gc.collect()
steps(100)
before = held()
steps(1000)
print(json.dumps(dict(grown=held() - before, cycles=gc.collect())))
"""


def test_a_thousand_steps_leave_nothing(reference_parent):
    command = [sys.executable, "-c", TRAIN]  # its folder is first on its path
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=reference_parent, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["cycles"] == 0
    # Bytes. One activation of 8 × 128 values kept in each step would be 4 MB; Python's own store of free tuples is 0.4 MB.
    assert found["grown"] < 1_000_000
