"""Whether the stages of a protocol fit its other parts: what brings them about, what follows, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from trial.core.findings import Finding, Path, shown, texts_at, twice, walk


def find(tree: Any) -> Iterator[Finding]:
    """Every mistake between `stages` and the rest."""
    stages = [(path, one) for path, one in walk(tree, "stages.*") if isinstance(one, Mapping)]
    if stages:
        yield from _one_name_each(tree)
    points = {one["id"]: one for _, one in walk(tree, "timepoints.*") if _named(one)}
    before: set[str] = set()
    for path, stage in stages:
        point = points.get(stage["timepoint"]) if isinstance(stage.get("timepoint"), str) else None
        if point is not None:
            yield from _brought_about(tree, path, stage, point, before)
        for found in twice(stage, "allocation.strata.*.id"):
            yield found._replace(path=path + found.path)
        before.update(texts_at(stage, "id"))
    yield from _one_activity_each(tree)
    yield from _compared_by_all(tree)


def _named(node: Any) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("id"), str)


def _one_name_each(tree: Any) -> Iterator[Finding]:
    """Arms and the options of every stage share one name space, for `activities.*.arms` names either."""
    seen = set(texts_at(tree, "arms.*.id"))
    for path, name in walk(tree, "stages.*.arms.*.id"):
        if isinstance(name, str) and name in seen:
            yield Finding(path, f"{shown(name)} is an arm or an option already.", "Give the option another id.")
        seen.add(name)


def _brought_about(tree: Any, path: Path, stage: Any, point: Any, before: set[str]) -> Iterator[Finding]:
    """What brings a stage about is a questionnaire that is asked once, after an allocation that came earlier."""
    place = (*path, "timepoint")
    if point.get("anchor", "randomization") != "randomization":
        mend = "Name a timepoint whose days count from an allocation."
        yield Finding(place, f"the days of {shown(stage['timepoint'])} count from no allocation.", mend)
    if point.get("weekly") is not None or len(_days(point)) > 1:
        yield Finding(place, f"{shown(stage['timepoint'])} comes more than once.", "Name a timepoint with one day.")
    if isinstance(point.get("stage"), str) and point["stage"] not in before:
        mend = "A stage follows the first randomisation, or a stage that stands above it."
        yield Finding(place, f"{shown(stage['timepoint'])} belongs to no earlier stage.", mend)
    after = stage.get("after")
    if isinstance(after, str) and after not in texts_at(point, "activities.*"):
        yield Finding(
            (*path, "after"), f"{shown(after)} is not asked at {shown(stage['timepoint'])}.", "Name one that is."
        )
    kinds = {one["id"]: one.get("type") for _, one in walk(tree, "activities.*") if _named(one)}
    if isinstance(after, str) and kinds.get(after, "questionnaire") != "questionnaire":
        yield Finding((*path, "after"), f"{shown(after)} is no questionnaire.", "Name the questionnaire that decides.")


def _days(point: Any) -> list[Any]:
    given = point.get("days", [0])
    return given if isinstance(given, list) else [given]


def _one_activity_each(tree: Any) -> Iterator[Finding]:
    """At a timepoint of a stage, an option with an arm has one activity; elsewhere nothing is for an option."""
    arms_of = {one["id"]: set(texts_at(one, "arms.*")) for _, one in walk(tree, "activities.*") if _named(one)}
    arms = texts_at(tree, "arms.*.id")
    options = {one["id"]: texts_at(one, "arms.*.id") for _, one in walk(tree, "stages.*") if _named(one)}
    every_option = {name for each in options.values() for name in each}
    for path, point in walk(tree, "timepoints.*"):
        stage = point.get("stage") if isinstance(point, Mapping) else None
        named = [one for one in texts_at(point, "activities.*") if one in arms_of]
        if not isinstance(stage, str):
            anchored = not isinstance(point, Mapping) or point.get("anchor") != "completion"
            for one in named if anchored else ():
                if arms_of[one] and arms_of[one] <= every_option:
                    what = f"{shown(one)} is for an option of a stage, and this timepoint is for everybody."
                    yield Finding((*path, "activities"), what, "Give the timepoint the `stage` whose option it is.")
            continue
        for arm, option in product(arms, options.get(stage, [])):
            own = [one for one in named if not arms_of[one] or arms_of[one] & {arm, option}]
            if len(own) > 1:
                what = f"{shown(option)} after {shown(arm)} has {len(own)} activities at once: {', '.join(own[:12])}."
                yield Finding((*path, "activities"), what, "Give each a timepoint of its own.")
                break


def _compared_by_all(tree: Any) -> Iterator[Finding]:
    """The primary outcome is compared between arms: nobody's may hang on a further allocation."""
    of_stage = {one["id"] for _, one in walk(tree, "timepoints.*") if _named(one) and one.get("stage") is not None}
    for pattern in (
        "analysis.primary.timepoint", "analysis.secondary.analyses.*.timepoint",
        "analysis.exploratory.analyses.*.timepoint", "analysis.exploratory.subgroups.*.timepoint",
        "analysis.clinical_change.*.timepoint",
    ):  # fmt: skip
        for path, name in walk(tree, pattern):
            if isinstance(name, str) and name in of_stage:
                what = f"{shown(name)} is for people of a stage, and the plan compares everybody who was randomised."
                yield Finding(path, what, "Name a timepoint that follows from randomisation alone.")
