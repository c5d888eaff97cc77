"""Data for the course: kept in the repository, made from a seed, or public and downloaded once."""

import gzip
import hashlib
import os
import struct
import sys
import tarfile
import zlib
from pathlib import Path

import numpy as np

from tito.workspace import replacing

DATA = Path(__file__).parent / "data"

# The public data sets: where their files are, and the SHA-256 of each, as published in TensorFlow Datasets'
# `url_checksums`. An address that does not answer is followed by the next.
SOURCES = {
    "mnist": {
        "addresses": [
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ],
        "files": {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    },
    "fashion-mnist": {
        "addresses": ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
        "files": {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    },
    "cifar-10": {
        "addresses": ["https://www.cs.toronto.edu/~kriz/"],
        "files": {"cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
    },
}
FASHION_MNIST_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
)  # fmt: skip
CIFAR10_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"
)  # fmt: skip


def digits():
    """The UCI handwritten digits: images (1797, 8, 8), float32 from 0 to 1, and labels (1797,), int64.

    The file holds ink counts from 0 to 16; they are divided by 16 here. `data/README.md` gives the source.
    """
    text = _kept("digits.csv.gz")
    table = np.array(text.replace("\n", ",").rstrip(",").split(","), dtype=np.int64).reshape(-1, 65)
    images = table[:, :64].reshape(-1, 8, 8).astype(np.float32) / 16
    return images, table[:, 64].copy()


def shakespeare():
    """The speeches of eight plays by Shakespeare, one text of 983,617 characters, all of them ASCII.

    A speech begins with its speaker's name and a colon on a line; an empty line stands after it. The last tenth is
    The Tempest, and the end of Romeo and Juliet. `data/README.md` gives the source.
    """
    return _kept("shakespeare.txt.gz")


def names():
    """First names from the US census of 1990: 5,163 of them, in small letters from a to z, sorted.

    `data/README.md` gives the source.
    """
    return _kept("names.txt.gz").split()


def xor(n=200, noise=0.15, seed=0):
    """Points around the corners of a square, of class 1 where the signs of x and y differ: (n, 2) and labels (n,)."""
    rng = np.random.default_rng(seed)
    corners = np.arange(n) % 4
    x, y = 2 * (corners // 2) - 1, 2 * (corners % 2) - 1
    return _mixed(rng, np.stack([x, y], axis=1), x != y, noise)


def spirals(n=400, noise=0.04, seed=0):
    """Points on two spirals that wind around each other one and a half times: (n, 2) and labels (n,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    along = np.sqrt(rng.uniform(0.02, 1, n))  # the root spreads the points evenly over the spiral's length
    angle = 3 * np.pi * along + np.pi * labels
    return _mixed(rng, along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), labels, noise)


def moons(n=400, noise=0.1, seed=0):
    """Points on two half circles that reach into each other: (n, 2) and labels (n,)."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _mixed(rng, np.where(labels[:, None], (1, 0.5) - upper, upper), labels, noise)


def mnist(train=True):
    """MNIST (LeCun, Cortes & Burges 1998): images (n, 28, 28), float32 from 0 to 1, and labels (n,), int64.

    60,000 images to learn from, or with `train=False` the 10,000 held out. Downloaded at the first call, 12 MB in all.
    """
    return _idx_pair("mnist", train)


def fashion_mnist(train=True):
    """Fashion-MNIST (Xiao, Rasul & Vollgraf 2017): pieces of clothing, in the form and numbers of `mnist`.

    Downloaded at the first call, 31 MB in all. `FASHION_MNIST_CLASSES` says what the labels mean.
    """
    return _idx_pair("fashion-mnist", train)


def cifar10(train=True):
    """CIFAR-10 (Krizhevsky 2009): colour images (n, 3, 32, 32), float32 from 0 to 1, and labels (n,), int64.

    50,000 images to learn from (614 MB of memory), or with `train=False` the 10,000 held out. Downloaded at the first
    call, 170 MB. `CIFAR10_CLASSES` says what the labels mean.
    """
    path = _fetch("cifar-10", "cifar-10-binary.tar.gz")
    names = [f"data_batch_{n}.bin" for n in range(1, 6)] if train else ["test_batch.bin"]
    with _reading(path), tarfile.open(path, "r:gz") as archive:
        parts = [archive.extractfile(f"cifar-10-batches-bin/{name}").read() for name in names]
        rows = np.concatenate([np.frombuffer(part, np.uint8).reshape(-1, 1 + 3 * 32 * 32) for part in parts])
    return _scaled(rows[:, 1:].reshape(-1, 3, 32, 32)), rows[:, 0].astype(np.int64)  # label, then red, green, blue


def cache():
    """The folder for what was downloaded: TINYTORCH_DATA if it is set, else the user's cache folder."""
    if chosen := os.environ.get("TINYTORCH_DATA"):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tinytorch"


def _kept(name):
    """The text of a file that lies beside this one."""
    return gzip.decompress((DATA / name).read_bytes()).decode("ascii")


def _idx_pair(dataset, train):
    part = "train" if train else "t10k"
    images = _idx(_fetch(dataset, f"{part}-images-idx3-ubyte.gz"))
    return _scaled(images), _idx(_fetch(dataset, f"{part}-labels-idx1-ubyte.gz")).astype(np.int64)


def _idx(path):
    """The array in a gzipped IDX file: two zeros, the type, the number of axes, their sizes, the values."""
    with _reading(path):
        data = gzip.decompress(path.read_bytes())
        zeros, kind, axes = struct.unpack_from(">HBB", data)
        if zeros or kind != 8:
            raise ValueError("it does not begin as an IDX file of bytes does")
        shape = struct.unpack_from(f">{axes}I", data, 4)
        return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _scaled(pixels):
    return np.divide(pixels, np.float32(255))


class _reading:
    """Turns whatever goes wrong inside into one sentence about the file."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, (EOFError, KeyError, OSError, ValueError, struct.error, tarfile.TarError, zlib.error)):
            raise ValueError(f"{self.path} cannot be read as what its name says: {error}") from error


def _fetch(dataset, name):
    """The path of a file of a data set, in the cache; downloaded if it is not there, and checked each time.

    An OSError if it cannot be downloaded, a ValueError if its checksum is wrong.
    """
    from http.client import HTTPException

    path, digest = cache() / dataset / name, SOURCES[dataset]["files"][name]
    if path.is_file():
        found = hashlib.sha256()
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
        if found.hexdigest() == digest:
            return path
        raise ValueError(f"{path} is damaged, its checksum is wrong: delete it, and it will be downloaded again.")
    problems = []
    for address in SOURCES[dataset]["addresses"]:
        try:
            _download(address + name, path, digest)
            return path
        except (_Undelivered, HTTPException) as error:
            problems.append(f"{address}: {error}")
    raise ConnectionError(
        f"cannot download {name} of {dataset}: {'; '.join(problems)}. Try again when you are online, or put the file "
        f"into {path.parent} yourself."
    )


class _Undelivered(Exception):
    """What an address sent, or did not send; the next one may do better."""


def _download(address, path, digest):
    """Bring a file to `path`, whole and with this SHA-256, or not at all. Raises _Undelivered."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        response = urlopen(Request(address, headers={"User-Agent": "tinytorch"}), timeout=30)
    except HTTPError as error:
        raise _Undelivered(f"it answers {error.code} {error.reason}") from None
    except OSError as error:  # no network, no such host, nobody listening, no answer in time
        raise _Undelivered(f"no connection ({getattr(error, 'reason', error)})") from None
    with response, replacing(path) as file:
        size = int(response.headers.get("Content-Length") or 0)
        found = hashlib.sha256()
        for chunk in _chunks(response, size, path.name):
            found.update(chunk)
            file.write(chunk)
        if size > file.tell():
            raise _Undelivered(f"the connection broke after {file.tell():,} of {size:,} bytes")
        if found.hexdigest() != digest:
            raise _Undelivered("what it sent is another file, its checksum is wrong")


def _chunks(response, size, name):
    """The bytes of a response, piece by piece, with a progress bar."""
    from tqdm.auto import tqdm

    with tqdm(total=size or None, unit="B", unit_scale=True, desc=name) as bar:
        while True:
            try:
                chunk = response.read(1 << 18)
            except OSError as error:
                raise _Undelivered(f"the connection broke ({error})") from None
            if not chunk:
                return
            bar.update(len(chunk))
            yield chunk


def _mixed(rng, points, labels, noise):
    """The points, with normal noise of this size, as float32 and the labels as int64, in an order that is mixed."""
    order = rng.permutation(len(points))
    points = points + noise * rng.standard_normal(points.shape)
    return points[order].astype(np.float32), np.asarray(labels)[order].astype(np.int64)
