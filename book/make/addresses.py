"""Where the project lives on the web: from one setting, and nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

NOTEBOOK = "modules/01_tensor/tensor.ipynb"


def repository(root: Path) -> str:
    """The repository's web address, `https://HOST/OWNER/NAME`; empty where it has none.

    `TINYTORCH_REPOSITORY` sets it, also to nothing; by default it is that of the git remote `origin`.
    """
    if "TINYTORCH_REPOSITORY" in os.environ:
        return os.environ["TINYTORCH_REPOSITORY"].rstrip("/")
    try:
        command = ["git", "-C", str(root), "remote", "get-url", "origin"]
        remote = subprocess.run(command, capture_output=True, encoding="utf-8").stdout.strip()
    except OSError:
        return ""
    return web_address(remote)


def web_address(remote: str) -> str:
    """What a git remote's address is in a browser; empty for a folder or a host without a name."""
    found = re.fullmatch(
        r"(?:https?://(?:[^@/]+@)?|ssh://(?:[^@/]+@)?|[^@/:]+@)([\w-]+(?:\.[\w-]+)+)(?::\d+)?[:/](.+)", remote
    )
    return f"https://{found[1]}/{found[2].strip('/').removesuffix('.git')}" if found else ""


def links(repository: str) -> dict[str, str]:
    """The addresses that follow from the repository's: of its issues, and on GitHub those of Binder and Colab."""
    found = {"repository": repository, "issues": f"{repository}/issues"} if repository else {}
    host, _, project = repository.removeprefix("https://").partition("/")
    if host == "github.com":
        found["binder"] = f"https://mybinder.org/v2/gh/{project}/HEAD?urlpath=lab/tree/{NOTEBOOK}"
        found["colab"] = f"https://colab.research.google.com/github/{project}/blob/HEAD/{NOTEBOOK}"
    return found
