"""The command line: which commands there are, and what happens when one fails.

Start-up is part of the design: argparse and a command's code are imported when they are needed.
"""

from __future__ import annotations

import _signal  # `signal` itself is a file that takes time to load
import sys

from tito import __version__
from tito.errors import COULD_NOT_TELL, TitoError

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
        "open a module's notebook in JupyterLab, in the one that runs or a new one",
        "tito start 01",
        [
            MODULE,
            (["--print"], {"action": "store_true", "dest": "only_print", "help": "say what would be opened"}),
            (["--no-browser"], {"action": "store_true", "help": "only say the address"}),
        ],
    ),
    "check": (
        "run a module's tests on your notebook; a module that passes opens the next",
        "tito check 01 matmul",
        [
            MODULE,
            (["name"], {"nargs": "?", "metavar": "EXERCISE", "help": "check this exercise only"}),
            (["--exercise"], {"metavar": "NAME", "help": "the same"}),
            JSON,
            (["--cells"], {"action": "store_true", "help": "read the cells from standard input, as notebooks do"}),
        ],
    ),
    "export": ("write your notebook's code into the package tinytorch/", "tito export 01", [MODULE]),
    "watch": ("check whenever a notebook is saved, and go on when a module passes", "tito watch", [MODULE]),
    "hint": (
        "give a hint of an exercise, and the next one when asked again",
        "tito hint matmul 2",
        [
            (["exercise"], {"nargs": "?", "metavar": "EXERCISE", "help": "by default the one that is next"}),
            (
                ["which"],
                {"nargs": "?", "type": int, "metavar": "K", "help": "the K-th hint (default: the next)"},
            ),
        ],
    ),
    "solution": (
        "show the course's own answers, once the module passes",
        "tito solution 01 matmul",
        [
            (["module"], {"metavar": "N", "help": "the module, or one of its exercises"}),
            (["exercise"], {"nargs": "?", "metavar": "EXERCISE", "help": "this exercise only"}),
        ],
    ),
    "reset": (
        "put back the notebook, or one exercise, as it was handed out; keeps a backup",
        "tito reset 01 matmul",
        [
            (["module"], {"metavar": "N", "help": "the module, or one of its exercises"}),
            (["exercise"], {"nargs": "?", "metavar": "EXERCISE", "help": "this exercise only"}),
        ],
    ),
    "restore": (
        "put back the notebook as it was when it was last checked; keeps a backup",
        "tito restore 01",
        [(["module"], {"metavar": "N", "help": "the module: 01, 1 or tensor"})],
    ),
    "update": (
        "bring in what is new in the course, around your work; keeps a backup",
        "tito update ~/Downloads/tinytorch-03.zip",
        [
            (
                ["source"],
                {"metavar": "FROM", "help": "what was handed out: a folder, a zip, or a checkout of the course"},
            )
        ],
    ),
    "demo": (
        "play the course in a throwaway workspace, or show what you have built",
        "tito demo --mine",
        [
            (
                ["module"],
                {"nargs": "?", "metavar": "N", "help": "up to this module, or with --mine, this one (default: all)"},
            ),
            (
                ["--mine"],
                {"action": "store_true", "help": "run the milestones of the modules you have passed, on your code"},
            ),
        ],
    ),
    "talk": (
        "let the GPT that you have trained in module 10 write on from a text",
        'tito talk "ROMEO:"',
        [
            (["prompt"], {"metavar": "TEXT", "help": "what it goes on from"}),
            (
                ["--temperature"],
                {
                    "type": float,
                    "default": 0.8,
                    "metavar": "T",
                    "help": "below 1 the likely becomes likelier (default: 0.8)",
                },
            ),
            (
                ["--top-k"],
                {"type": int, "default": 40, "metavar": "K", "help": "draw among the K likeliest only (default: 40)"},
            ),
            (["--seed"], {"type": int, "metavar": "N", "help": "the same text each time (default: another one)"}),
            (
                ["--tokens"],
                {"type": int, "default": 200, "metavar": "N", "help": "how much it writes (default: 200)"},
            ),
        ],
    ),
    "doctor": ("check Python, packages and workspace, and say how to mend what is wrong", "tito doctor", []),
    "release": (
        "for instructors: write a workspace for students, without the answers",
        "tito release 01 --to handout.zip",
        [
            (["modules"], {"nargs": "*", "metavar": "N", "help": "up to these modules (default: all)"}),
            (
                ["--to"],
                {"metavar": "DIR", "required": True, "help": "a folder, new or released before; or a FILE.zip"},
            ),
            (["--only"], {"action": "store_true", "help": "these modules only, for who has those before"}),
            (["--actions"], {"action": "store_true", "help": "add a GitHub workflow that shows the points"}),
        ],
    ),
    "grade": ("for instructors: from what was handed in to marks", "tito grade run 01", "tito.commands.grade"),
    "build": (
        "for authors: make the notebooks from solutions/",
        "tito build 07",
        [
            (["modules"], {"nargs": "*", "metavar": "N", "help": "these modules only (default: all)"}),
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
FOR_THE_ANSWERS = ("solution", "build")  # what is not offered where there are none


def _answers_are_here() -> bool:
    import os.path

    return os.path.isdir(os.path.join(os.path.dirname(__file__), os.pardir, "solutions"))


def parser(argv: list[str]):
    """The command line as argparse sees it. Only a command that `argv` names gets its arguments: they take time."""
    import argparse

    def formatter(prog: str) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(prog, width=79)  # asking the terminal takes 3 ms

    top = argparse.ArgumentParser(
        prog="tito",
        description="Carries you through TinyTorch: opens, checks and exports your notebooks.",
        epilog=EPILOG,
        formatter_class=formatter,
    )
    top.add_argument("--version", action="version", version=f"tito {__version__}", help="print the version")
    _add(top, COMMANDS, argv, formatter)
    return top


def _add(top, table: dict, argv: list[str], formatter, dest: str = "command") -> None:
    """Give a parser the commands in a table. Arguments that are a module's name are that module's table ACTIONS."""
    commands = top.add_subparsers(dest=dest, metavar=dest.upper(), title=f"{dest}s", required=dest != "command")
    for name, (what, example, arguments) in table.items():
        listed = {"help": what} if name not in FOR_THE_ANSWERS or _answers_are_here() else {}
        command = commands.add_parser(
            name,
            **listed,
            description=f"{what[0].upper()}{what[1:]}.",
            epilog=f"example: {example}",
            formatter_class=formatter,
            add_help=name in argv,
        )
        if name not in argv:
            continue
        if isinstance(arguments, str):
            from importlib import import_module

            _add(command, import_module(arguments).ACTIONS, argv, formatter, "action")
            continue
        for names, options in arguments:
            command.add_argument(*names, **options)


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit code. What goes wrong is said in a sentence on standard error."""
    try:
        _prepare_streams()
        _forget_warnings()
        sys.unraisablehook = _not_raised
        code = run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left half-written.", file=sys.stderr)
        return 130
    except OSError as error:
        sys.stdout = None  # Python would try once more to write what is left in it
        if not isinstance(
            error, BrokenPipeError
        ):  # else the reader of our output has gone, and there is nobody to tell
            what = f"{error.filename}: " if error.filename else ""
            print(f"tito could not go on: {what}{error.strerror or error}.", file=sys.stderr)
        return COULD_NOT_TELL
    finally:
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)  # it is over: Python's own end is not to be interrupted
        sys.unraisablehook = sys.__unraisablehook__


def _prepare_streams() -> None:
    """Let nothing that is printed fail for its letters, or because the stream was closed before we began."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            import os

            setattr(sys, name, open(os.devnull, "w"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _forget_warnings() -> None:
    """Let no warning that somebody wants to see as an error, for other programs, stop this one or change a mark."""
    if sys.warnoptions:
        import os
        import warnings

        sys.warnoptions.clear()
        os.environ.pop("PYTHONWARNINGS", None)
        warnings.simplefilter("ignore")


def _not_raised(error) -> None:
    """Raise Ctrl-C a moment later where it came to code from which Python raises nothing, a finaliser's for one."""
    if not isinstance(error.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(error)
        return
    import signal
    import threading

    def again() -> None:
        if hasattr(signal, "pthread_kill"):  # which wakes the main thread where it waits
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        else:
            signal.raise_signal(signal.SIGINT)

    threading.Timer(0.02, again).start()


def run(argv: list[str]) -> int:
    if argv == ["--version"]:
        print(f"tito {__version__}")
        return 0
    try:
        found, left = parser(argv).parse_known_args(_known(argv))
        arguments = vars(found)
        if left:  # argparse itself would show how `tito` is used, and not the command
            named = " ".join(filter(None, ["tito", found.command, arguments.get("action")]))
            raise TitoError(f"`{named}` takes no `{left[0]}`; `{named} --help` says what it takes.")
        command = arguments.pop("command") or "status"
        from importlib import import_module

        return import_module(f"tito.commands.{command}").run(**arguments)
    except SystemExit as done:  # argparse has printed its help, or what is wrong
        return int(done.code or 0)
    except Exception as error:
        if _stopped(error):
            raise KeyboardInterrupt from None
        if isinstance(error, OSError):
            raise
        if not isinstance(error, TitoError):
            print(_unexpected(error), file=sys.stderr)
            return COULD_NOT_TELL
        from tito import term

        print(term.folded(str(error), sys.stderr), file=sys.stderr)
        return error.code


def _stopped(error: BaseException | None) -> bool:
    """Tell whether Ctrl-C is what it began with: code that is stopped half-way may fail once more as it clears up."""
    while error is not None and type(error) is not KeyboardInterrupt:
        error = error.__cause__ or error.__context__
    return error is not None


def _known(argv: list[str]) -> list[str]:
    """The command line, with `--help` behind a command that has commands of its own and stands alone.

    Raises TitoError, with what was probably meant, where it names a command that is not there.
    """
    table, before = COMMANDS, "tito"
    for word in argv[:2]:
        if word.startswith("-"):
            return argv
        if word not in table:
            from difflib import get_close_matches

            near = get_close_matches(word, table, 1)
            meant = f"did you mean `{before} {near[0]}`?" if near else f"`{before} --help` lists what there is."
            raise TitoError(f"there is no command `{before} {word}`; {meant}")
        if not isinstance(table[word][2], str):
            return argv
        from importlib import import_module

        table, before = import_module(table[word][2]).ACTIONS, f"{before} {word}"
    return [*argv, "--help"] if len(argv) == 1 else argv


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
