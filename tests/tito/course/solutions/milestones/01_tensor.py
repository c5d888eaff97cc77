"""Multiplies two numbers with nothing but the student's Tensor."""

import argparse
from pathlib import Path

from tinytorch import Tensor

parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, required=True)
(parser.parse_args().out / "product.txt").write_text(f"{(Tensor([6]) * 7).data[0]:.0f}\n")
print("6 x 7 is 42")
