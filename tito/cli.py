"""The command line: which commands there are, and what happens when one fails.

Start-up is part of the design: only argparse is imported here, and a command's code when that command runs.
"""

from __future__ import annotations

import sys

EPILOG = """\
exit codes: 0 done, and passed where that is asked; 1 not passed;
2 could not tell or could not be done; 130 stopped with Ctrl-C.
"""

# command: what it does, an example, and its arguments as (names, options)
MODULE = (["module"], {"nargs": "?", "metavar": "N", "help": "the module: 01, 1 or tensor (default: the current one)"})
JSON = (["--json"], {"action": "store_true", "help": "print JSON, as described in book/json.md"})
COMMANDS = {
    "status": ("say where you are and what is next (also: tito alone)", "tito status", [JSON]),
    "start": (
        "open the current notebook in JupyterLab",
        "tito start 01",
        [MODULE, (["--print"], {"action": "store_true", "dest": "only_print", "help": "say what would be opened"})],
    ),
    "check": (
        "run a module's tests on your notebook; a module that passes opens the next",
        "tito check 01 --exercise matmul",
        [
            MODULE,
            (["--exercise"], {"metavar": "NAME", "help": "check this exercise only"}),
            JSON,
            (["--cells"], {"action": "store_true", "help": "read the cells from standard input, as notebooks do"}),
        ],
    ),
    "export": ("write your notebook's code into the package tinytorch/", "tito export 01", [MODULE]),
    "watch": ("check again whenever the notebook is saved", "tito watch", [MODULE]),
    "hint": (
        "give the next hint of an exercise",
        "tito hint matmul 2",
        [
            (["exercise"], {"metavar": "EXERCISE"}),
            (
                ["which"],
                {"nargs": "?", "type": int, "default": 1, "metavar": "K", "help": "the K-th hint (default: 1)"},
            ),
        ],
    ),
    "solution": (
        "show the course's own answers, once the module passes",
        "tito solution 01 matmul",
        [
            (["module"], {"metavar": "N"}),
            (["exercise"], {"nargs": "?", "metavar": "EXERCISE", "help": "this exercise only"}),
        ],
    ),
    "reset": (
        "put back the notebook, or one exercise, as it was handed out; keeps a backup",
        "tito reset 01 matmul",
        [
            (["module"], {"metavar": "N"}),
            (["exercise"], {"nargs": "?", "metavar": "EXERCISE", "help": "this exercise only"}),
        ],
    ),
    "demo": (
        "play the course in a throwaway workspace, or show what you have built",
        "tito demo --mine",
        [
            MODULE,
            (
                ["--mine"],
                {"action": "store_true", "help": "run the milestones of the modules you have passed, on your code"},
            ),
        ],
    ),
    "doctor": ("check Python, packages and workspace, and say how to mend what is wrong", "tito doctor", []),
    "build": (
        "for authors: make the notebooks from solutions/",
        "tito build --check",
        [
            (["--check"], {"action": "store_true", "help": "change nothing; name what is stale and exit 1"}),
            (
                ["--force"],
                {"action": "store_true", "help": "also write over notebooks with work in them (keeps a backup)"},
            ),
            (
                ["--reference"],
                {"metavar": "DIR", "help": "only write the package made from the answers to DIR/tinytorch"},
            ),
        ],
    ),
}


def parser():
    """The whole command line, as argparse sees it."""
    import argparse

    top = argparse.ArgumentParser(
        prog="tito",
        description="Carries you through TinyTorch: opens notebooks, checks and exports what you wrote.",
        epilog=EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
            prog, width=79
        ),  # asking the terminal takes 3 ms
    )
    top.add_argument("--version", action="store_true", help="print the version")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, (what, example, arguments) in COMMANDS.items():
        command = commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=f"example: {example}"
        )
        for names, options in arguments:
            command.add_argument(*names, **options)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit code. What goes wrong is said in a sentence on standard error."""
    argv = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if argv == ["--version"]:
        from tito import __version__

        print(f"tito {__version__}")
        return 0
    try:
        return run(argv)
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left half-written.", file=sys.stderr)
        return 130
    finally:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is over: Python's own end is not to be interrupted


def run(argv: list[str]) -> int:
    from tito.errors import COULD_NOT_TELL, TitoError

    arguments = vars(parser().parse_args(argv or ["status"]))
    command = arguments["command"] or "status"
    try:
        from importlib import import_module

        options = {name: value for name, value in arguments.items() if name not in ("command", "version")}
        return import_module(f"tito.commands.{command}").run(**options)
    except TitoError as error:
        print(error, file=sys.stderr)
        return error.code
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: say nothing more
        return COULD_NOT_TELL
    except OSError as error:
        what = f"{error.filename}: " if error.filename else ""
        print(f"{what}{error.strerror or error}. Nothing was changed.", file=sys.stderr)
        return COULD_NOT_TELL
    except Exception as error:
        print(_unexpected(error), file=sys.stderr)
        return COULD_NOT_TELL


def _unexpected(error: Exception) -> str:
    """A sentence for a fault of our own, with its traceback in a file that can be sent along."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile("w", prefix="tito-error-", suffix=".txt", delete=False) as file:
            file.write(text)
        where = f"; the details are in {file.name}"
    except OSError:
        where = ""
    return f"tito itself went wrong: {type(error).__name__}: {error}{where}"
