"""The public data sets are read from their real formats, downloaded once, checked, and never half there.

A server on this machine plays the part of the internet, with small files in the same formats.
"""

import gzip
import hashlib
import http.server
import io
import struct
import tarfile
import threading

import numpy as np
import pytest

from tito import datasets

KINDS = {"mnist": datasets.mnist, "fashion-mnist": datasets.fashion_mnist}


def idx(array):
    """An array of bytes as a gzipped IDX file."""
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes())


def archive(files):
    """These files in a gzipped tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def pixels(*shape, seed):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def labels(n, seed):
    return np.random.default_rng(seed).integers(0, 10, n, dtype=np.uint8)


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Internet:
    """A server with `files`, what it was asked for, and how many bytes of each answer it holds back."""

    def __init__(self):
        self.files, self.asked, self.withheld = {}, [], 0
        internet = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                internet.asked.append(self.path)
                data = internet.files.get(self.path)
                if data is None:
                    return self.send_error(404)
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) - internet.withheld])

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def internet(monkeypatch, tmp_path):
    """The server, and the data sets with their addresses and checksums turned to it; the cache is in `tmp_path`."""
    server = Internet()
    contents = {}
    for name in KINDS:
        for part, n, seed in (("train", 6, 1), ("t10k", 3, 2)):
            contents[name, f"{part}-images-idx3-ubyte.gz"] = idx(pixels(n, 28, 28, seed=seed))
            contents[name, f"{part}-labels-idx1-ubyte.gz"] = idx(labels(n, seed))
    batches = {f"data_batch_{n}.bin": n for n in range(1, 6)} | {"test_batch.bin": 6}
    rows = {
        f"cifar-10-batches-bin/{name}": np.hstack([labels(2, seed)[:, None], pixels(2, 3072, seed=seed)]).tobytes()
        for name, seed in batches.items()
    }
    contents["cifar-10", "cifar-10-binary.tar.gz"] = archive(rows | {"cifar-10-batches-bin/readme.html": b"see"})
    sources = {name: {"addresses": [f"{server.address}{name}/"], "files": {}} for name in datasets.SOURCES}
    for (name, file), data in contents.items():
        server.files[f"/{name}/{file}"] = data
        sources[name]["files"][file] = digest(data)
    monkeypatch.setattr(datasets, "SOURCES", sources)
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield server
    server.stop()


def cached(tmp_path):
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_the_plays_are_speeches_and_nothing_else():
    text = datasets.shakespeare()
    assert len(text) == len(text.encode()) == 983_617  # which the docstring says
    assert len(set(text)) == 63
    assert text.startswith("THESEUS:\nNow, fair Hippolyta, our nuptial hour\n")
    assert text.endswith("As you from crimes would pardon'd be,\nLet your indulgence set me free.\n")
    assert not set("_*#[]\\") & set(text)
    assert "\n\n\n" not in text and "  " not in text
    first, last = text[: len(text) * 9 // 10], text[len(text) * 9 // 10 :]
    assert first.count("PROSPERO:") == 0 < last.count("PROSPERO:")


def test_the_names_are_in_small_letters_and_each_is_there_once():
    names = datasets.names()
    assert len(names) == len(set(names)) == 5163
    assert names == sorted(names)
    assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")
    assert {"mary", "james", "aaron", "zulma"} <= set(names)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("train", "n", "seed"), [(True, 6, 1), (False, 3, 2)])
def test_idx_files_become_images_from_0_to_1_and_labels(internet, name, train, n, seed):
    images, targets = KINDS[name](train=train)
    assert (images.dtype, targets.dtype) == (np.float32, np.int64)
    np.testing.assert_array_equal(images, pixels(n, 28, 28, seed=seed).astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(targets, labels(n, seed))
    assert 0 <= images.min() < images.max() <= 1


def test_cifar_s_records_become_colour_images_and_labels(internet):
    images, targets = datasets.cifar10()
    assert (images.shape, images.dtype, targets.dtype) == ((10, 3, 32, 32), np.float32, np.int64)
    expected = np.concatenate([pixels(2, 3072, seed=seed) for seed in range(1, 6)]).reshape(10, 3, 32, 32)
    np.testing.assert_array_equal(images, expected / np.float32(255))
    np.testing.assert_array_equal(targets, np.concatenate([labels(2, seed) for seed in range(1, 6)]))
    held_out, _ = datasets.cifar10(train=False)
    np.testing.assert_array_equal(held_out, pixels(2, 3072, seed=6).reshape(2, 3, 32, 32) / np.float32(255))


def test_a_second_call_reads_the_cache(internet, tmp_path):
    first, _ = datasets.mnist()
    assert len(internet.asked) == 2
    internet.stop()
    again, _ = datasets.mnist()
    np.testing.assert_array_equal(first, again)
    assert len(internet.asked) == 2
    assert cached(tmp_path) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]


def test_the_progress_goes_to_stderr(internet, capsys):
    datasets.cifar10(train=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert "cifar-10-binary.tar.gz" in err
    datasets.cifar10(train=False)
    assert capsys.readouterr() == ("", "")


def test_a_file_with_another_checksum_is_refused_and_not_kept(internet, tmp_path):
    internet.files["/mnist/train-images-idx3-ubyte.gz"] = idx(pixels(6, 28, 28, seed=99))
    with pytest.raises(ConnectionError, match="what it sent is another file, its checksum is wrong"):
        datasets.mnist()
    assert cached(tmp_path) == []


def test_a_connection_that_breaks_is_said_and_nothing_is_kept(internet, tmp_path):
    internet.withheld = 10
    size = len(internet.files["/cifar-10/cifar-10-binary.tar.gz"])
    with pytest.raises(ConnectionError, match=f"the connection broke after {size - 10:,} of {size:,} bytes"):
        datasets.cifar10()
    assert cached(tmp_path) == []
    internet.withheld = 0
    assert len(datasets.cifar10()[0]) == 10


def test_offline_the_sentence_says_what_to_do(internet, tmp_path):
    internet.stop()
    with pytest.raises(ConnectionError) as caught:
        datasets.fashion_mnist()
    said = str(caught.value)
    assert said.startswith("cannot download train-images-idx3-ubyte.gz of fashion-mnist: http://127.0.0.1:")
    assert "no connection" in said
    assert said.endswith(f"or put the file into {tmp_path / 'cache' / 'fashion-mnist'} yourself.")


def test_the_next_address_is_tried(internet, monkeypatch):
    addresses = datasets.SOURCES["mnist"]["addresses"]
    addresses.insert(0, f"{internet.address}moved/")
    assert len(datasets.mnist(train=False)[0]) == 3
    assert internet.asked[:2] == ["/moved/t10k-images-idx3-ubyte.gz", "/mnist/t10k-images-idx3-ubyte.gz"]
    del addresses[1]
    with pytest.raises(ConnectionError, match="moved/: it answers 404"):
        datasets.mnist()


def test_an_interruption_leaves_nothing_behind(internet, tmp_path, monkeypatch):
    def interrupted(response, size, name):
        yield b"first bytes"
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(datasets, "_chunks", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.mnist()
    assert cached(tmp_path) == []
    assert len(datasets.mnist()[0]) == 6


def test_a_file_that_was_damaged_in_the_cache_is_named(internet, tmp_path):
    datasets.mnist()
    path = tmp_path / "cache" / "mnist" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is damaged, its checksum is wrong: delete it"):
        datasets.mnist()
    path.unlink()
    assert len(datasets.mnist()[1]) == 6


def test_a_file_put_there_by_hand_is_used(internet, tmp_path):
    folder = tmp_path / "cache" / "cifar-10"
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(internet.files["/cifar-10/cifar-10-binary.tar.gz"])
    internet.stop()
    assert len(datasets.cifar10()[0]) == 10


@pytest.mark.parametrize(
    ("name", "file", "data"),
    [
        ("mnist", "train-images-idx3-ubyte.gz", b"not gzip"),
        ("mnist", "train-images-idx3-ubyte.gz", gzip.compress(b"")),
        ("mnist", "train-images-idx3-ubyte.gz", gzip.compress(b"\x12\x34\x08\x03")),
        ("mnist", "train-images-idx3-ubyte.gz", gzip.compress(struct.pack(">HBBI", 0, 8, 1, 5) + b"1234")),
        ("mnist", "train-images-idx3-ubyte.gz", idx(pixels(2, 28, 28, seed=0))[:-20]),
        ("cifar-10", "cifar-10-binary.tar.gz", b"not an archive"),
        ("cifar-10", "cifar-10-binary.tar.gz", archive({"cifar-10-batches-bin/data_batch_1.bin": b"123"})),
        ("cifar-10", "cifar-10-binary.tar.gz", archive({"other": b"123"})),
    ],
    ids=lambda value: "data" if isinstance(value, bytes) else value,  # a compressed file has the time in it
)
def test_what_is_not_in_the_format_is_one_sentence(internet, name, file, data):
    internet.files[f"/{name}/{file}"] = data
    datasets.SOURCES[name]["files"][file] = digest(data)
    with pytest.raises(ValueError, match=f"{file} cannot be read as what its name says: "):
        {"mnist": datasets.mnist, "cifar-10": datasets.cifar10}[name]()


def test_the_cache_is_the_user_s_own_unless_said_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("TINYTORCH_DATA", str(tmp_path))
    assert datasets.cache() == tmp_path
    monkeypatch.delenv("TINYTORCH_DATA")
    monkeypatch.setattr(datasets.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert datasets.cache() == tmp_path / "tinytorch"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert datasets.cache() == tmp_path / ".cache" / "tinytorch"
    monkeypatch.setattr(datasets.sys, "platform", "darwin")
    assert datasets.cache() == tmp_path / "Library" / "Caches" / "tinytorch"
    monkeypatch.setattr(datasets.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert datasets.cache() == tmp_path / "Local" / "tinytorch"


def test_the_table_of_sources_is_whole():
    assert [len(source["files"]) for source in datasets.SOURCES.values()] == [4, 4, 1]
    for source in datasets.SOURCES.values():
        assert all(address.startswith("http") and address.endswith("/") for address in source["addresses"])
        assert all(len(bytes.fromhex(found)) == 32 for found in source["files"].values())
    assert len(datasets.FASHION_MNIST_CLASSES) == len(datasets.CIFAR10_CLASSES) == 10
