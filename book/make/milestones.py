"""The milestones, run on the reference package: what they print, and the pictures they draw."""

from __future__ import annotations

import ast
import base64
import re
import tempfile
from functools import partial
from pathlib import Path

from execute import Cache

from tito.commands.demo import milestone
from tito.errors import TitoError
from tito.workspace import Module, Workspace

HEAD = """# Milestones

At the end of each module stands a script that uses what you have written so far on something real. `tito demo --mine`
runs those of the modules that you have passed. Here is what they print and draw on the course's own answers; the times
are those of the machine that made this page. What trains for minutes is shown in its short form, `--quick`.
"""
HOW = re.compile(r"\s+Run it from the\s+folder.*", re.DOTALL)  # which the page says once, at its head
PART = """
## {title}

{text}

```text
{printed}
```

![{alt}](milestones/{key}.png)
"""


def pages(workspace: Workspace, package: Path, cache: Cache) -> dict[str, bytes]:
    """The page, and the picture of each milestone."""
    text, found = HEAD, {}
    for module in workspace.modules:
        made_from = [module.milestone, package]
        kept = cache.get(f"{module.key}-milestone", made_from, partial(run, module, package.parent))
        title, _, rest = ast.get_docstring(ast.parse(module.milestone.read_text(encoding="utf-8"))).partition("\n")
        said = [line for line in kept["printed"].splitlines() if not line.startswith("picture: ")]
        title = title.removeprefix("Milestone ").rstrip(".")
        text += PART.format(
            title=title,
            alt=f"The picture of milestone {title}",
            text=HOW.sub("", rest).strip(),
            printed="\n".join(said),
            key=module.key,
        )
        found[f"milestones/{module.key}.png"] = base64.b64decode(kept["picture"])
    return found | {"milestones.md": text.encode()}


def run(module: Module, parent: Path) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        takes_minutes = '"--long"' in module.milestone.read_text(encoding="utf-8")
        done = milestone(module, parent, Path(folder), quick=takes_minutes)
        if done.returncode:
            raise TitoError(f"{module.milestone} failed: {done.stderr.strip().splitlines()[-1]}")
        picture = (Path(folder) / f"{module.key}.png").read_bytes()
    return {"printed": done.stdout, "picture": base64.b64encode(picture).decode()}
