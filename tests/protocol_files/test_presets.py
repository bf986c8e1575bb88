"""The presets: whole trials that a team starts from, kind to those who take part; together, the whole language."""

from __future__ import annotations

import re
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from tests.protocol_files.test_shipped import grade
from trial.core.instruments import Instrument
from trial.core.protocol import Activity, TrialProtocol
from trial.protocol_files import ProtocolFolder, read_folder, remarks, shipped, shipped_instruments
from trial.protocol_files.presets import DESIGNS, notes
from trial.stats.power import ancova_sample_size, randomized_per_arm
from trial.stats.power_of_plan import closed_power

PRESETS = {design: read_folder(shipped("examples") / design) for design in DESIGNS}
LIBRARY = [read_folder(path.parent) for path in sorted(shipped("").glob("*/protocol.yaml"))]

each_preset = pytest.mark.parametrize("folder", PRESETS.values(), ids=PRESETS)

# keys that no shipped file can hold: only the team that runs the trial knows them, or official wording does not ship
TEAM_ONLY = {
    "Registration.registry", "Registration.number", "Registration.date", "Ethics.committee", "Ethics.reference",
    "Ethics.date", "Clinician.name", "Clinician.role", "Clinician.reviewed_on",
    "DataSharing.from_date", "Consent.valid_from", "Consent.valid_until", "Item.words",
    "Permission.commercial",  # no rights holder whose terms were read allows it
    "Administrative.time_zone",  # where the team works
    "Monitoring.solo",  # what a team of one does alone is for that team to declare
}  # fmt: skip
# keys that the library could use and does not, each with its reason
# no shipped study guides people through fill-in cards; every other exercise shows the key
# a condition is shown for cards and for a questionnaire, and is the same for every kind of exercise
CONDITIONS = {f"{kind}.only_if" for kind in ("Writing", "Reading", "TimedPractice", "Dialogue", "Checklist")}
# `read_by`: in every shipped study nobody reads what people write, as where the key is left out
# the shipped trials allocate by blocks or minimisation; tests/rehearsal/test_methods_of_allocation.py runs every method
METHODS = {"largest_imbalance", "urn", "outside_list", "unit", "cluster"}
OTHER_METHODS = {f"AllocationRule.{key}" for key in METHODS} | {
    "UrnRule.start",
    "UrnRule.added",
    "OutsideList.made_by",
    "OutsideList.how",
    "ClusterUnit.question",
    "ClusterUnit.label",
}
# what a plan can say beside what the shipped trials plan; the plans of tests/reports and tests/cli say it
OTHER_PLANS = {
    "AllocationGuess.instrument",
    "AllocationGuess.item",
    "AllocationGuess.right",
    "AnalysisPlan.allocation_guess",
    "AnalysisPlan.clinical_change",
    "AnalysisPlan.clusters",
    "AnalysisPlan.exploratory",
    "AnalysisPlan.repeated",
    "AssumedClusters.icc",
    "AssumedClusters.size",
    "AssumedClusters.size_cv",
    "Assumptions.clusters",
    "Assumptions.reference_share",
    "ClinicalChange.contrast",
    "ClinicalChange.cut_off",
    "ClinicalChange.outcome",
    "ClinicalChange.timepoint",
    "ClinicalCutOff.at",
    "ClinicalCutOff.clinical",
    "ClinicalCutOff.general",
    "ClinicalCutOff.kind",
    "ClinicalCutOff.source",
    "Design.one_sided_alpha",
    "Exploratory.analyses",
    "Exploratory.subgroups",
    "Hypothesis.analysis",
    "Hypothesis.passes",
    "Hypothesis.weight",
    "Monitoring.bounds",
    "Outcome.responder",
    "PlannedAnalysis.assumption",
    "PlannedAnalysis.id",
    "PlannedAnalysis.method",
    "Population.mean",
    "Population.sd",
    "Repeated.degrees_of_freedom",
    "Repeated.fallbacks",
    "Responder.improves_by",
    "Responder.reaches",
    "Responder.reliable_change",
    "Responder.source",
    "RightGuess.answer",
    "RightGuess.arms",
    "Secondary.gate",
    "Secondary.graph",
    "Sensitivity.by",
    "Subgroups.contrast",
    "Subgroups.outcome",
    "Subgroups.timepoint",
    "Subgroups.variable",
}
UNUSED = {"Recall.needs", "Writing.read_by", "Dialogue.read_by", *CONDITIONS, *OTHER_METHODS, *OTHER_PLANS}


def test_there_is_a_preset_for_every_design_and_nothing_else() -> None:
    assert sorted(path.name for path in shipped("examples").iterdir()) == sorted(DESIGNS)


@each_preset
def test_a_preset_says_what_it_is_for(folder: ProtocolFolder) -> None:
    readme = " ".join((shipped("examples") / folder.protocol.id / "README.md").read_text(encoding="utf-8").split())
    assert 20 < len(readme.split()) < 200 and "our own" in readme and "examples to replace" in readme


@each_preset
def test_the_linter_finds_nothing_in_a_preset_that_is_not_waived_with_a_reason(folder: ProtocolFolder) -> None:
    assert [str(one) for one in remarks(folder) if one.open] == []


@each_preset
def test_what_is_left_open_is_a_note_to_the_team_and_nothing_else(folder: ProtocolFolder) -> None:
    assert notes(dict(folder.files))
    for path, text in folder.files.items():
        outside = re.sub(r"\*\[.+?\]\*", "", text, flags=re.DOTALL)
        assert not re.search(r"TODO|FIXME|XXX|lorem|\bTBD\b|<[a-z]+>|SIZE|EMERGENCY", outside), path
        assert not re.search(r"\[(?!.*\]\()The team", outside), path


@each_preset
def test_help_is_left_to_the_team_and_no_number_is_invented(folder: ProtocolFolder) -> None:
    for name in ("messages/information", "messages/debrief"):
        assert "*[The team adds local help here before the study opens.]*" in folder.text(name, "en")
    for texts in folder.texts.values():
        assert not any(re.search(r"\d{3,}", text) for text in texts.values())


@each_preset
def test_every_text_reads_at_school_level_and_promises_nothing(folder: ProtocolFolder) -> None:
    for name, texts in folder.texts.items():
        assert grade(texts["en"]) <= 8.5, name
        assert not re.search(r"\b(will help you|will feel better|proven|cure|guarantee)", texts["en"]), name


@each_preset
def test_mails_are_the_same_for_every_arm_and_tell_none_apart(folder: ProtocolFolder) -> None:
    labels = {word for arm in folder.protocol.arms for word in re.findall(r"[a-z]{5,}", arm.label["en"].lower())}
    common = {
        "writing",
        "questions",
        "lesson",
        "evening",
        "exercises",
        "without",
    }  # what every arm has, or the trial's own name
    for message in folder.protocol.messages:
        words = set(re.findall(r"[a-z]{5,}", folder.text(f"messages/{message.id}", "en").lower()))
        assert words & labels <= common, message.id


@each_preset
def test_only_the_team_can_say_who_agreed_who_pays_and_where_it_is_registered(folder: ProtocolFolder) -> None:
    office = folder.protocol.administrative
    assert (office.registration, office.ethics, office.sponsor, office.funder) == (None, None, None, None)
    assert office.contact_email.endswith(".example.org")


@each_preset
def test_the_sample_size_follows_from_its_own_assumptions(folder: ProtocolFolder) -> None:
    size, arms = folder.protocol.sample_size, len(folder.protocol.arms)
    given = size.assumptions
    assert given is not None
    margin = folder.protocol.design.margin
    effect = (given.difference + (margin or 0)) / (given.standard_deviation or 1)
    alpha = given.alpha if margin is None else 2 * given.alpha
    kept = ancova_sample_size(effect, given.correlation_with_baseline, power=given.power, alpha=alpha)
    assert size.target == arms * randomized_per_arm(kept, given.attrition)
    assert f"{kept} in each arm" in " ".join(size.justification["en"].split())
    had = closed_power(folder.protocol, size.target).power
    assert had is not None and given.power <= had < given.power + 0.01


@each_preset
def test_harm_is_asked_in_every_arm_whenever_outcomes_are(folder: ProtocolFolder) -> None:
    protocol = folder.protocol
    for point in protocol.timepoints:
        for arm in protocol.arms:
            asked = [getattr(one, "instruments", []) for one in protocol.activities_at(point, arm.id)]
            if point.anchor != "consent" and any(asked):
                assert any(protocol.harms.instrument in one for one in asked), (point.id, arm.id)


def test_those_who_wait_are_told_the_day_and_get_the_content_after_the_primary_window() -> None:
    folder = PRESETS["waitlist"]
    protocol, wait = folder.protocol, folder.protocol.design.waitlist
    assert wait is not None
    point = protocol.timepoint(protocol.analysis.primary.timepoint)
    assert max(point.days) + point.closes_after.days + point.grace.days < wait.release_after_day
    days = [
        day
        for one in protocol.timepoints
        for day in one.days
        if any(
            protocol.is_exercise(each.id) and wait.arm in each.arms for each in protocol.activities_at(one, wait.arm)
        )
    ]
    assert min(days) > wait.release_after_day
    assert f"day {min(days)}" in folder.text("messages/information", "en")
    assert f"day {min(days)}" in protocol.arm(wait.arm).description["en"]


def test_the_same_is_done_in_both_arms_of_a_waitlist() -> None:
    protocol = PRESETS["waitlist"].protocol
    now, later = (
        {**one.model_dump(), "id": "", "arms": []} for one in protocol.activities if protocol.is_exercise(one.id)
    )
    assert now == later


def test_a_factorial_trial_has_every_combination_once() -> None:
    protocol = PRESETS["factorial"].protocol
    levels = [factor.levels for factor in protocol.design.factors]
    assert len({tuple(sorted(arm.factors.items())) for arm in protocol.arms}) == len(levels[0]) * len(levels[1]) == 4


def test_a_dismantling_trial_leaves_out_one_part_of_the_whole() -> None:
    protocol = PRESETS["dismantling"].protocol
    done = {
        arm.id: {one.id for one in protocol.activities if protocol.is_exercise(one.id) and arm.id in one.arms}
        for arm in protocol.arms
    }
    assert len(done["lesson_and_cards"] - done["lesson"]) == 1 and done["lesson"] < done["lesson_and_cards"]
    assert not done["other_lesson"] & done["lesson_and_cards"]


def test_every_key_of_the_language_is_used_by_a_shipped_protocol_or_a_preset() -> None:
    protocols = [folder.protocol for folder in (*LIBRARY, *PRESETS.values())]
    used = keys_set([*protocols, *shipped_instruments().values()])
    missing = known_keys() - used
    assert missing <= TEAM_ONLY | UNUSED, sorted(missing - TEAM_ONLY - UNUSED)
    assert missing >= TEAM_ONLY | UNUSED, "an allowed key is used by now, or is no longer part of the language"


def test_every_kind_of_activity_stands_in_a_preset() -> None:
    kinds = {type(one).__name__ for folder in PRESETS.values() for one in folder.protocol.activities}
    assert kinds == {kind.__name__ for kind in get_args(get_args(Activity)[0])}


def keys_set(shipped_values: list[Any]) -> set[str]:
    """`Part.key` for every key that shipped files write out."""
    found: set[str] = set()
    waiting = list(shipped_values)
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseModel):
            found |= {f"{type(one).__name__}.{name}" for name in one.model_fields_set}
            waiting += [getattr(one, name) for name in one.model_fields_set]
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
    return found


def known_keys() -> set[str]:
    """`Part.key` for every key that the models know."""
    found: set[str] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [TrialProtocol, Instrument]
    while waiting:
        kind = waiting.pop()
        if get_origin(kind) is not None:
            waiting += get_args(kind)
        elif isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
            seen.add(kind)
            found |= {f"{kind.__name__}.{name}" for name in kind.model_fields}
            waiting += [field.annotation for field in kind.model_fields.values()]
    return found
