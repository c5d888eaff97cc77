"""The reference of `tito`, read from its parser."""

from __future__ import annotations

import argparse
import re

from tito.cli import COMMANDS, EPILOG, parser

AUDIENCES = {"": "For students", "for instructors: ": "For instructors", "for authors: ": "For authors"}


def pages() -> dict[str, bytes]:
    top = parser([])
    lines = ["# The command `tito`", "", top.description, "`--help` after any command says what it takes.", ""]
    lines += [*_arguments(top), "## Exit codes", ""]
    codes = " ".join(EPILOG.split()).removeprefix("exit codes: ").rstrip(".").split("; ")
    lines += ["| code | meaning |", "|---|---|", *("| `{}` | {} |".format(*code.split(" ", 1)) for code in codes)]
    for prefix, title in AUDIENCES.items():
        lines += ["", f"## {title}"]
        for name, (what, _, arguments) in COMMANDS.items():
            if prefix == next(p for p in reversed(AUDIENCES) if what.startswith(p)):
                lines += _command([name], what.removeprefix(prefix), grouped=isinstance(arguments, str))
    return {"reference/tito.md": "\n".join(lines + [""]).encode()}


def _command(path: list[str], what: str, grouped: bool) -> list[str]:
    """What is said of one command; for one that is a group, of the commands in it."""
    here = _find(path)
    lines = ["", f"{'#' * (len(path) + 2)} `tito {' '.join(path)}`", "", f"{what[0].upper()}{what[1:]}.", ""]
    if grouped:
        for name, action in _children(here).items():
            lines += _command([*path, name], action, grouped=False)
        return lines
    usage = " ".join(here.format_usage().removeprefix("usage: ").replace(" [-h]", "").split())
    lines += ["```text", usage, "```", "", *_arguments(here)]
    return [*lines, "For example:", "", "```text", f"{here.epilog.removeprefix('example: ')}", "```"]


def _find(path: list[str]) -> argparse.ArgumentParser:
    found = parser(path)
    for name in path:
        found = _group(found).choices[name]
    return found


def _group(within: argparse.ArgumentParser) -> argparse._SubParsersAction:
    return next(action for action in within._actions if isinstance(action, argparse._SubParsersAction))


def _children(within: argparse.ArgumentParser) -> dict[str, str]:
    """The commands of a group, each with what it does."""
    return {action.dest: action.help for action in _group(within)._choices_actions}


def _arguments(within: argparse.ArgumentParser) -> list[str]:
    """A table of the arguments, unless there are none but `--help`."""
    rows = []
    for action in within._actions:
        if isinstance(action, argparse._SubParsersAction) or "--help" in action.option_strings:
            continue
        name = action.metavar or action.dest
        if action.option_strings:
            value = f" {name}" if action.nargs != 0 else ""
            name = ", ".join(option + value for option in action.option_strings)
        plain = re.sub(r"[\[\]<>*|]", r"\\\g<0>", action.help or "")
        rows.append(f"| `{name}` | {plain} |".replace("book/json.md", "[What `--json` prints](../json.md)"))
    return ["| argument | meaning |", "|---|---|", *rows, ""] if rows else []
