"""Who it is: the students who are enrolled, and whom of them a claim names, with a reason for each refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tito.grader.origins import GITHUB, PLAIN, Claim

Person = dict[str, str]
UNKNOWN = "not on the roster"
LOST = "_?\ufffd"  # what stands in a name for a letter that a system could not write,
# no person is so called
A_GROUP = re.compile(r"\d|\b(groupe?|gruppe|grupp?o|section|team|class|tutorial|lab)\b", re.IGNORECASE)
MOST_LOST = 4  # and how many of them there may be


def plain(name: str) -> str:
    """A name without what systems write differently: case, accents, spaces, punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum())


class Roster:
    """The students who are enrolled, found by id, e-mail address, the platform's number for them, or name."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = {person["id"]: person for person in people}
        self._logins: dict[str, set[str]] = {}
        self._numbers: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._groups: dict[str, set[str]] = {}
        for person in self.people.values():
            first, last, email, group = (person.get(k, "") for k in ("first_name", "last_name", "email", "group"))
            put = [(self._logins, (person["id"], email, email.partition("@")[0]), _fold)]
            put += [(self._numbers, (person.get("lms_user_id", ""),), str)]
            put += [(self._names, (first + last, last + first), plain), (self._groups, (group,), plain)]
            for table, texts, key in put:
                for text in filter(None, map(key, texts)):
                    table.setdefault(text, set()).add(person["id"])

    def members(self, group: str) -> list[str]:
        return sorted(self._groups.get(plain(group), ())) if group else []

    def find(self, claim: Claim) -> tuple[list[str], str]:
        """The ids of those whom a claim names, or nobody's and why."""
        if claim.problem:
            return [], claim.problem
        if not self.people:
            return _newcomer(claim)
        found = [self._one(one) for one in (claim, *(other for other in claim.others if not other.problem))]
        for other in (other for other in claim.others if other.problem):  # another way to read the same name
            also = self._one(other)[0] or sorted(self._numbers.get(other.number, ()))
            if also and also != found[0][0]:
                return [], f"{other.problem}: {' or '.join(found[0][0] + also)}"
        refused = "; ".join(why for _, why in found if why)
        return ([], refused) if refused else (list(dict.fromkeys(one for ids, _ in found for one in ids)), "")

    def _one(self, claim: Claim) -> tuple[list[str], str]:
        either = claim.scheme == PLAIN.name  # a folder may bear an id or a name
        login = self._logins.get(_fold(claim.login), set()) if claim.login else set()
        if claim.tail:
            login = {one for tail in _tails(claim) for one in self._logins.get(_fold(tail), ())}
        number = self._numbers.get(claim.number, set()) if claim.number else set()
        named = self._named(claim.name) if claim.name else set()
        group = [one for text in (claim.name, *_tails(claim)) for one in self.members(text)]
        if claim.tail and login & number:  # where the login begins cannot be seen, and the number tells
            login = login & number
        sure = login | number
        if either and login:
            named = set()
        if len(sure) > 1:
            return [], f"whose it is cannot be told: its name says {' and '.join(sorted(sure))}"
        if sure:
            (student,) = sure
            theirs = self.people[student].get("lms_user_id", "")
            if claim.number and (theirs != claim.number if theirs else claim.tail and not self._before(student, claim)):
                return [], f"the login is that of {student}, what stands beside it is not; so it is nobody's"
            if claim.name and not either and not self._may_be(student, claim.name):
                what = f"the number {claim.number}" if number else f"the login {claim.login}"
                return [], f"{what} is that of {student}, the name is not; so it is nobody's"
            return [student], ""
        if len(named) > 1:
            several = " or ".join(sorted(named))
            tells = "a column lms_user_id in the roster" if claim.number else "a folder named after the id"
            return [], f"whose it is cannot be told: {several} ({tells} tells)"
        if named:
            (student,) = named
            theirs = self.people[student].get("lms_user_id", "")
            if claim.number and theirs and theirs != claim.number:
                return [], f"the name is that of {student}, the number {claim.number} is not; so it is nobody's"
            return [student], ""
        if group:
            return group, ""
        if claim.scheme == "canvas-anonymous":
            return [], f"handed in anonymously; the roster has nobody whose lms_user_id is {claim.number}"
        together = [self._one(Claim(claim.scheme, part, name=part, login=part)) for part in _together(claim)]
        if together and not any(why for _, why in together):
            return [one for ids, _ in together for one in ids], ""
        return [], UNKNOWN

    def _named(self, name: str) -> set[str]:
        """Those who bear a name; before a hyphen a group's may stand, and a sign for a letter that was lost."""
        for text in (name, *self._behind_group(name)):
            if found := self._names.get(plain(text)):
                return found
        if not 0 < sum(map(name.count, LOST)) <= MOST_LOST:  # a name of such signs alone would be everybody's
            return set()
        parts = re.split(f"[{re.escape(LOST)}]", name)
        letters = list(map(plain, parts))
        if sum(map(len, letters)) < 2 * len(parts):
            return set()
        pattern = re.compile(r"\w{0,2}".join(letters))
        return {one for known, ids in self._names.items() if pattern.fullmatch(known) for one in ids}

    def _behind_group(self, name: str) -> list[str]:
        """What may be the name behind a group's, `Group 3-Ada Lovelace`; what may be a double name has no group in it."""
        hyphens = [place for place, sign in enumerate(name) if sign == "-"]
        known = [place for place in hyphens if plain(name[:place]) in self._groups]
        groups = known or [place for place in hyphens if A_GROUP.search(name[:place].rpartition("-")[2])]
        return [name[place + 1 :] for place in groups]

    def _before(self, student: str, claim: Claim) -> bool:
        """Whether a student's names stand before the login that a text ends in."""
        name = plain(claim.tail)
        person = self.people[student]
        return all(plain(person.get(part, "")) in name for part in ("first_name", "last_name"))

    def _may_be(self, student: str, name: str) -> bool:
        """Whether a name may be this student's: it is, or a part of it is and it is nobody else's."""
        person = self.people[student]
        if named := self._named(name):
            return student in named
        parts = [plain(person.get(part, "")) for part in ("first_name", "last_name", "group", "id")]
        known = plain(person.get("first_name", "") + person.get("last_name", "") + person.get("group", ""))
        return not known or any(part in plain(name) for part in parts if len(part) > 1)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _tails(claim: Claim) -> list[str]:
    """The texts that begin behind a `_`: where a login begins cannot be seen, but that it begins where others' do."""
    text, most = claim.tail, len(claim.title or claim.tail)
    return [text[place:] for place in range(len(text)) if place == 0 or (text[place - 1] == "_" and place <= most)]


def _together(claim: Claim) -> list[str]:
    """The names in a folder's name that stands for several, as `ada, ben` or `ada & ben`."""
    parts = re.split(r"\s*[,;&+]\s*|\s+and\s+", claim.name) if claim.scheme == PLAIN.name else []
    return [part for part in parts if part] if len(parts) > 1 else []


def _newcomer(claim: Claim) -> tuple[list[str], str]:
    """In a course without a roster, whoever hands in is a student, by the name that the instructor gave the folder."""
    from tito.grader.course import valid_id

    if claim.scheme not in (PLAIN.name, GITHUB.name, "nbgrader", "pattern"):
        return [], "the course has no roster to tell whose it is: `tito grade init --roster CSV`"
    who = unicodedata.normalize("NFC", claim.login or claim.name)
    return ([who], "") if valid_id(who) else ([], f"{who!r} is no id, and the course has no roster to tell whose it is")
