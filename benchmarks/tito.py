"""How long tito's commands take beside a bare `python -c pass`: medians of one run, as ratios. `make bench-tito`."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
COMMANDS = [  # command, runs, the most it may take: times a bare Python, or seconds
    (["--version"], 21, "2.5x"),
    (["--help"], 21, "2.5x"),
    (["status"], 21, "7x"),
    (["export", "01"], 21, "10x"),
    (["check", "01"], 5, "3 s"),
    (["check", "01", "--exercise", "matmul"], 5, "1 s"),
]


def seconds(command, runs):
    """The time of each run of `command`, after one that is not counted."""
    times = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        times.append(time.perf_counter() - begun)
    return times[1:]


def main():
    bare = statistics.median(seconds([sys.executable, "-c", "pass"], 21))
    print(f"{'command':<34} {'median':>9} {'spread':>17} {'ratio':>7}  at most")
    print(f"{'python -c pass':<34} {bare * 1e3:>6.1f} ms")
    for command, runs, most in COMMANDS:
        times = seconds([str(BIN / "tito"), *command], runs)
        middle = statistics.median(times)
        spread = f"{min(times) * 1e3:.1f} to {max(times) * 1e3:.1f}"
        print(f"{'tito ' + ' '.join(command):<34} {middle * 1e3:>6.1f} ms {spread:>17} {middle / bare:>6.2f}x  {most}")


if __name__ == "__main__":
    main()
