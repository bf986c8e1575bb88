"""Findings that are alike are one, and reports of harm weigh by what they ask of the desk."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.rehearsal.test_findings import Lived, people, said
from tests.rehearsal.test_more_findings import walks
from trial.core.matters import MatterKind
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings import answering, desk, unreached
from trial.rehearsal.findings.gathered import Facts
from trial.services.record import Person

__all__ = ["walks"]


def idle(walks: Lived, *activities: str) -> Facts:
    """A trial in which nobody did any of these, and five times as many people could have."""
    several = tuple(
        replace(
            one,
            record=replace(one.record, id=one.record.id + 1_000_000 * more),
            sheets=tuple(sheet for sheet in one.sheets if sheet.activity not in activities),
        )
        for one in walks.read.people
        for more in range(5)
    )
    return walks.facts(people=several)


def test_activities_that_nobody_did_are_one_finding_that_lists_them_the_worst_first(walks: Lived) -> None:
    alone = {name: said(unreached.find, idle(walks, name), "nobody did it")[0] for name in ("walk", "last")}
    both = idle(walks, "walk", "last")
    (found,) = said(unreached.find, both, "nobody did it")
    open_to = {
        one.activity: len(
            {each.record.id for each in both.lived.people for it in each.occasions if it.activity == one.activity}
        )
        for person in both.lived.people
        for one in person.occasions
    }
    worst, other = sorted(alone, key=lambda one: -open_to[one])
    assert open_to[worst] > open_to[other]
    more = rf" So it is with 1 more, the worst first: “[^”]+” \(`{other}`\), {open_to[other]} people "
    more += rf"\({alone[other].place}\)\."
    assert re.fullmatch(re.escape(alone[worst].what) + more, found.what)
    assert replace(found, what="") == replace(alone[worst], what="")


def test_windows_of_several_timepoints_that_were_nearly_missed_are_one_finding(walks: Lived) -> None:
    def late(*points: str) -> Facts:
        def at_the_end(one: Person) -> Person:
            points_ = [point for point in points if point != "finish" or one.record.id % 2]  # a smaller share there
            closing = {its.id: its.closes_at for its in one.occasions if its.timepoint in points_}
            sheets = [
                replace(each, submitted_at=closing.get(each.occasion_id, each.submitted_at)) for each in one.sheets
            ]
            return replace(one, sheets=tuple(sheets))

        return people(walks, at_the_end)

    points = [one.id for one in walks.read.folder.protocol.timepoints if one.anchor != "consent"]
    alone = [said(answering.find, late(one), "last tenth of its window") for one in points]
    enough = [point for point, found in zip(points, alone, strict=True) if found]
    assert len(enough) > 1 and all(len(one) == 1 for one in alone if one)
    (found,) = said(answering.find, late(*points), "last tenth of its window")
    worst, *others = sorted((one[0] for one in alone if one), key=lambda one: -one.share)
    assert all(one.share < worst.share for one in others)
    assert (found.share, found.place) == (worst.share, worst.place) and found.what.startswith(worst.what)
    assert found.what.count("protocol.yaml:") == len(enough) - 1


def harm(walks: Lived, worst: int) -> Finding:
    """What is said of reports of harm when so many came in one week, of as many people as are planned."""
    first = next(one for one in walks.read.matters if one.kind is MatterKind.ALERT)
    alike = replace(first, kind=MatterKind.ADVERSE_EVENT, act_by=None, participant_id=None)
    reports = (alike,) * worst
    facts = walks.facts(matters=reports)
    size = facts.protocol.sample_size.model_copy(update={"target": len(facts.randomized)})
    protocol = facts.protocol.model_copy(update={"sample_size": size})
    (found,) = said(
        desk.find, walks.facts(matters=reports, folder=replace(walks.read.folder, protocol=protocol)), "of harm came"
    )
    return found


@pytest.mark.parametrize(("worst", "weight"), [(10, Weight.KNOW), (11, Weight.LOOK), (190, Weight.LOOK)])
def test_more_reports_of_harm_a_week_than_two_on_each_working_day_must_be_seen(
    walks: Lived, worst: int, weight: Weight
) -> None:
    found = harm(walks, worst)
    assert found.weight is weight and f"about {worst} in the worst week" in found.what
    assert ("Each has to be assessed by a person" in found.what) == (weight is Weight.LOOK)
    assert "who assesses" in found.mend
