"""Real data for the course, kept in the repository so that nothing is downloaded."""

import gzip
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"


def digits():
    """The UCI handwritten digits: images (1797, 8, 8), float32 from 0 to 1, and labels (1797,), int64.

    The file holds ink counts from 0 to 16; they are divided by 16 here. `data/README.md` gives the source.
    """
    text = gzip.decompress((DATA / "digits.csv.gz").read_bytes()).decode("ascii")
    table = np.array(text.replace("\n", ",").rstrip(",").split(","), dtype=np.int64).reshape(-1, 65)
    images = table[:, :64].reshape(-1, 8, 8).astype(np.float32) / 16
    return images, table[:, 64].copy()
