"""`make lite`: a site on which the notebooks and their checks run in the reader's browser, DIR/site.

`python book/lite/make.py DIR`. Python comes from Pyodide's CDN, or from where `TINYTORCH_PYODIDE` says: a folder of
Pyodide's full distribution, as an address, absolute or relative to the site.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
JUPYTER = HERE.parents[1] / ".venv-lite" / ("Scripts" if os.name == "nt" else "bin") / "jupyter"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
FROM_A_CDN = re.compile(r"https://[\w./-]+/pyodide/v[\d.]+/full/pyodide\.m?js")


def main() -> int:
    home = Path(sys.argv[1]).resolve()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copy(HERE / "jupyter_lite_config.json", home)
    settings = json.loads((HERE / "jupyter-lite.json").read_text(encoding="utf-8"))
    own = os.environ.get("TINYTORCH_PYODIDE", "").rstrip("/")
    if own:
        settings["jupyter-config-data"]["litePluginSettings"][KERNEL]["pyodideUrl"] = f"{own}/pyodide.mjs"
    (home / "jupyter-lite.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    hand_out = [sys.executable, "-m", "tito", "release", "--to", str(home / "files")]
    lite = [str(JUPYTER), "lite", "build"]
    for command in (hand_out, lite):
        done = subprocess.run(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        if done.returncode:
            print(done.stdout, file=sys.stderr)
            return done.returncode
        if command is hand_out:
            shutil.copy(HERE / "README.md", home / "files")
    tell_what_is_missing(home / "site")
    return 0


def address_of_pyodide(site: Path) -> str:
    """Where the kernel fetches Pyodide from, as it says itself."""
    for script in (site / "extensions").rglob("*.js"):
        if found := FROM_A_CDN.search(script.read_text(encoding="utf-8", errors="replace")):
            return found[0]
    raise SystemExit("The kernel's scripts name no address of Pyodide: has its layout changed?")


def tell_what_is_missing(site: Path) -> None:
    """Let the page of JupyterLab say in a sentence that Python cannot be loaded, where it cannot."""
    page = site / "lab" / "index.html"
    shutil.copy(HERE / "network.js", site)
    script = f'<script src="../network.js" data-python="{address_of_pyodide(site)}"></script>'
    text = page.read_text(encoding="utf-8")
    if "</head>" not in text:
        raise SystemExit(f"{page} has no </head> to put a script before.")
    page.write_text(text.replace("</head>", f"{script}</head>", 1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
