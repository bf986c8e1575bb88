"""Which questions of a file are the scale's, and what number each has in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trial.core.official_wording import Option, Written
from trial.protocol_files.wording.text import Unusable, plain

_NUMBER = re.compile(r"^(?P<stem>.*?)[_.\- ]*0*(?P<number>\d+)[_.]?(?:r|rev|reversed)?$", re.IGNORECASE)
_TAIL = re.compile(r"(?:q|i|item)?\d+(?:r|rev|reversed)?")
_LEADING = re.compile(r"^\(?(?P<number>\d{1,3})[.):]\s*(?=\S)|^(?P<tabbed>\d{1,3})\t\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as another program keeps it: the name of its variable, the form or block it stands in, its label."""

    name: str
    group: str
    label: str
    line: int | None = None
    options: tuple[Option, ...] = ()


def pick(questions: list[Question], code: str, ids: list[int | str], only: str | None) -> tuple[list[Question], str]:
    """(questions, how they were told): those asked for, else those named like the code, else the one form that fits."""
    if only is not None:
        found = [one for one in questions if _same_start(one.name, only) or one.group.lower() == only.lower()]
        if not found:
            forms = ", ".join(dict.fromkeys(one.group for one in questions if one.group)) or "none"
            raise Unusable(None, f"nothing in it is called {only[:40]!r}.", f"Forms in it: {forms[:300]}.")
        return found, f"those named {only}"
    count, names = len(ids), {_bare(str(one)) for one in ids}
    named = [one for one in questions if _belongs(one.name, code, names)]
    if named:
        return named, f"those whose names start with {code}"
    groups = dict.fromkeys(one.group for one in questions)
    fitting = [group for group in groups if sum(one.group == group for one in questions) == count]
    if len(fitting) == 1 and len(groups) > 1:
        return [one for one in questions if one.group == fitting[0]], f"those of {fitting[0]}, the one with {count}"
    if len(groups) > 1 and len(questions) != count:
        held = ", ".join(f"{group or 'no form'} ({sum(one.group == group for one in questions)})" for group in groups)
        what = f"it holds {len(questions)} closed questions in several forms, and the key has {count} items."
        raise Unusable(None, what, f"Say --only and a form or the start of the variables. Forms in it: {held[:300]}.")
    return questions, "all of them"


def written(questions: Iterable[Question], code: str, ids: Iterable[int | str] = ()) -> list[Written]:
    """Their words in plain text, with the number that variable or label says; the two must agree."""
    names = {_bare(one): one for one in ids if isinstance(one, str)}
    return [_written(one, code, names) for one in questions]


def _written(one: Question, code: str, names: Mapping[str, str]) -> Written:
    named = names.get(_rest(one.name, code) if _same_start(one.name, code) else _bare(one.name)) or _number(
        one.name, code
    )
    label = plain(one.label, one.line)
    leading = _LEADING.match(label)
    number = leading["number"].lstrip("0") if leading and leading["number"] else None
    if leading and (named is None or number == named or not named.isdigit()):
        label = label[leading.end() :]
    elif leading and number is not None:
        what = f"the name {one.name[:40]} and the number {number} in its words disagree."
        raise Unusable(one.line, what, "Mend the one that is wrong.")
    options = tuple(Option(option.value, plain(option.label, one.line)) for option in one.options)
    return Written(label, named or number, one.line, one.name, options)


def _number(name: str, code: str) -> str | None:
    """The number of a variable within its scale: 4 in `cesd_04`, and 1 in `phq9_1` and `phq91` for the code `phq9`."""
    rest = _rest(name, code) if _same_start(name, code) else name
    found = _NUMBER.match(rest.strip("_.- "))
    return found["number"] if found else None


def leading_number(line: str) -> tuple[str | None, str]:
    """(number, rest) of a line such as `3. I slept badly`."""
    found = _LEADING.match(line)
    if not found:
        return None, line
    return (found["number"] or found["tabbed"]).lstrip("0") or "0", line[found.end() :]


def _belongs(name: str, code: str, names: set[str]) -> bool:
    """`scs_4` belongs to `scs`; `scs_sf_4` does not."""
    rest = _rest(name, code)
    return _same_start(name, code) and (rest in names or _TAIL.fullmatch(rest) is not None)


def _bare(name: str) -> str:
    return re.sub(r"[_.\- ]", "", name).lower()


def _same_start(name: str, start: str) -> bool:
    return _bare(name).startswith(_bare(start))


def _rest(name: str, start: str) -> str:
    return _bare(name)[len(_bare(start)) :]
