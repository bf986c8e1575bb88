"""Two versions of a trial as an amendment: every difference, in reading order, with its class and its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trial.core.amendment import shape
from trial.core.amendment.changes import Amendment, Change, ChangeClass, Chapter
from trial.core.amendment.differences import ABSENT, Difference, Place, differences
from trial.core.amendment.policy import ORDER, ORDER_COUNTS, POLICY, SPELLING, STOPPED, Rule
from trial.core.amendment.words import NOTHING, excerpts, is_spelling, printable, shown
from trial.core.instruments import Instrument
from trial.core.protocol import Questionnaire, TrialProtocol
from trial.core.resources import Resource

C = ChangeClass
RENAMED = "Its content is the same under another id; an id that changes is a removal and an addition."
PLACES = "The places to turn to are other ones; the help pages show the newest to everybody at once."
# what an entry of a list is called
NOUNS = {
    "arms": "arm", "people": "person", "factors": "factor", "strata": "stratification factor", "levels": "level",
    "questions": "screening question", "choices": "choice", "criteria": "criterion", "statements": "statement",
    "comprehension": "comprehension question", "recipients": "recipient", "activities": "activity",
    "prompts": "prompt", "cards": "card", "voices": "voice", "items": "item", "timepoints": "timepoint",
    "reminders": "reminder", "blackout": "blackout", "messages": "mail", "outcomes": "outcome",
    "estimands": "estimand", "intercurrent_events": "intercurrent event", "analyses": "analysis",
    "sensitivity": "sensitivity analysis", "rules": "rule", "incentives": "incentive", "waivers": "waiver",
    "responses": "response scale", "scores": "score", "cut_offs": "cut-off", "steps": "step",
    "stages": "stage",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a trial: the protocol, its instruments by code, its Markdown texts by name and language.

    `resources` are the team's places to turn to.
    """

    protocol: TrialProtocol
    instruments: Mapping[str, Instrument]
    texts: Mapping[str, Mapping[str, str]]
    resources: tuple[Resource, ...] = ()


def compare(old: Version, new: Version, *, raised: ChangeClass | None = None) -> Amendment:
    """The amendment from one version to another.

    `raised` makes every weaker change as strong as this class; nothing is ever made weaker. What chance allocates by
    stays a change of randomisation.
    """
    changes = [*_protocol(old, new), *_instruments(old, new), *_texts(old, new), *_places(old, new)]
    order = list(Chapter)
    changes.sort(key=lambda one: order.index(one.chapter))
    if raised is not None:
        changes = [_raised(one, raised) for one in changes]
    amendment = Amendment(old.protocol.id, old.protocol.version, new.protocol.version, tuple(changes))
    return replace(amendment, notes=tuple(_notes(amendment, old, new)))


def _raised(change: Change, to: ChangeClass) -> Change:
    return change if change.change_class.strength >= to.strength else replace(change, change_class=to)


def _places(old: Version, new: Version) -> Iterator[Change]:
    """The team's own places to turn to, as one change: the help pages show the newest to everybody at once."""
    if old.resources == new.resources:
        return
    before, after = (_place_names(one) for one in (old, new))
    kind = "added" if not old.resources else "removed" if not new.resources else "changed"
    rule = Rule("resources", Chapter.CARE, C.CORRECTION, PLACES)
    yield Change(
        "resources.yaml", "resources", "resources", "places to turn to", kind, before, after, rule.meaning,
        rule.chapter, rule.change_class, rule.change_class,
    )  # fmt: skip


def _place_names(version: Version) -> str:
    found = [
        f"{one.country}: {next(iter(one.name.values()))}, checked on {one.checked_on}" for one in version.resources
    ]
    return printable("; ".join(found)) if found else NOTHING


def _left_out(old: Version, new: Version) -> frozenset[str]:
    """Languages that come or go as a whole: one change says so, not one for each text."""
    return frozenset(old.protocol.languages) ^ frozenset(new.protocol.languages)


def _protocol(old: Version, new: Version) -> Iterator[Change]:
    for one in differences(old.protocol, new.protocol, Place(), _left_out(old, new)):
        yield _change(one, "protocol.yaml", _rule(one, old))


def _instruments(old: Version, new: Version) -> Iterator[Change]:
    """Instruments that both versions use; one that comes or goes is a change of the protocol's list."""
    for code in new.protocol.instruments:
        if code in old.protocol.instruments:
            found = differences(
                old.instruments[code], new.instruments[code], Place(pattern=shape.INSTRUMENT), _left_out(old, new)
            )
            for one in found:
                yield _change(one, f"instruments/{code}.yaml", _rule(one, old), of=f"instrument {code}")


def _texts(old: Version, new: Version) -> Iterator[Change]:
    """The Markdown of every place that both versions have, whatever its file is called."""
    before, after = _named(old.protocol), _named(new.protocol)
    left_out = _left_out(old, new)
    for place, name in after.items():
        if place not in before:
            continue
        one, two = old.texts.get(before[place], {}), new.texts.get(name, {})
        for language in dict.fromkeys([*one, *two]):
            was, now = one.get(language, ABSENT), two.get(language, ABSENT)
            if language in left_out or was == now:
                continue
            kind = "added" if was is ABSENT else "removed" if now is ABSENT else "changed"
            difference = Difference(replace(place, pattern=f"{place.pattern}.words"), kind, was, now)
            of = f"{_text_part(place)} ({language})"
            file = f"{name if two else before[place]}.{language}.md"
            yield replace(_change(difference, file, POLICY[difference.place.pattern]), part=of)


def _named(protocol: TrialProtocol) -> dict[Place, str]:
    """Every place of a protocol that has a Markdown text, with the text's name; mails by their ids."""
    found: dict[Place, str] = {}
    for pattern in shape.files():
        for place, name in _at(protocol, pattern.split("."), Place()):
            found[place] = name
    for message in protocol.messages:
        found[Place().field("messages").entry(message.id)] = f"messages/{message.id}"
    return found


def _at(node: Any, names: list[str], place: Place) -> Iterator[tuple[Place, str]]:
    if node is None:
        return
    if not names:
        yield place, str(node)
    elif names[0] == "*":
        for one in node:
            yield from _at(one, names[1:], place.entry(one.id))
    else:
        yield from _at(getattr(node, names[0], None), names[1:], place.field(names[0]))


def _text_part(place: Place) -> str:
    if place.keys[0] == "messages":
        return f"mail {place.keys[1]}, its words"
    return f"{_part(place)}, its words"


def _rule(one: Difference, old: Version) -> Rule:
    """The row of a difference; an entry that comes or goes belongs to the row of its list."""
    pattern = one.place.pattern.removesuffix(".*")
    rule = POLICY[pattern]
    if one.kind == "order" and pattern not in ORDER_COUNTS:
        return replace(rule, change_class=C.CORRECTION, meaning=ORDER)
    return replace(rule, change_class=C.URGENT_SAFETY, meaning=STOPPED) if _stops(one, old.protocol) else rule


def _stops(one: Difference, old: TrialProtocol) -> bool:
    """Whether an exercise is taken out, of the trial or of a timepoint, and nothing is put in its place."""
    exercises = {each.id for each in old.activities if not isinstance(each, Questionnaire)}
    if one.place.pattern == "activities.*":
        return one.kind == "removed" and not one.renamed and one.place.keys[-1] in exercises
    if one.place.pattern != "timepoints.*.activities" or one.kind != "changed":
        return False
    gone = [each for each in one.before if each not in one.after]
    return one.after == [each for each in one.before if each not in gone] and set(gone) <= exercises


def _change(one: Difference, file: str, rule: Rule, *, of: str = "") -> Change:
    pattern, keys = one.place.pattern, one.place.keys
    words = pattern in shape.texts() or pattern.endswith(".words")
    change_class, meaning = rule.change_class, rule.meaning
    if words and isinstance(one.before, str) and isinstance(one.after, str):
        before, after = excerpts(one.before, one.after)
        if is_spelling(one.before, one.after):
            change_class, meaning = C.CORRECTION, SPELLING
    else:
        choice = pattern in shape.literals()
        before, after = (NOTHING if side is ABSENT else shown(side, choice=choice) for side in (one.before, one.after))
    before, after = printable(before), printable(after)
    if one.renamed:
        meaning = f"{meaning} {RENAMED}"
    path = ".".join(_key(each) for each in keys)
    part = ", ".join(each for each in (of, _part(one.place)) if each)
    bare = pattern.removesuffix(".*")
    return Change(
        file, path, bare, part, one.kind, before, after, meaning, rule.chapter, change_class, change_class
    )  # fmt: skip


def _key(key: str) -> str:
    return "schema" if key == "schema_version" else key


def _part(place: Place) -> str:
    """A place in plain words: `timepoint week_1, reminder 2, after`."""
    names = [one for one in place.pattern.split(".") if one and one != shape.INSTRUMENT]
    keys, parts, at = list(place.keys), [], 0
    while at < len(keys):
        name = names[at] if at < len(names) else None
        if name is not None and at + 1 < len(names) and names[at + 1] == "*":
            parts.append(f"{NOUNS[name]} {keys[at + 1]}")
            at += 2
        else:
            parts.append(_key(keys[at]).replace("_", " ") if name is not None else f"({keys[at]})")
            at += 1
    return ", ".join(parts).replace(", (", " (")


def _notes(amendment: Amendment, old: Version, new: Version) -> Iterator[str]:
    """What is odd about the amendment as a whole."""
    if not amendment.changes:
        return
    one, two, counts = old.protocol, new.protocol, amendment.counts
    if one.id != two.id:
        yield f"These are versions of two protocols, {one.id} and {two.id}: compare versions of one."
    if one.version == two.version:
        yield f"Both versions call themselves {one.version}. Give the new one a `version` of its own."
    if amendment.needs_consent and one.consent.version == two.consent.version:
        yield (
            f"Consent is needed again, and both consent forms call themselves {one.consent.version}. "
            "Give the new one a `consent.version` of its own."
        )
    if amendment.needs_consent and two.consent.reconsent == "never":
        yield "The new version never asks for consent again (`consent.reconsent: never`): who is in stays as they are."
    if counts[C.URGENT_SAFETY] and amendment.needs_consent:
        yield (
            "Urgent safety measures stand beside changes that need consent. Register the urgent ones as a version of "
            "their own, so that they do not wait; `--urgent REASON` makes the others urgent too."
        )
