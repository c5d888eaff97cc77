# ruff: noqa: F821, F841

from tito.author.answers import mistake, right


@mistake(
    "no_grad",
    "The end of a block always switches recording on. Inside another block that is too early: set the switch back to "
    "what it said on the way in.",
)
def always_switches_on_again():
    _recording = False
    try:
        yield
    finally:
        _recording = True


@mistake("no_grad", "When the block fails, the line after the `yield` is never reached, and recording stays off.")
def forgets_the_exception():
    before, _recording = _recording, False
    yield
    _recording = before


@mistake("no_grad", "Recording is switched off and never on again.")
def never_switches_back():
    _recording = False
    yield


@mistake(
    "no_grad",
    "The exception ends in your block. Whoever wrote the block should hear of it: set the switch back, and let the "
    "exception go on.",
)
def swallows_the_exception():
    before, _recording = _recording, False
    try:
        yield
    except Exception:
        pass
    _recording = before


@mistake(
    "no_grad",
    "The switch is turned round instead of off: a block inside a block switches recording on.",
)
def turns_the_switch_round():
    _recording = not _recording
    try:
        yield
    finally:
        _recording = not _recording


@mistake(
    "no_grad", "Nothing is switched off. The switch is `_recording`; another variable of your own changes nothing."
)
def sets_a_variable_of_its_own():
    before, recording = _recording, False
    try:
        yield
    finally:
        recording = before


@mistake(
    "no_grad",
    "The end of a block always switches recording on, and after an exception it is never reached. Set the switch back to "
    "what it said on the way in, in a `finally`.",
)
def switches_on_again_unless_it_fails():
    _recording = False
    yield
    _recording = True


@right("no_grad")
def step_by_step():
    before = _recording
    _recording = False
    try:
        yield
    finally:
        _recording = before


@right("no_grad")
def with_except_and_else():
    before = is_grad_enabled()
    _recording = False
    try:
        yield
    except BaseException:
        _recording = before
        raise
    _recording = before
