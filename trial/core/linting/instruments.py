"""I: whether the instruments may be used, are complete, and are scored as published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from trial.core.findings import Path
from trial.core.instruments import Instrument, Score
from trial.core.linting.rules import Found, Severity, Subject, rule

ERROR, WARNING, LATER = Severity.ERROR, Severity.WARNING, Severity.BEFORE_OPENING
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


def _named(trial: Subject) -> Iterator[tuple[Path, Instrument]]:
    """(place in the protocol, instrument) for each that could be read."""
    for place, code in enumerate(trial.protocol.instruments):
        if code in trial.instruments:
            yield ("instruments", place), trial.instruments[code]


def _file(instrument: Instrument) -> str:
    return f"instruments/{instrument.code}.yaml"


@rule("I601", LATER, "Instrument wording missing",
      why="People must answer the published items; topic labels are for rehearsals only.",
      mend="Get the wording from where `equipoise instruments show` says, then: equipoise "
           "instruments fill.")  # fmt: skip
def wording(trial: Subject) -> Iterator[Found]:
    for path, one in _named(trial):
        if one.wording == "topics":
            yield Found(path, f"{one.code!r} has topic labels in place of its items.", one.code)


@rule("I602", ERROR, "Licence that forbids the use",
      why="An instrument whose rights holder allows no use cannot be part of a trial.",
      mend="Choose another instrument, or waive it with the licence that your team holds.")  # fmt: skip
def forbidden(trial: Subject) -> Iterator[Found]:
    for path, one in _named(trial):
        if one.permission.status == "closed":
            yield Found(path, f"the rights holder of {one.code!r} allows no use without a licence.", one.code)


@rule("I603", LATER, "Permission still to be asked for",
      why="Some rights holders want to be asked, or set conditions; an answer can take weeks.",
      mend="Ask, and waive it with the date and the answer.")  # fmt: skip
def permission(trial: Subject) -> Iterator[Found]:
    words = {"ask": "has to be asked for", "conditions": "comes with conditions"}
    for path, one in _named(trial):
        if one.permission.status in words:
            yield Found(path, f"permission to use {one.code!r} {words[one.permission.status]}.", one.code)


@rule("I604", ERROR, "Untranslated instrument",
      why="A person who chose a language must not meet items in another one.",
      mend="Add the official translation; a translation of your own is another instrument.")  # fmt: skip
def untranslated(trial: Subject) -> Iterator[Found]:
    for _, one in _named(trial):
        for language in trial.protocol.languages:
            lacking = [path for path, text in _texts(one, ()) if not {language, language.split("-")[0]} & text.keys()]
            if lacking:
                what = f"{one.code!r} has {len(lacking)} texts that are not written in {language!r}."
                yield Found(lacking[0], what, one.code, _file(one))


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    if isinstance(node, BaseModel):
        for name in type(node).model_fields:
            yield from _texts(getattr(node, name), (*path, name))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _texts(value, (*path, place))
    elif isinstance(node, dict) and node:
        if all(isinstance(value, str) and _LANGUAGE.fullmatch(str(key)) for key, value in node.items()):
            yield path, node
        else:
            for key, value in node.items():
                yield from _texts(value, (*path, key))


@rule("I605", ERROR, "Reverse items missing",
      why="An item that runs the other way and is not turned round makes the score wrong, and nobody can see it.",
      mend="Reverse the items that the published key reverses.")  # fmt: skip
def reverse(trial: Subject) -> Iterator[Found]:
    for _, one in _named(trial):
        for place, score in enumerate(one.scores):
            path: Path = ("scores", place, "reverse") if score.reverse else ("scores", place)
            known = _published(trial, one, score)
            if known is not None and set(known.reverse) != set(score.reverse):
                other = sorted(map(str, set(known.reverse) ^ set(score.reverse)))
                what = f"the score {score.id!r} treats items {', '.join(other)} another way than the published key."
                yield Found(path, what, score.id, _file(one))
            elif clash := _clash(one, score):
                what = f"items {', '.join(clash)} are reversed in one score of {one.code!r} and not in {score.id!r}."
                yield Found(path, what, score.id, _file(one))


def _published(trial: Subject, one: Instrument, score: Score) -> Score | None:
    known = trial.published.get(one.code)
    return next((other for other in known.scores if other.id == score.id), None) if known else None


def _clash(one: Instrument, score: Score) -> list[str]:
    """Items that this score leaves as they are and another score of the same direction reverses."""
    plain = {str(item) for item in one.scored_items(score)} - {str(item) for item in score.reverse}
    turned = {
        str(item)
        for other in one.scores
        if other.better == score.better and not other.of
        for item in other.reverse
        if item in one.scored_items(other)
    }
    return sorted(plain & turned) if not score.of else []


@rule("I606", ERROR, "Not the published form",
      why="Another number of items or of answers is another scale: its cut-offs and its figures do not hold.",
      mend="Take the published form, or give yours a code of its own.")  # fmt: skip
def another_form(trial: Subject) -> Iterator[Found]:
    for _, one in _named(trial):
        known = trial.published.get(one.code)
        if known is None:
            continue
        if [item.id for item in known.items] != [item.id for item in one.items]:
            yield Found(("items",), f"{one.code!r} has other items than the published key.", one.code, _file(one))
        elif [one.choices_of(item) and len(one.choices_of(item)) for item in one.items] != [
            known.choices_of(item) and len(known.choices_of(item)) for item in known.items
        ]:
            yield Found(("response",), f"{one.code!r} has other answers than the published key.", one.code, _file(one))


@rule("I607", WARNING, "Primary outcome not validated",
      why="A score that nobody has validated cannot carry the main answer of a trial.",
      mend="Choose a validated instrument for the primary outcome.")  # fmt: skip
def not_validated(trial: Subject) -> Iterator[Found]:
    for place, instrument, score in _outcome_scores(trial):
        if trial.protocol.outcomes[place].id == trial.protocol.analysis.primary.outcome and not instrument.validated:
            what = f"the primary outcome is the score {score.id!r} of {instrument.code!r}, which is not validated."
            yield Found(("outcomes", place), what, trial.protocol.outcomes[place].id)


@rule("I608", WARNING, "No rule for missing items",
      why="Without a rule, one item left out costs the whole score, or is filled in by whoever computes it.",
      mend="Add `missing: {at_most: …, source: …}` to the score.")  # fmt: skip
def no_missing_rule(trial: Subject) -> Iterator[Found]:
    for place, one, score in _outcome_scores(trial):
        if (
            score.missing is None
            and not score.of
            and score.method in ("sum", "mean")
            and len(one.scored_items(score)) > 1
        ):
            what = f"the score {score.id!r} has no rule for missing items."
            yield Found(("outcomes", place), what, trial.protocol.outcomes[place].id)


def _outcome_scores(trial: Subject) -> Iterator[tuple[int, Instrument, Score]]:
    for place, outcome in enumerate(trial.protocol.outcomes):
        for _, one in _named(trial):
            for score in one.scores:
                if score.id == outcome.score:
                    yield place, one, score
