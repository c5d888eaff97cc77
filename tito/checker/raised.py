"""What an exception of Python's or NumPy's means, in plain words with its own numbers.

Only what is true wherever the message comes up is said. Why it came up here is for the student to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable

LONGEST = 500  # characters of a message that are read: what is longer, a student has made
WHOLE = "A value of type {0} stands where a whole number is needed."
DIVIDED = f"{WHOLE} `//` divides without a remainder; `/` gives a float."


def _pairs(shapes: str) -> str:
    named = " and ".join(re.findall(r"\([\d,]*\)", shapes))
    return f"Shapes {named} do not go together: from the right, sizes must be equal, or one of them 1."


TABLE: tuple[tuple[str, str, str | Callable[..., str]], ...] = (  # its type, its message, what that means
    (
        "NameError",
        r"name '(\w+)' is not defined",
        "No line that was run gives `{0}` a value: is it misspelt, or is that line missing?",
    ),
    (
        "UnboundLocalError",
        r"variable '(\w+)'",
        "`{0}` has no value at this line: the line that gives it one was not reached.",
    ),
    (
        "IndexError",
        r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        "Axis {1} has size {2}: counted from 0, it has no index {0}.",
    ),
    (
        "IndexError",
        r"(list|tuple|string|range object) index out of range",
        "The {0} has fewer items than that index needs.",
    ),
    ("IndexError", r"pop from empty list", "The list is empty already: there is nothing to take out."),
    (
        "IndexError",
        r"array is (\d+)-dimensional, but (\d+) were indexed",
        "The array has {0} axes, and there are {1} indices.",
    ),
    (
        "AxisError",
        r"axis (-?\d+) is out of bounds for array of dimension (\d+)",
        "An array with {1} axes has no axis {0}: they are counted from 0, or from the end from -1.",
    ),
    ("ValueError", r"operands could not be broadcast together with (?:remapped )?shapes (.+)", _pairs),
    (
        "ValueError",
        r"could not broadcast input array from shape (\([\d,]*\)) into shape (\([\d,]*\))",
        "An array of shape {0} does not fit into a place of shape {1}.",
    ),
    (
        "ValueError",
        r"non-broadcastable output operand with shape (\([\d,]*\)).* broadcast shape (\([\d,]*\))",
        "The result has shape {1}; what it is written into has shape {0}.",
    ),
    (
        "ValueError",
        r"core dimension 0.*\(size (\d+) is different from (\d+)\)",
        "A matrix product needs as many columns on its left as rows on its right: here they are {1} and {0}.",
    ),
    (
        "ValueError",
        r"does not have enough dimensions",
        "A matrix product takes arrays with axes: one of these has too few.",
    ),
    (
        "ValueError",
        r"cannot reshape array of size (\d+) into shape (\([\d,]*\))",
        "{0} values do not fill the shape {1}: the product of the sizes must stay the same.",
    ),
    (
        "ValueError",
        r"axes don't match array",
        "A transpose names each axis once: these are more or fewer than there are.",
    ),
    ("ValueError", r"too many values to unpack \(expected (\d+)", "More values came than the {0} names on the left."),
    (
        "ValueError",
        r"not enough values to unpack \(expected (?:at least )?(\d+), got (\d+)\)",
        "There are {0} names on the left, and only {1} came.",
    ),
    (
        "ValueError",
        r"truth value of an array with more than one element",
        "An array is not true or false as a whole: `if` wants one bool, which `.any()` or `.all()` makes of it.",
    ),
    (
        "ValueError",
        r"zero-size array to reduction operation (\w+)",
        "An empty array has no {0}: that case needs an answer of its own.",
    ),
    (
        "ValueError",
        r"(?:assignment|output array) (?:destination )?is read-only",
        "An array that was handed in is written into: make a new one, and leave that as it is.",
    ),
    ("ZeroDivisionError", r"", "The divisor is 0 for this input: that case needs an answer of its own."),
    ("UnicodeDecodeError", r"unexpected end of data", "These bytes end in the middle of a character."),
    ("UnicodeDecodeError", r"invalid (?:start|continuation) byte", "These bytes are no text in UTF-8."),
    ("RecursionError", r"", "It calls itself again and again, and nothing ends that."),
    ("KeyError", r"(.+)", "The dict has no key {0}."),
    ("TypeError", r"'(float)' object cannot be interpreted as an integer", DIVIDED),
    ("TypeError", r"'(\w+)' object cannot be interpreted as an integer", WHOLE),
    (
        "TypeError",
        r"unsupported operand type\(s\) for ([^:]+):.*'NoneType'",
        "What `{0}` is given is None: nothing set or returned it.",
    ),
    (
        "TypeError",
        r"unsupported operand type\(s\) for ([^:]+): '(\w+)' and '(\w+)'",
        "Python has no `{0}` between the types {1} and {2}.",
    ),
    ("TypeError", r"'NoneType' object is not", "What should be a value is None: nothing set or returned it."),
    (
        "AttributeError",
        r"'NoneType' object has no attribute '(\w+)'",
        "What should have `.{0}` is None: nothing set or returned it.",
    ),
    (
        "AttributeError",
        r"^'(?:tinytorch\.\w+\.)?([\w.]+)' object has no attribute '(\w+)'",
        "What should have `.{1}` is of type {0}, which has no such name.",
    ),
    (
        "AttributeError",
        r"^module '([\w.]+)' has no attribute '(\w+)'",
        "`{0}` has no `{1}`: is it misspelt, or does it stand in another module?",
    ),
    ("ValueError", r"repeated axis in transpose", "A transpose names each axis once: here one stands twice."),
    ("TypeError", r"'([\w.]+)' object is not iterable", "What is gone through is one value, of type {0}."),
    (
        "TypeError",
        r"'([\w.]+)' object is not subscriptable",
        "What is indexed is one value, of type {0}, which has no items.",
    ),
    ("TypeError", r"'([\w.]+)' object is not callable", "What is called like a function is a value of type {0}."),
    (
        "TypeError",
        r"(\w+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (.+)",
        "`{0}` is called without {1}.",
    ),
    (
        "TypeError",
        r"(\w+)\(\) takes (?:from )?(\d+).* positional arguments? but (\d+) (?:was|were) given",
        "`{0}` takes {1} arguments by position, and is given {2}.",
    ),
    ("TypeError", r"(\w+)\(\) got an unexpected keyword argument '(\w+)'", "`{0}` has no option `{1}`."),
    (
        "TypeError",
        r"(\w+)\(\) got multiple values for (?:keyword )?argument '(\w+)'",
        "`{0}` is given `{1}` twice, by its place and by its name, or by its name and in `**`.",
    ),
    (
        "TypeError",
        r"isinstance\(\) arg 2 must be a type",
        "`isinstance(value, Class)`: first the value, then its class.",
    ),
    (
        "TypeError",
        r"unhashable type: '(\w+)'",
        "What is of type {0} can change, so it cannot be in a set or be a key; a tuple can.",
    ),
    (
        "UFuncTypeError",
        r"Cannot cast ufunc '\w+' output from dtype\('(\w+)'\) to dtype\('(\w+)'\)",
        "In place, the dtype of what stands on the left remains: {0} does not fit into {1}.",
    ),
)


def meaning(types: list[str], message: str) -> str:
    """Say what an exception means; nothing if it is not in the table. `types` are the names of its class and bases."""
    for kind, pattern, told in TABLE:
        if kind in types and (found := re.search(pattern, message[:LONGEST])):
            return told.format(*found.groups()) if isinstance(told, str) else told(*found.groups())
    return ""


def sentence(meanings: list[str]) -> str:
    """The first of these, if all say the same but for their numbers and names."""
    alike = {re.sub(r"`[^`]*`|'[^']*'|of type [\w.]+|key .*|\([-\d, ]*\)|[-\d]+", "", text) for text in meanings}
    return meanings[0] if len(alike) == 1 else ""
