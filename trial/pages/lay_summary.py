"""What came out of a trial, on one page for those who took part: plain words that claim no more than the interval.

tests/spec/claims.md is the table of what may be said. Values in, words out, in the language of the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from babel.lists import format_list

from trial.core.trial import MARKS, TrialKind
from trial.pages.environment import number
from trial.pages.translations import direction, locale_of, translations

Unit = Literal["points", "people"]
Say = Callable[[str], str]
_BROKEN = 100  # a number with decimals takes the form of hundreds in every language of ours


@dataclass(frozen=True, slots=True)
class Group:
    """An arm: its name, how many, and how many said that something had got worse, of how many who were asked."""

    name: str
    people: int
    worse: int | None = None
    asked: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The primary result: its verdict and weight are those of `reports.claims`.

    `size`, `least` and `most` are how far the groups are apart, above zero, rounded as the report prints them; None
    where nobody could say who did better. `matters` is the difference that the team named beforehand.
    """

    verdict: str
    weight: str
    outcome: str
    when: str
    lower_is_better: bool
    first: str
    second: str
    unit: Unit = "points"
    size: float | None = None
    least: float | None = None
    most: float | None = None
    matters: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the page says."""

    title: str
    about: str
    kind: str
    groups: tuple[Group, ...]
    known: int
    finding: Finding
    more_analyses: bool
    harm_reports: int | None
    harms_final: bool
    contact: tuple[str, str]

    @property
    def people(self) -> int:
        return sum(one.people for one in self.groups)


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and its paragraphs; the first of a `key` part is what matters most."""

    heading: str
    paragraphs: tuple[str, ...]
    key: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The page in words."""

    heading: str
    title: str
    mark: str
    parts: tuple[Part, ...]


def page(found: Outcome, language: str) -> Page:
    """The page in a language; what nobody has translated is English."""
    _ = translations(language).gettext
    found = _apart(found) if direction(language) == "rtl" else found
    marks = {kind.value: _(text) for kind, text in MARKS.items()}
    parts = (
        Part(_("What the study asked"), _asked(found, _)),
        Part(_("Who took part"), _who(found, language)),
        Part(_("What came out"), tuple(_came_out(found.finding, language)), key=True),
        Part(_("What to make of it"), _make_of_it(found, _)),
        Part(_("Was anybody harmed?"), _harm(found, language)),
        Part(_("Thank you"), _thanks(found, _)),
    )
    mark = marks.get(found.kind, "") if found.kind in [kind.value for kind in TrialKind] else ""
    return Page(_("What came out of the study"), found.title, mark, parts)


def _apart(found: Outcome) -> Outcome:
    """The protocol's words each in an isolate of Unicode, so that one in another script turns nothing around it."""

    def alone(text: str) -> str:
        return f"\u2068{text}\u2069"

    told = found.finding
    return replace(
        found,
        title=alone(found.title),
        about=alone(found.about),
        groups=tuple(replace(one, name=alone(one.name)) for one in found.groups),
        finding=replace(
            told, outcome=alone(told.outcome), when=alone(told.when), first=alone(told.first), second=alone(told.second)
        ),
        contact=(alone(found.contact[0]), alone(found.contact[1])),
    )


def _asked(found: Outcome, _: Say) -> tuple[str, ...]:
    return (found.about,)


def _who(found: Outcome, language: str) -> tuple[str, ...]:
    catalogue = translations(language)
    _ = catalogue.gettext
    num = number(found.people, language=language)
    took = catalogue.ngettext("%(num)s person took part.", "%(num)s people took part.", found.people) % {"num": num}
    if len(found.groups) > 1:
        sized = _("“%(group)s” (%(num)s)")
        each = [sized % {"group": one.name, "num": number(one.people, language=language)} for one in found.groups]
        groups = format_list(each, locale=locale_of(language))
        took += " " + _("Chance decided who came into which group: %(groups)s.") % {"groups": groups}
    known = number(found.known, language=language)
    rests = _("The result rests on the answers given at this time: %(when)s. %(known)s of %(all)s people gave them.")
    return took, rests % {"when": found.finding.when, "known": known, "all": num}


def _came_out(one: Finding, language: str) -> list[str]:
    _ = translations(language).gettext
    better = _("Lower numbers are better.") if one.lower_is_better else _("Higher numbers are better.")
    what = _("This was looked at first of all: %(outcome)s.") % {"outcome": one.outcome}
    compared = f"{what} {better}" if one.unit == "points" else what
    return [verdict(one, language), *filter(None, (size(one, language), weight(one, language))), compared]


def verdict(one: Finding, language: str) -> str:
    """The sentence that matters most."""
    _ = translations(language).gettext
    better, worse = (one.second, one.first) if one.verdict == "second" else (one.first, one.second)
    sentences: Mapping[str, str] = {
        "not_estimated": _("The answers did not let us compare the groups."),
        "first": _(
            "The answers show a difference: on average, people in the group “%(better)s” did better than people in the "
            "group “%(worse)s”."
        ),
        "open": _(
            "We cannot tell whether people in the group “%(better)s” or people in the group “%(worse)s” did better. "
            "The answers fit with both. That does not show that the two do equally well."
        ),
        "no_worse": _(
            "On average, people in the group “%(better)s” did not do worse than people in the group “%(worse)s” by as "
            "much as the team had said beforehand would be too much."
        ),
        "no_worse_but_worse": _(
            "On average, people in the group “%(better)s” did worse than people in the group “%(worse)s”, but by less "
            "than the team had said beforehand would be too much."
        ),
        "worse_by_margin": _(
            "On average, people in the group “%(better)s” did worse than people in the group “%(worse)s”, by more than "
            "the team had said beforehand would be too much."
        ),
        "no_worse_open": _(
            "We cannot tell whether people in the group “%(better)s” did worse than people in the group “%(worse)s” by "
            "more than the team had said beforehand would be too much."
        ),
        "alike": _(
            "On average, the groups “%(better)s” and “%(worse)s” did so much alike that any difference is smaller than "
            "the team had said beforehand would matter."
        ),
        "unlike": _(
            "On average, the groups “%(better)s” and “%(worse)s” differed by more than the team had said beforehand "
            "would matter."
        ),
        "alike_open": _("We cannot tell whether the groups “%(better)s” and “%(worse)s” did alike."),
        "alike_open_but_different": _(
            "On average, the groups “%(better)s” and “%(worse)s” differed. We cannot tell whether by as much as the "
            "team had said beforehand would matter."
        ),
        "interaction": _("The answers show that the two parts of the study change each other's effect."),
        "interaction_open": _("We cannot tell whether the two parts of the study change each other's effect."),
        "changed_for_better": _(
            "On average, people were better than at the start. There was no other group to compare with, so we cannot "
            "say why."
        ),
        "changed_for_worse": _(
            "On average, people were worse than at the start. There was no other group to compare with, so we cannot "
            "say why."
        ),
        "change_open": _("We cannot tell whether people changed, on average, since the start."),
    }
    if one.verdict == "not_estimated" and one.first == one.second:
        return _("The answers did not let us say whether people changed.")
    same = {"second": "first", "no_worse_and_better": "first"}
    return sentences[same.get(one.verdict, one.verdict)] % {"better": better, "worse": worse}


def size(one: Finding, language: str) -> str:
    """How large the difference is, and how small or large it may be; empty where nobody can say who did better."""
    if one.size is None or one.least is None or one.most is None:
        return ""
    _ = translations(language).gettext
    about, least, most = (amount(each, one.unit, language) for each in (one.size, one.least, one.most))
    said = _(
        "The difference is about %(size)s. The answers also fit with a difference as small as %(least)s or as large as "
        "%(most)s."
    )
    return said % {"size": about, "least": least, "most": most}


def amount(value: float, unit: Unit, language: str) -> str:
    """`2.5 points`, `12 in every 100 people`."""
    catalogue = translations(language)
    _ = catalogue.gettext
    whole = int(value) if value == int(value) else _BROKEN
    points = catalogue.ngettext("%(num)s point", "%(num)s points", whole)
    said = points if unit == "points" else _("%(num)s in every 100 people")
    return said % {"num": number(value, language=language)}


def weight(one: Finding, language: str) -> str:
    """How that lies to what the team had said would matter; empty where it had said nothing."""
    _ = translations(language).gettext
    if one.matters is None:
        return ""
    said = {
        "all": _("Even the smallest of these is as large as the team had said beforehand would matter (%(matters)s)."),
        "none": _(
            "A difference as large as the team had said beforehand would matter (%(matters)s) does not fit with the "
            "answers."
        ),
        "unsettled": _(
            "We cannot tell whether the difference is as large as the team had said beforehand would matter "
            "(%(matters)s)."
        ),
    }.get(one.weight, "")
    return said % {"matters": amount(one.matters, one.unit, language)} if said else ""


def _make_of_it(found: Outcome, _: Say) -> tuple[str, ...]:
    said = [_("These are averages. They do not tell how it went for you, or how it would go for somebody else.")]
    if found.kind != "outside":  # of data collected elsewhere nobody here knows who told, and what they knew
        said.append(
            _(
                "People told us themselves how they were, and they knew what they did in the study. That can change "
                "their answers."
            )
        )
    said.append(_("One study is rarely the last word: the next one may find something else."))
    if found.more_analyses:
        said.append(_("The study looked at more than this. All of it stands in the study's report."))
    return (" ".join(said),)


def _harm(found: Outcome, language: str) -> tuple[str, ...]:
    _ = translations(language).gettext
    if found.harm_reports is None:
        return (_("We do not know: these data do not tell."),)
    told = [
        _("“%(group)s”: %(yes)s of %(all)s") % {
            "group": one.name,
            "yes": number(one.worse or 0, language=language),
            "all": number(one.asked or 0, language=language),
        }
        for one in found.groups
    ]  # fmt: skip
    said = _("We asked everybody whether something had got worse for them. So many said yes at least once: %(groups)s.")
    groups = format_list(told, locale=locale_of(language))
    reports = _("Reports of something bad that came without our asking: %(num)s.")
    both = [said % {"groups": groups}, _("That need not come from the study.")]
    both.append(reports % {"num": number(found.harm_reports, language=language)})
    if not found.harms_final:
        both.append(_("Not all of them have been looked at yet."))
    return (" ".join(both),)


def _thanks(found: Outcome, _: Say) -> tuple[str, ...]:
    name, address = found.contact
    return (
        _("Thank you for your time and your answers. Without them there would be nothing to tell."),
        f"{_('Questions? Write to us:')} {name}, {address}",
    )
