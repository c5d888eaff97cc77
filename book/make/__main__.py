"""`make book`: collect the pages, the written and the generated ones, and have Sphinx build the site.

`python book/make [--to DIR] [--links]` writes the site to DIR/html, by default book/_build/html. What lessons and
milestones print is kept in book/_build/cache, by a digest of all that it depends on, so a second build is fast.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

import addresses
import api
import commands
import lessons
import mathjax
import milestones
import slim
from execute import Cache
from sphinx.cmd.build import main as sphinx

from tito.author.build import read_lessons, write_reference
from tito.errors import TitoError
from tito.workspace import Workspace, write

BOOK = Path(__file__).parents[1]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python book/make", description="Build the website.")
    arguments.add_argument("--to", metavar="DIR", type=Path, default=BOOK / "_build", help="default: book/_build")
    arguments.add_argument("--links", action="store_true", help="instead, see whether the links to other sites work")
    arguments.add_argument(
        "--with", metavar="SITE", type=Path, dest="lite", help="put this site of `make lite` into it"
    )
    chosen = arguments.parse_args()
    begun = time.monotonic()
    try:
        problem = build(chosen.to.resolve(), "linkcheck" if chosen.links else "html", chosen.lite)
    except TitoError as error:
        print(error, file=sys.stderr)
        return error.code
    if not problem and not chosen.links:
        print(f"{chosen.to / 'html' / 'index.html'}, built in {time.monotonic() - begun:.0f} s")
    return problem


def build(out: Path, builder: str, lite: Path | None = None) -> int:
    """Write the pages to `out`/source, and the site to `out`/`builder`; returns Sphinx's exit code.

    `lite` is a site on which the notebooks run in the browser; it goes to `try` in this one.
    """
    workspace, cache = Workspace(BOOK.parent), Cache(BOOK / "_build" / "cache")
    read, source = read_lessons(workspace), out / "source"
    package = write_reference(read, out / "reference")
    keep(out / "static" / "mathjax", mathjax.files())
    keep(out / "static" / "pictures", {path.name: path.read_bytes() for path in BOOK.glob("pictures/*.png")})

    surroundings(out, package, cache, with_lite=lite is not None)
    written = BOOK.glob("*.md")
    pages = {path.name: path.read_bytes() for path in written}
    pages["contributing.md"] = (BOOK.parent / ".github" / "CONTRIBUTING.md").read_bytes()
    pages |= commands.pages() | api.pages(package, read)
    pages |= lessons.pages(read, package, cache) | milestones.pages(workspace, package, cache)
    keep(source, pages)

    print("Sphinx puts the pages together", flush=True)
    shutil.rmtree(out / builder / "_static", ignore_errors=True)  # made slim, and Sphinx would keep it so
    known = out / "doctrees"
    options = ["-b", builder, "-c", str(BOOK), "-d", str(known), "-q", "-n", "-W", "--keep-going"]
    problem = sphinx([*options, str(source), str(out / builder)])
    if problem:  # what Sphinx has read it does not read again, and it would not say what is wrong a second time
        shutil.rmtree(known, ignore_errors=True)
    elif builder == "html":
        slim.site(out / builder)
        shutil.rmtree(out / builder / "try", ignore_errors=True)
        if lite:
            shutil.copytree(lite, out / builder / "try")
    return problem


def surroundings(out: Path, package: Path, cache: Cache, with_lite: bool) -> None:
    """Set the environment of all code that is run for the book, and tell book/conf.py where things are."""
    settings = out / "ipython" / "profile_default" / "ipython_kernel_config.py"  # in place of the author's own
    write(settings, "c.IPKernelApp.log_level = 'ERROR'\n", sync=False)
    os.environ["IPYTHONDIR"] = str(out / "ipython")
    os.environ["PYTHONPATH"] = str(package.parent)  # where the written pages' code finds tinytorch
    os.environ["BOOK_STATIC"] = str(out / "static")
    os.environ["BOOK_LINKS"] = json.dumps(addresses.links(addresses.repository(BOOK.parent)))
    os.environ["BOOK_SITE"] = os.environ.get("TINYTORCH_SITE", "")
    os.environ["BOOK_TRY"] = "yes" if with_lite else ""
    os.environ["BOOK_EXECUTION"] = str(cache.path("pages", [package]))


def keep(folder: Path, files: dict[str, bytes]) -> None:
    """Let the folder hold these files and no others; one that is as it should be keeps its date."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
