"""The tests of an exercise are read once for all of its answers: they stand together."""

from pathlib import Path


def pytest_collection_modifyitems(items):
    here = [n for n, item in enumerate(items) if Path(__file__).parent in item.path.parents]
    for n, item in zip(here, sorted((items[n] for n in here), key=_exercise)):
        items[n] = item


def _exercise(item):
    given = item.callspec.params if hasattr(item, "callspec") else {}
    return given.get("key", ""), given["answer"].exercise if "answer" in given else given.get("name", "")
