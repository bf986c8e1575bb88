"""What a finding counts, and the mend that fits it: alerts by rule, doses, hours where people lived then, sizes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.rehearsal import morning_walks
from tests.rehearsal.test_findings import Lived, lived, said, without
from trial.cli.rehearsal_findings import _told
from trial.core.delivery import QUIET, ContactState
from trial.core.matters import MatterKind
from trial.core.protocol.analysis import Sensitivity
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings import (
    answering,
    at_night,
    at_planned_size,
    calendars,
    desk,
    doses,
    dropping_out,
    mails_a_day,
    recruiting,
    reminders,
    silent_rules,
    size,
)
from trial.rehearsal.findings.gathered import Facts
from trial.rehearsal.profile_file import read_profile
from trial.services.scores import scores_of

RULE = "tired_worse == true"
SAFETY = f"""\
safety:
  resources: messages/goodbye
  rules:
    - {{id: low, when: tired >= 4, tier: alert, why: {{en: Always tired}}}}
    - {{id: worse, when: {RULE}, tier: alert, why: {{en: More tired than at the start}}}}
  on_call: {{role: owner, within: 3 days, can: [mail], told_in_consent: read}}
"""


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    place = tmp_path_factory.mktemp("worse")
    folder = morning_walks.written(place)
    plan = folder / "protocol.yaml"
    plan.write_text(plan.read_text("utf-8").replace("harms: {", f"{SAFETY}harms: {{"), "utf-8")
    scale = folder / "instruments" / "tired.yaml"  # so that nearly every change counts as one
    scale.write_text(scale.read_text("utf-8").replace("sd: 0.5", "sd: 0.1"), "utf-8")
    return lived(place, folder)


def alerts(walks: Lived, **changes: object) -> Finding:
    return said(desk.find, walks.facts(**changes), "came to the desk", "By rule")[0]


def test_alerts_are_told_with_their_number_in_all_in_the_worst_week_and_the_people_behind_them(walks: Lived) -> None:
    raised = [one for one in walks.read.alerts if one.tier == "alert"]
    randomised = sum(one.allocation is not None for one in walks.read.people)
    found = alerts(walks)
    assert found.what.startswith(f"{len(raised)} alerts came to the desk from {randomised} people randomised")
    assert f"With the planned 200 people about {len(raised) * 200 / randomised:.0f} would come in all" in found.what
    assert f"from the answers of {len({one.participant_id for one in raised})} people. By rule: worse" in found.what
    assert "habits.weeks_of_recruitment" in [one.key for one in found.rests_on]
    assert found.weight is Weight.LOOK


def test_more_alerts_than_a_team_has_hours_for_need_a_clinician_and_it_is_said_in_the_first_lines(walks: Lived) -> None:
    found = alerts(walks)
    worst = re.search(r"about ([\d,]+) in the worst week .* about (\d+) on each working day of that week", found.what)
    assert worst and int(worst[2]) == pytest.approx(int(worst[1].replace(",", "")) / 5, abs=1)
    above = re.search(r"worst week \(by chance up to (\d+)\)", found.what)
    assert above and int(above[1]) == pytest.approx(int(worst[1]) + 2 * int(worst[1]) ** 0.5, abs=1.5)
    assert "A clinician has to judge the rule" in " ".join(one.strip() for one in _told(found))
    kept = tuple(one for one in walks.read.matters if one.kind is not MatterKind.ALERT)
    few = [one for one in walks.read.matters if one.kind is MatterKind.ALERT][:1]
    calm = said(desk.find, walks.facts(matters=(*kept, *few)), "alert came to the desk")[0]
    assert calm.weight is Weight.KNOW and "clinician" not in calm.what


def test_the_worst_week_at_the_planned_size_is_that_of_the_mean_and_not_of_the_chance_of_a_few(walks: Lived) -> None:
    # everybody joins evenly over six weeks; every third raises an alert a month later, in three weeks by chance
    opened = walks.read.trial.opened_at
    people = [
        replace(one, record=replace(one.record, created_at=opened + timedelta(days=42 * at / len(walks.read.people))))
        for at, one in enumerate(walks.read.people)
    ]
    (one, *_) = [matter for matter in walks.read.matters if matter.kind is MatterKind.ALERT]
    raised = [
        replace(one, id=at, participant_id=who.record.id, opened_at=who.record.created_at + timedelta(days=30))
        for at, who in enumerate([*people[0:3], *people[9:12], *people[18:21]])
    ]
    facts = walks.facts(people=tuple(people))
    total = len(raised) * 200 / len(facts.randomized)
    found = at_planned_size.worst_week(facts, raised)
    assert found == pytest.approx(total / 6, rel=0.25)
    by_chance = max(desk.weeks(facts, raised).values()) * 200 / len(facts.randomized)
    assert by_chance > 1.5 * found
    low, high = at_planned_size.in_all(facts, raised)
    assert low < total < high
    # whose they are is not known of some: these count in the week in which they came
    unknown = [replace(each, participant_id=None) for each in raised]
    assert at_planned_size.worst_week(facts, unknown) == pytest.approx(by_chance)
    assert at_planned_size.worst_week(facts, []) == 0


def test_a_rule_over_a_change_for_the_worse_names_the_level_that_half_of_its_alerts_had_reached(walks: Lived) -> None:
    met = {one.answer_sheet_id for one in walks.read.alerts if one.rule == "worse"}
    sheets = [sheet for one in walks.read.people for sheet in one.sheets if sheet.id in met]
    values = [scores_of(walks.read.folder, one.answers)["tired"] or 0 for one in sheets]
    mend = alerts(walks).mend
    named = re.search(rf"(\d+) of its (\d+) alerts came at ([\d.]+) or more: `{RULE} and tired >= \3`", mend)
    assert named, mend
    reached, of, level = int(named[1]), int(named[2]), float(named[3])
    assert of == len(values) >= 4
    assert reached == sum(f"{one:g}" >= f"{level:g}" for one in values)
    assert 0 < reached < of
    assert "clinician" in mend and "consent has to say the same" in mend
    assert "`tired` that its file calls unverified" in mend
    place = alerts(walks).place
    assert place and place.path == "safety.rules.worse"


def test_a_rule_with_a_number_is_to_be_judged_by_its_number(walks: Lived) -> None:
    as_low = tuple(replace(one, rule="low") if one.tier == "alert" else one for one in walks.read.alerts)
    found = alerts(walks, alerts=as_low)
    assert "let a clinician judge whether the number in `tired >= 4` can be higher" in found.mend
    assert found.place and found.place.path == "safety.rules.low"


def test_so_few_alerts_that_a_half_tells_nothing_name_no_level(walks: Lived) -> None:
    few = tuple(one for one in walks.read.alerts if one.rule == "worse")[:3]
    mend = alerts(walks, alerts=few).mend
    assert f"judge whether `{RULE}` should ask for a level too." in mend and "came at" not in mend


# --- doses ------------------------------------------------------------------------------------------------------------


def test_how_many_reached_the_minimum_dose_is_counted_as_the_disposition_counts_it(walks: Lived) -> None:
    flow = (walks.out / "disposition.csv").read_text("utf-8").splitlines()
    head = flow[0].split(",")
    rows = [dict(zip(head, line.split(","), strict=False)) for line in flow[1:]]
    had = sum(one["arm"] == "walks" and one["minimum_dose"] == "yes" for one in rows)
    all_ = sum(one["arm"] == "walks" for one in rows)
    found = list(doses.find(walks.facts()))
    assert len(found) == 1 and all_
    assert f"{had} of {all_} in “Planning walks” (`exercises_done >= 3`)" in found[0].what
    assert "As ever" not in found[0].what  # whose dose is nothing
    assert found[0].place and found[0].place.path == "arms.walks.minimum_dose"


def test_a_dose_that_nobody_reached_is_looked_at_where_an_analysis_rests_on_it(walks: Lived) -> None:
    idle = tuple(replace(one, sheets=()) for one in walks.read.people)
    assert [one.weight for one in doses.find(walks.facts(people=idle))] == [Weight.KNOW]
    plan = walks.read.folder.protocol
    only = Sensitivity(id="did", method="per_protocol", assumption={"en": "Those who did it."})
    analysis = plan.analysis.model_copy(update={"sensitivity": [only]})
    folder = replace(walks.read.folder, protocol=plan.model_copy(update={"analysis": analysis}))
    (found,) = doses.find(walks.facts(people=idle, folder=folder))
    assert found.weight is Weight.LOOK and "`per_protocol` rests on 0 people" in found.what
    assert "set `minimum_dose` where more people come" in found.mend


# --- hours ------------------------------------------------------------------------------------------------------------


def test_a_mail_is_judged_by_the_clock_of_where_its_person_lived_then(walks: Lived) -> None:
    quiet = walks.facts()
    someone = next(one.person for one in quiet.sent if one.person.record.zone == "Europe/Berlin")
    first, last = quiet.sent[0].at, quiet.sent[-1].at
    away = replace(someone, record=replace(someone.record, zone="America/Los_Angeles"))
    people = tuple(away if one.record.id == someone.record.id else one for one in walks.read.people)
    elsewhere = walks.facts(people=people, moved={})
    assert said(at_night.find, elsewhere, "where they live")
    after = {someone.record.id: [(last + timedelta(days=1), someone.record.zone)]}
    assert not said(at_night.find, walks.facts(people=people, moved=after), "where they live")
    before = {someone.record.id: [(first - timedelta(days=1), someone.record.zone)]}
    assert said(at_night.find, walks.facts(people=people, moved=before), "where they live")


def test_whoever_changes_the_zone_on_the_own_page_is_known_to_have_moved(walks: Lived) -> None:
    changes = walks.read.moved
    for person, moves in changes.items():
        record = next(one.record for one in walks.read.people if one.record.id == person)
        assert all(ZoneInfo(before) for _, before in moves)
        assert moves[-1][1] != record.zone


@pytest.mark.parametrize("waited", [False, True])
def test_a_mail_that_met_the_night_because_its_person_moved_is_no_mistake_of_the_plan(
    walks: Lived, waited: bool
) -> None:
    still = next(one for one in walks.read.mails if one.message == "plan_it_still")
    person = next(one for one in walks.read.people if one.record.id == still.participant_id)
    opened = next(one.opens_at for one in person.occasions if one.id == still.occasion_id)
    zones = ("Pacific/Auckland", "Asia/Tokyo", "Asia/Kolkata", "America/New_York", "America/Los_Angeles")
    zone = next(one for one in zones if still.due_at.astimezone(ZoneInfo(one)).hour in (23, 0, 1, 2, 3, 4, 5))
    away = replace(person, record=replace(person.record, zone=zone))
    people = tuple(away if one is person else one for one in walks.read.people)
    end = still if waited else replace(still, state=ContactState.SKIPPED_LATE, reason=QUIET)
    mails = tuple(end if one is still else one for one in walks.read.mails)
    sent_at = dict(walks.read.sent_at) | ({still.id: still.due_at + timedelta(hours=9)} if waited else {})
    there = {"people": people, "mails": mails, "sent_at": sent_at}
    moved = {person.record.id: [(opened + timedelta(hours=1), person.record.zone)]}
    became = "waited for the morning" if waited else "never left"
    (found,) = said(at_night.find, walks.facts(**there, moved=moved), "1 mail", became)
    assert found.weight is Weight.KNOW and "moved to another zone while the window was open" in found.what
    planned = said(at_night.find, walks.facts(**there, moved={}), "1 mail", "the quiet hours")[0]
    assert planned.weight is (Weight.LOOK if waited else Weight.MEND)


# --- sizes and visitors -----------------------------------------------------------------------------------------------


def test_a_size_that_keeps_its_power_asks_for_no_mend(walks: Lived) -> None:
    plan = walks.read.folder.protocol
    given = {"difference": 0.9, "correlation_with_baseline": 0.5, "power": 0.8, "alpha": 0.05, "attrition": 0.9}
    asked = plan.sample_size.model_validate(
        plan.sample_size.model_dump() | {"assumptions": given | {"source": "Made up for tests."}}
    )
    folder = replace(walks.read.folder, protocol=plan.model_copy(update={"sample_size": asked}))
    (found,) = size.find(walks.facts(folder=folder))
    assert found.weight is Weight.KNOW and found.mend.startswith("Nothing to mend")
    (unsaid,) = size.find(walks.facts())
    assert "Raise" not in unsaid.mend and "without assumptions" in unsaid.mend


def test_how_many_visitors_a_year_needs_does_not_hang_on_how_many_pretend_people_came(walks: Lived) -> None:
    (found,) = recruiting.find(walks.facts())
    needed = int(found.what.split("need about ")[1].split(",")[0])
    assert f"{-(-needed // 52)} a week to be there within a year" in found.what
    assert "habits.weeks_of_recruitment" not in [one.key for one in found.rests_on]


def test_exercises_that_were_left_out_are_not_said_to_shrink_the_analysis(walks: Lived) -> None:
    idle = tuple(
        replace(one, sheets=tuple(sheet for sheet in one.sheets if sheet.activity != "walk"))
        for one in walks.read.people
    )
    found = said(answering.find, walks.facts(people=idle), "Fewer than half of the windows of “Weekly walk”")
    assert found and "stays in the analysis" in found[0].mend


def test_a_loss_apart_that_the_profile_puts_in_is_not_laid_at_the_protocols_door(walks: Lived) -> None:
    apart = without(walks, "finish", "walks")
    (found,) = dropping_out.find(apart)
    assert "Look at what the arms ask" in found.mend and "lost.apart" not in [one.key for one in found.rests_on]
    (put_in,) = dropping_out.find(Facts(apart.lived, read_profile("bad-case"), 600))
    assert "The profile puts a larger loss into the first arm" in put_in.mend
    assert "lost.apart" in [one.key for one in put_in.rests_on]


def test_a_useless_reminder_of_an_exercise_is_not_told_to_ask_for_the_primary_alone(walks: Lived) -> None:
    first = next(iter(walks.read.sent_at.values()))
    silent = tuple(replace(one, sheets=()) for one in walks.read.people)
    ledger = (*walks.read.mails, *(replace(one, id=one.id + 100_000) for one in walks.read.mails))
    every = {one.id: first for one in ledger if one.reminder}
    facts = walks.facts(people=silent, mails=ledger, sent_at=every)
    (practice,) = said(reminders.find, facts, "brought 0% of those", "plan_it_still")
    (questions,) = said(reminders.find, facts, "brought 0% of those", "tell_us_still")
    assert "primary_only" not in practice.mend and practice.mend.startswith("Take it out:")
    assert "primary_only" in questions.mend


# --- rules that never fired, days with two mails, calendars -----------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "often", "weight", "words"),
    [
        ("lately_sore == true", 1, Weight.KNOW, "so that this may be chance"),
        ("lately_sore == true", 30, Weight.LOOK, ""),
        ("tired > 9", 30, Weight.LOOK, ""),
    ],
)
def test_a_rule_over_a_rare_answer_is_judged_only_where_chance_cannot_have_left_it_out(
    walks: Lived, rule: str, often: int, weight: Weight, words: str
) -> None:
    safety = walks.read.folder.protocol.safety
    assert safety is not None
    never = safety.rules[0].model_copy(update={"id": "never", "when": rule})
    protocol = walks.read.folder.protocol.model_copy(update={"safety": safety.model_copy(update={"rules": [never]})})
    several = tuple(one for one in walks.read.people for _ in range(often))
    facts = walks.facts(folder=replace(walks.read.folder, protocol=protocol), people=several, alerts=())
    (found,) = said(silent_rules.find, facts, f"`{rule}`", "held on none of")
    sheets = int(re.findall(r"none of (\d+) sheet", found.what)[0])
    assert found.weight is weight and words in found.what
    if rule.startswith("lately"):
        chance = facts.profile.habits.says_worse.value
        assert (sheets * chance < 3) == (weight is Weight.KNOW) and ("about" in found.what) == (weight is Weight.KNOW)


def test_an_invitation_that_waited_and_met_its_reminder_is_no_mistake_of_the_plan(walks: Lived) -> None:
    still = next(one for one in walks.read.mails if one.message == "plan_it_still" and one.id in walks.read.sent_at)
    first = next(one for one in walks.read.mails if one.occasion_id == still.occasion_id and not one.reminder)
    met = {**walks.read.sent_at, first.id: walks.read.sent_at[still.id] - timedelta(minutes=30)}
    (found,) = said(mails_a_day.find, walks.facts(sent_at=met), "2 mails on one day", "plan_it_still")
    assert found.weight is Weight.KNOW and "Nothing to mend: somebody paused or moved" in found.mend


def test_mails_that_met_because_somebody_moved_are_told_apart_from_those_that_the_plan_puts_together(
    walks: Lived,
) -> None:
    sent = walks.read.sent_at
    rows: dict[int, dict[str, int]] = {}
    for one in walks.read.mails:
        if one.message in ("plan_it", "tell_us") and one.id in sent:
            rows.setdefault(one.participant_id, {}).setdefault(one.message, one.id)
    both = {who: its for who, its in rows.items() if len(its) == 2}
    met = {**sent, **{its["tell_us"]: sent[its["plan_it"]] + timedelta(minutes=30) for its in both.values()}}
    (plan,) = said(mails_a_day.find, walks.facts(sent_at=met), "2 mails on one day", "“plan_it”, “tell_us”")
    assert plan.weight is Weight.LOOK and plan.what.startswith(f"{len(both)} people")
    who, its = next(iter(both.items()))
    moved = {**walks.read.moved, who: ((met[its["tell_us"]] + timedelta(minutes=1), "Pacific/Auckland"),)}
    apart = said(mails_a_day.find, walks.facts(sent_at=met, moved=moved), "2 mails on one day", "“plan_it”, “tell_us”")
    assert [(one.weight, one.what.split(" of ")[0]) for one in apart] == [
        (Weight.LOOK, f"{len(both) - 1} people"),
        (Weight.KNOW, "1 person"),
    ]
    assert "somebody paused or moved" in apart[1].mend


def test_a_calendar_goes_by_the_clock_and_a_reminder_has_its_hour(walks: Lived) -> None:
    for calendar in calendars.calendars_of(walks.facts()):
        clocks = [(one.day, one.clock) for one in calendar.entries if one.clock and not one.after]
        assert clocks == sorted(clocks)
        for one in calendar.entries:
            assert one.kind != "reminder" or one.clock


def test_a_difference_below_nought_has_a_minus_and_no_hyphen(walks: Lived) -> None:
    apart = next(iter(dropping_out.find(without(walks, "finish", "walks"))))
    assert "a difference of −" in apart.what and " -" not in apart.what
