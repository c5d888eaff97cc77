"""Take out of the finished site what no page uses, so that a first visit loads little."""

from __future__ import annotations

import re
from pathlib import Path

import tinycss2

TAG = r'\s*<script (?:defer )?src="[^"]*(?:{})\.js[^"]*"></script>'
ICONS = re.compile(TAG.format("fontawesome"))  # they come as a font too
SEARCH = re.compile(TAG.format("searchtools|language_data|searchindex"))
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
WORD = re.compile(r"[\w-]+")


def site(folder: Path) -> None:
    """Drop scripts that a page does without, and rules of style for classes that no page and no script names."""
    words: set[str] = set()
    for page in folder.rglob("*.html"):
        whole = page.read_text(encoding="utf-8")
        text = ICONS.sub("", whole)
        if page.name != "search.html":
            text = SEARCH.sub("", text)
        if text != whole:
            page.write_text(text, encoding="utf-8")
        words |= set(WORD.findall(text))
    for script in (folder / "_static").rglob("*.js"):
        if script.name != "fontawesome.js" and "mathjax" not in script.parts:
            words |= set(WORD.findall(script.read_text(encoding="utf-8", errors="replace")))
    for sheet in (folder / "_static").rglob("*.css"):
        rules = tinycss2.parse_stylesheet(sheet.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True)
        sheet.write_text("\n".join(_needed(rules, words)), encoding="utf-8")


def _needed(rules: list, words: set[str]) -> list[str]:
    """The rules whose classes all occur, as text; in a rule for a medium, those in it."""
    kept = []
    for rule in rules:
        if rule.type == "at-rule" and rule.at_keyword in ("media", "supports") and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if inside := _needed(inner, words):
                head = tinycss2.serialize(rule.prelude)
                kept.append(f"@{rule.at_keyword}{head}{{{''.join(inside)}}}")
        elif rule.type != "qualified-rule":
            kept.append(rule.serialize())
        elif selectors := [s for s in _selectors(rule.prelude) if all(name in words for name in _classes(s))]:
            kept.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}")
    return kept


def _selectors(prelude: list) -> list[str]:
    """The selectors of a rule; a comma in `:is(a, b)` parts none."""
    parts: list[list] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


def _classes(selector: str) -> list[str]:
    """The classes that an element must have for a selector to match; those in `:not(…)` and `:is(…)` are left out."""
    return [name.replace("\\", "") for name in CLASS.findall(re.sub(r"\((?:[^()]|\([^()]*\))*\)", "", selector))]
