"""What the pages say of the project is so: its numbers, its files, its commands and their options."""

import re
import shlex
from pathlib import Path

import pytest

from tito.author.answers import read_answers
from tito.author.lesson import Lesson
from tito.cli import COMMANDS
from tito.commands.grade import ACTIONS
from tito.notebook import handed_out
from tito.workspace import Workspace

ROOT = Path(__file__).parents[2]
HERE = Workspace(ROOT)
PAGES = [ROOT / "README.md", ROOT / ".github/CONTRIBUTING.md", *sorted((ROOT / "book").glob("*.md"))]
PLACES = "benchmarks|binder|book|modules|solutions|tests|tito"
MADE_UP = re.compile(r"NN|NAME|quantiz|/hidden/|_build/")  # names that stand for others, and what is made later


def page(name):
    return (ROOT / name).read_text(encoding="utf-8")


def number(pattern, name):
    """The number that a page has where the pattern has its group."""
    return int(re.search(pattern, " ".join(page(name).split()))[1].replace(",", ""))


def test_there_are_as_many_known_answers_as_the_front_page_says():
    known = [answer for module in HERE.lessons for answer in read_answers(Lesson(module))]
    wrong = sum(answer.sentence is not None for answer in known)
    assert wrong > number(r"known mistakes, more than ([\d,]+)", "README.md")
    assert len(known) - wrong > number(r"accept more than ([\d,]+) right answers", "README.md")


def test_the_term_plan_is_that_of_the_lessons():
    """Words and hours are rounded, and may lag a little behind the lessons."""
    rows = re.findall(
        r"^\| (.*?) \| (\d+) \| (\d+) \+ (\d+) \| (\d+) \| ([\d,]+) \| (\d+)(½?) \|$", page("book/instructors.md"), re.M
    )
    sums, wanted = [0] * 6, {}
    for module in HERE.modules:
        there = handed_out(module)
        text = " ".join(cell.source for cell in there.cells if cell.kind == "markdown")
        words = sum(any(map(str.isalnum, word)) for word in text.split())
        points, asked = sum(e.points for e in there.exercises.values()), sum(there.questions.values())
        hours = (words / 100 + 10 * points + 20 * len(there.questions) + 30) / 60
        row = [len(there.exercises), points, asked, len(there.questions), words, hours]
        wanted[f"[{module}](lessons/{module.key})"] = row
        sums = [total + one for total, one in zip(sums, row)]
        if module.number in ("06", "10"):
            wanted[module.part.partition(":")[0]], sums = sums, [0] * 6
    assert [name for name, *_ in rows] == list(wanted)
    for name, *said, words, hours, half in rows:
        *exact, wanted_words, wanted_hours = wanted[name]
        assert list(map(int, said)) == exact, name
        assert int(words.replace(",", "")) == pytest.approx(wanted_words, rel=0.15), name
        assert int(hours) + bool(half) / 2 == pytest.approx(wanted_hours, rel=0.1), name


def test_exercises_and_answers_are_as_many_and_as_long_as_the_questions_say():
    said = re.search(
        r"with (\d+) to (\d+) exercises each;.* have 1 to (\d+) lines", " ".join(page("book/questions.md").split())
    )
    fewest, most, longest = map(int, said.groups())
    lessons = [Lesson(module) for module in HERE.lessons]
    counts = [len(lesson.exercises) for lesson in lessons]
    assert (min(counts), max(counts)) == (fewest, most)
    lines = [len(re.findall(r"\S.*", lesson.body(name))) for lesson in lessons for name in lesson.exercises]
    assert min(lines) == 1 and max(lines) <= longest


def test_there_are_as_many_attacks_as_the_guide_says():
    from tests.grading.hostile import EVIL

    attacks = list((ROOT / "tests/grading/attacks").glob("*.py"))
    assert len(attacks) > number(r"attacks/` holds over (\d+)", "book/instructors.md")
    assert len(EVIL) > number(r"hostile.py` over (\d+)", "book/instructors.md")


def test_the_schemas_are_those_that_the_tool_writes():
    known = re.compile(r"\btito\.(?!progress|mistakes)[a-z]+/\d+")  # these two are nobody's but the tool's
    written = {
        name for path in (ROOT / "tito").rglob("*.py") for name in known.findall(path.read_text(encoding="utf-8"))
    }
    assert set(known.findall(page("book/json.md"))) == written


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_file_that_a_page_names_is_there(path):
    named = re.findall(rf"[`(]((?:{PLACES})/[\w./-]*\w/?)[`)]", path.read_text(encoding="utf-8"))
    assert [name for name in named if not MADE_UP.search(name) and not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_command_that_a_page_names_is_there_with_its_options(path):
    text = path.read_text(encoding="utf-8").replace("\\\n", "")
    targets = set(re.findall(r"^([\w-]+):", page("Makefile"), re.M))
    assert set(re.findall(r"(?:`|^|\$ )make ([a-z-]+)", text, re.M)) <= targets
    for line in re.findall(r"(?:`|^|\$ |&& )(tito (?!is\b)[^`\n#]*)", text, re.M):
        try:
            first, *rest = shlex.split(line.partition("   ")[0])[1:] or [""]
        except ValueError:  # a quotation that is not closed: it is no command
            continue
        table = COMMANDS
        if first == "grade" and rest and rest[0] != "…":
            table, first, *rest = ACTIONS, *rest
        if first.startswith("-") or not first:
            continue
        assert first in table, line
        options = {name for names, _ in table[first][2] for name in names} if first != "grade" else set()
        assert {word for word in rest if re.fullmatch(r"--[a-z-]+", word)} <= options | {"--help"}, line
