"""Whether the parts of a protocol name each other rightly.

What the protocol asks and plans to analyse is checked in `trial.core.measured`; each instrument's own key in
`trial.core.instrument_keys`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from trial.core import (
    aggregations,
    allocation_fits,
    clinical_changes,
    columns,
    factor_effects,
    families,
    guesses,
    languages,
    measured,
    planned_size,
    stage_fits,
    wording,
)
from trial.core.durations import parse_length
from trial.core.findings import Finding, shown, texts_at, twice, unknown, walk

# a hostile file may hold thousands of mistakes; the first ones are enough to mend it by
MOST = 200

# (where an id is used, where such ids are declared, what they are called)
USES = (
    ("activities.*.arms.*", "arms.*.id stages.*.arms.*.id", "arm"),
    ("activities.*.instruments.*", "instruments.*", "instrument of this protocol"),
    ("timepoints.*.activities.*", "activities.*.id", "activity"),
    ("timepoints.*.invitation", "messages.*.id", "message"),
    ("timepoints.*.reminders.*.message", "messages.*.id", "message"),
    ("analysis.primary.outcome", "outcomes.*.id", "outcome"),
    ("analysis.primary.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.primary.contrast.*", "arms.*.id", "arm"),
    ("analysis.primary.factors.*", "design.factors.*.id", "factor"),
    ("analysis.secondary.analyses.*.factors.*", "design.factors.*.id", "factor"),
    ("analysis.exploratory.analyses.*.factors.*", "design.factors.*.id", "factor"),
    ("analysis.secondary.analyses.*.outcome", "outcomes.*.id", "outcome"),
    ("analysis.secondary.analyses.*.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.secondary.analyses.*.contrast.*", "arms.*.id", "arm"),
    ("analysis.secondary.graph.*.analysis", "analysis.secondary.analyses.*.id", "secondary analysis with an `id`"),
    ("analysis.exploratory.analyses.*.outcome", "outcomes.*.id", "outcome"),
    ("analysis.exploratory.analyses.*.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.exploratory.analyses.*.contrast.*", "arms.*.id", "arm"),
    ("analysis.exploratory.subgroups.*.outcome", "outcomes.*.id", "outcome"),
    ("analysis.exploratory.subgroups.*.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.exploratory.subgroups.*.contrast.*", "arms.*.id", "arm"),
    ("analysis.sensitivity.*.auxiliaries.*.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.clinical_change.*.outcome", "outcomes.*.id", "outcome"),
    ("analysis.clinical_change.*.timepoint", "timepoints.*.id", "timepoint"),
    ("analysis.clinical_change.*.contrast.*", "arms.*.id", "arm"),
    ("analysis.exploratory.analyses.*.estimand", "estimands.*.id", "estimand"),
    ("harms.instrument", "instruments.*", "instrument of this protocol"),
    ("analysis.allocation_guess.instrument", "instruments.*", "instrument of this protocol"),
    ("analysis.allocation_guess.right.*.arms.*", "arms.*.id", "arm"),
    ("design.waitlist.arm", "arms.*.id", "arm"),
    ("design.waitlist.content_of", "arms.*.id", "arm"),
    ("eligibility.age.question", "eligibility.questions.*.id", "screening question"),
    ("timepoints.*.after", "activities.*.id", "activity"),
    ("activities.*.shows_writing_of", "activities.*.id", "activity"),
    ("analysis.primary.estimand", "estimands.*.id", "estimand"),
    ("analysis.secondary.analyses.*.estimand", "estimands.*.id", "estimand"),
    ("safety.on_call.told_in_consent", "consent.statements.*.id", "consent statement"),
    ("incentives.*.earned_at", "timepoints.*.id", "timepoint"),
    ("timepoints.*.stage", "stages.*.id", "stage"),
    ("stages.*.after", "activities.*.id", "activity"),
    ("stages.*.timepoint", "timepoints.*.id", "timepoint"),
    ("stages.*.arms_before.*", "arms.*.id", "arm"),
)

_CONTRASTS = (
    "analysis.primary.contrast", "analysis.secondary.analyses.*.contrast",
    "analysis.exploratory.analyses.*.contrast", "analysis.exploratory.subgroups.*.contrast",
    "analysis.clinical_change.*.contrast",
)  # fmt: skip

UNIQUE = (
    "languages.*", "arms.*.id", "instruments.*", "activities.*.id", "timepoints.*.id", "messages.*.id",
    "outcomes.*.id", "eligibility.questions.*.id", "eligibility.criteria.*.id", "consent.statements.*.id",
    "allocation.strata.*.id", "design.factors.*.id", "consent.comprehension.*.id", "estimands.*.id",
    "analysis.sensitivity.*.id", "safety.rules.*.id", "incentives.*.id", "eligibility.guard.consistency.*.id",
    "stages.*.id", "analysis.secondary.analyses.*.id", "analysis.secondary.graph.*.analysis",
    "analysis.allocation_guess.right.*.answer",
)  # fmt: skip


def find(tree: Any, instruments: Mapping[str, Any], texts: Mapping[str, Iterable[str]]) -> list[Finding]:
    """Every mistake between parts, at most MOST.

    `instruments` maps codes to the plain trees of the instrument files that could be read; `texts` maps each
    Markdown text to the languages it is written in.
    """
    if not isinstance(tree, Mapping):
        return []
    checks: tuple[Callable[[Any], Iterator[Finding]], ...] = (
        _unknown_ids, _repeated_ids, allocation_fits.find, stage_fits.find, _single_baseline, _one_at_a_time,
        _windows, _same_arm_twice, _single_contrasts, languages.find, _address_code, _parts_of_activities,
        _factorial_arms, factor_effects.find, families.find, planned_size.find,
    )  # fmt: skip
    found = chain(
        chain.from_iterable(check(tree) for check in checks),
        measured.find(tree, instruments),
        columns.find(tree, instruments),
        aggregations.find(tree, instruments),
        guesses.find(tree, instruments),
        clinical_changes.find(tree, instruments),
        wording.find(tree, instruments),
        _texts_exist(tree, texts),
    )
    return list(islice(found, MOST))


def _unknown_ids(tree: Any) -> Iterator[Finding]:
    for used, declared, noun in USES:
        known = {name for one in declared.split() for name in texts_at(tree, one)}
        for path, value in walk(tree, used):
            if isinstance(value, str) and value not in known:
                yield unknown(path, value, known, noun)


def _repeated_ids(tree: Any) -> Iterator[Finding]:
    for pattern in UNIQUE:
        yield from twice(tree, pattern)
    for path, factor in walk(tree, "allocation.strata.*"):
        for found in twice(factor, "levels.*.id"):
            yield found._replace(path=path + found.path)


def _single_baseline(tree: Any) -> Iterator[Finding]:
    found = [path for path, anchor in walk(tree, "timepoints.*.anchor") if anchor == "consent"]
    if len(found) != 1 and isinstance(tree.get("timepoints"), list):
        yield Finding(
            found[1] if found else ("timepoints",),
            f"there are {len(found)} timepoints before randomisation.",
            "Give exactly one timepoint `anchor: consent`: the baseline.",
        )


def _one_at_a_time(tree: Any) -> Iterator[Finding]:
    """One invitation opens one page, so after randomisation an arm does one activity at a timepoint."""
    arms_of = {
        str(one["id"]): set(texts_at(one, "arms.*")) for _, one in walk(tree, "activities.*") if _has_text_id(one)
    }
    every_arm = texts_at(tree, "arms.*.id")
    for path, point in walk(tree, "timepoints.*"):
        if not isinstance(point, Mapping) or point.get("anchor") == "consent" or point.get("stage") is not None:
            continue
        named = [one for one in texts_at(point, "activities.*") if one in arms_of]
        for arm in every_arm:
            own = [one for one in named if not arms_of[one] or arm in arms_of[one]]
            if len(own) > 1:
                what = f"the arm {shown(arm)} has {len(own)} activities at once: {', '.join(own[:12])}."
                yield Finding((*path, "activities"), what, "Give each a timepoint of its own.")
                break


def _parts_of_activities(tree: Any) -> Iterator[Finding]:
    """Prompts, cards, voices and ticks of one activity have ids of their own; a card has one gap."""
    for path, activity in walk(tree, "activities.*"):
        for part in ("prompts", "cards", "voices", "items"):
            for found in twice(activity, f"{part}.*.id"):
                yield found._replace(path=path + found.path)
        for place, cloze in walk(activity, "cards.*.cloze"):
            for language, words in cloze.items() if isinstance(cloze, Mapping) else ():
                if isinstance(words, str) and words.count("{{gap}}") != 1:
                    what = "a card has exactly one gap."
                    yield Finding((*path, *place, language), what, "Write {{gap}} where the word is missing.")
    known = set(texts_at(tree, "activities.*.id"))
    writings = {
        one["id"] for _, one in walk(tree, "activities.*") if _has_text_id(one) and one.get("type") == "writing"
    }
    for path, value in walk(tree, "activities.*.shows_writing_of"):
        if isinstance(value, str) and value in known - writings:
            yield Finding(path, f"{shown(value)} is no writing exercise.", "Name one whose words can be shown.")


def _factorial_arms(tree: Any) -> Iterator[Finding]:
    """Each arm of a factorial design is one combination of its factors' levels, and each stands once."""
    levels = {
        factor["id"]: set(texts_at(factor, "levels.*"))
        for _, factor in walk(tree, "design.factors.*")
        if _has_text_id(factor)
    }
    seen: dict[tuple[tuple[str, str], ...], Any] = {}
    for path, arm in walk(tree, "arms.*") if levels else ():
        given = arm.get("factors") if isinstance(arm, Mapping) else None
        chosen = given if isinstance(given, Mapping) else {}
        for factor, known in levels.items():
            if chosen.get(factor) not in known:
                what = f"the arm says no level of the factor {factor!r}."
                yield Finding((*path, "factors"), what, f"Add `{factor}: {sorted(known)[0] if known else '…'}`.")
        place = tuple(sorted((str(key), str(value)) for key, value in chosen.items()))
        if chosen and place in seen:
            yield Finding((*path, "factors"), f"{shown(seen[place])} has the same levels.", "Change one of the two.")
        seen.setdefault(place, arm.get("id") if isinstance(arm, Mapping) else None)


def _has_text_id(node: Any) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("id"), str)


def _windows(tree: Any) -> Iterator[Finding]:
    for path, point in walk(tree, "timepoints.*"):
        closes = _minutes(point.get("closes_after")) if isinstance(point, Mapping) else None
        if closes == 0:
            yield Finding((*path, "closes_after"), "the window closes as it opens.", "Leave time to answer: 20 hours.")
        for place, after in walk(point, "reminders.*.after"):
            late = _minutes(after)
            if closes and late is not None and late >= closes:
                mend = f"Send it earlier than {point['closes_after']} after the opening, or close later."
                yield Finding((*path, *place), "the reminder goes out after the window has closed.", mend)


def _minutes(value: Any) -> int | None:
    try:
        length = parse_length(value)
    except ValueError:
        return None
    return length.days * 1440 + length.minutes


def _same_arm_twice(tree: Any) -> Iterator[Finding]:
    for pattern in _CONTRASTS:
        for path, pair in walk(tree, pattern):
            if isinstance(pair, list) and len(pair) == 2 and pair[0] == pair[1]:
                yield Finding(path, "the contrast compares an arm with itself.", "Name two different arms.")


def _single_contrasts(tree: Any) -> Iterator[Finding]:
    """One arm is compared with its own baseline, two with each other."""
    wanted = 1 if len(list(walk(tree, "arms.*"))) == 1 else 2
    for pattern in _CONTRASTS:
        for path, given in walk(tree, pattern):
            if isinstance(given, list) and len(given) in (1, 2) and len(given) != wanted:
                mend = "Name the one arm." if wanted == 1 else "Name the arm and its reference: `[arm, reference]`."
                yield Finding(path, f"the contrast names {len(given)} of {wanted} arms.", mend)


def _address_code(tree: Any) -> Iterator[Finding]:
    """An address is confirmed by a typed code, so every trial has the message that carries it."""
    if "code" not in texts_at(tree, "messages.*.id") and isinstance(tree.get("messages"), list):
        mend = "Add a message with `id: code` and `stream: service`, and write messages/code."
        yield Finding(("messages",), "there is no message `code`, which confirms an address.", mend)


def _texts_exist(tree: Any, texts: Mapping[str, Iterable[str]]) -> Iterator[Finding]:
    written = languages.of(tree)
    named = chain(
        walk(tree, "trial_page"), walk(tree, "eligibility.notice"), walk(tree, "consent.information"),
        walk(tree, "debrief"), walk(tree, "results"), walk(tree, "activities.*.exercise"),
        walk(tree, "safety.resources"),
        walk(tree, "eligibility.age.guardian.consent"), walk(tree, "eligibility.age.guardian.assent"),
        ((path, f"messages/{value}") for path, value in walk(tree, "messages.*.id") if isinstance(value, str)),
    )  # fmt: skip
    for path, name in named:
        for language in written:
            if isinstance(name, str) and language not in texts.get(name, ()):
                file = shown(f"{name}.{language}.md").strip("'\"")
                yield Finding(path, f"the text {file} is not in the folder.", f"Write {file}.")
