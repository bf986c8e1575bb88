"""Four trials of the library: arms that can be compared, mails that tell nothing, sources that are named."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

import pytest

from tests.protocol_files.test_shipped import grade
from trial.core.protocol import Arm, TrialProtocol
from trial.core.schedule import plan_arm
from trial.protocol_files import ProtocolFolder, read_folder, shipped
from trial.stats.power import ancova_power, ancova_sample_size, randomized_per_arm

WHEN = datetime(2026, 1, 5, 12, tzinfo=UTC)
NAMES = ["smeets-2014", "leary-2007-study5", "facets", "soothing-touch"]
SINGLE_SITTING = ["leary-2007-study5", "facets"]
# what a mail or a public text must not say: the arms, and what is hoped for
TELLING = (
    "compassion|esteem|kind|kinder|kindness|mindful|humanity|facet|free writing|touch|tapping|soothing|time management|"
    "control|depress|mood|arm|group|condition|placebo|hypothes"
)


@cache
def folder(name: str) -> ProtocolFolder:
    return read_folder(shipped(name))


def protocol(name: str) -> TrialProtocol:
    return folder(name).protocol


def readme(name: str) -> str:
    return (shipped(name) / "README.md").read_text(encoding="utf-8")


def with_content(name: str) -> list[Arm]:
    return [arm for arm in protocol(name).arms if arm.kind != "no_treatment"]


def exercise_minutes(name: str, arm: str) -> list[tuple[int, int]]:
    """(day, minutes) of every exercise after randomisation."""
    trial = protocol(name)
    return sorted(
        (day, one.minutes)
        for point in trial.timepoints
        if point.anchor != "consent"
        for _, day in trial.occurrences(point)
        for one in trial.activities_at(point, arm)
        if trial.is_exercise(one.id)
    )


MAILS = [(name, f"messages/{one.id}") for name in NAMES for one in protocol(name).messages]
TEXTS = [(name, text) for name in NAMES for text in sorted(folder(name).texts)]
EXERCISES = [(name, text) for name, text in TEXTS if text.startswith("exercises/")]


@pytest.mark.parametrize("name", NAMES)
def test_every_arm_gets_the_same_mails_at_the_same_times(name: str) -> None:
    plans = [
        [one.contacts for one in plan_arm(protocol(name), arm.id, WHEN, "Europe/Oslo") if one.contacts]
        for arm in protocol(name).arms
    ]
    assert plans[0]
    assert all(plan == plans[0] for plan in plans)


@pytest.mark.parametrize("name", NAMES)
def test_arms_with_content_give_the_same_minutes_on_the_same_days(name: str) -> None:
    given = [exercise_minutes(name, arm.id) for arm in with_content(name)]
    assert given[0]
    assert all(one == given[0] for one in given)


@pytest.mark.parametrize(
    ("name", "arm", "left_out"), [("leary-2007-study5", "no_writing", 12), ("facets", "inactive", 9)]
)
def test_an_arm_without_writing_misses_the_session_and_the_readme_says_so(name: str, arm: str, left_out: int) -> None:
    mine, theirs = exercise_minutes(name, arm), exercise_minutes(name, with_content(name)[0].id)
    assert sum(minutes for _, minutes in theirs) - sum(minutes for _, minutes in mine) == left_out
    assert "**The arms do not all have equal contacts.**" in readme(name)


@pytest.mark.parametrize(("name", "minutes"), [("smeets-2014", [66, 62, 35]), ("soothing-touch", [7, 7, 7, 7, 2])])
def test_the_minutes_of_each_week_are_those_that_the_readme_tells(name: str, minutes: list[int]) -> None:
    given = exercise_minutes(name, protocol(name).arms[0].id)
    weeks = [sum(m for day, m in given if day // 7 == week) for week in range(len(minutes))]
    assert weeks == minutes
    assert sum(weeks) == sum(m for _, m in given)
    told = "7 × 1" if name == "soothing-touch" else "= 66"
    assert told in readme(name)


@pytest.mark.parametrize("name", SINGLE_SITTING)
def test_a_single_sitting_opens_page_after_page_on_the_day_of_randomisation(name: str) -> None:
    later = [point for point in protocol(name).timepoints if point.anchor != "consent"]
    assert [point.id for point in later] == ["recall", "session", "ratings"]
    assert {str(point.time) for point in later} == {"at_once"}


@pytest.mark.parametrize("name", SINGLE_SITTING)
def test_everybody_looks_back_on_the_same_page_before_anything_tells_the_arms_apart(name: str) -> None:
    trial = protocol(name)
    pages = [trial.activities_at(trial.timepoint("recall"), arm.id) for arm in trial.arms]
    assert [one.id for one in pages[0]] == ["look_back"]
    assert all(page == pages[0] for page in pages)


@pytest.mark.parametrize(("name", "text"), MAILS)
def test_no_mail_tells_which_arm_or_what_is_studied(name: str, text: str) -> None:
    assert not re.findall(rf"\b(?:{TELLING})s?\b", folder(name).text(text, "en").lower())


@pytest.mark.parametrize("name", NAMES)
def test_what_people_read_before_they_agree_withholds_what_is_hoped_for(name: str) -> None:
    assert protocol(name).design.disclosure == "hypothesis_withheld"
    telling = "compassion|esteem|kindness|kind to|mindful|humanity|facet|touch|tapping|soothing|time management"
    for text in ("messages/trial_page", "messages/notice", "messages/information"):
        assert not re.findall(rf"\b(?:{telling})\b", folder(name).text(text, "en").lower())
    assert "We did not tell you so at the start" in folder(name).text("messages/debrief", "en")


@pytest.mark.parametrize(("name", "text"), MAILS)
def test_every_mail_says_who_reads_replies_and_that_nobody_watches(name: str, text: str) -> None:
    words = folder(name).text(text, "en")
    assert "{{ contact_email }}" in words and "not around the clock" in words
    if text != "messages/code":
        assert words.count("{{ link }}") == 1 and "{{ closes }}" in words


@pytest.mark.parametrize(("name", "text"), EXERCISES)
def test_every_exercise_shows_a_way_to_stop_and_a_way_back_to_the_present(name: str, text: str) -> None:
    words = folder(name).text(text, "en")
    if "_list_" in text:
        assert "Nothing on the list has to be done" in words
    else:
        assert re.search(r"\bstop\b|end here", words)
        assert re.search(r"[Nn]ame (?:five|three) things that you (?:can )?see", words)
    assert "nobody reads this as you send it" in words.lower()


@pytest.mark.parametrize(
    ("name", "text"),
    [("leary-2007-study5", "look_back"), ("facets", "look_back"), ("smeets-2014", "sc_part_1"),
     ("smeets-2014", "sc_part_2"), ("smeets-2014", "sc_journal"), ("smeets-2014", "sc_letter")],
)  # fmt: skip
def test_whoever_is_asked_for_something_hard_is_asked_for_something_bearable(name: str, text: str) -> None:
    words = folder(name).text(f"exercises/{text}", "en")
    assert "can bear" in words
    assert re.search(r"not (?:take )?the (?:worst|heaviest)|something small|may be small", words)


def guides(name: str) -> list[list[str]]:
    """The texts that stand for each other in the arms, by timepoint."""
    trial = protocol(name)
    found = [
        [
            folder(name).text(str(one.exercise), "en")
            for arm in with_content(name)
            for one in trial.activities_at(point, arm.id)
            if one.type != "questionnaire" and one.arms
        ]
        for point in trial.timepoints
    ]
    return [one for one in found if one]


@pytest.mark.parametrize("name", NAMES)
def test_the_guides_of_the_arms_ask_for_equal_effort(name: str) -> None:
    assert guides(name)
    for texts in guides(name):
        words = [len(text.split()) for text in texts]
        assert max(words) <= 1.15 * min(words)
        shapes = [re.findall(r"^(##|\d\.|-)", text, flags=re.M) for text in texts]
        assert all(shape == shapes[0] for shape in shapes)


def test_the_control_exercises_teach_no_kindness() -> None:
    controls = [("smeets-2014", text) for name, text in EXERCISES if name == "smeets-2014" and "/tm_" in text]
    assert len(controls) == 7
    for name, text in [
        *controls,
        ("soothing-touch", "exercises/tapping"),
        ("leary-2007-study5", "exercises/free_writing"),
    ]:
        assert not re.findall(
            r"\b(?:kind|kinder|gentle|warm\w*|compassion\w*|soothe\w*)\b", folder(name).text(text, "en")
        )


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_every_text_reads_at_school_level_and_invents_no_number(name: str, text: str) -> None:
    words = folder(name).text(text, "en")
    assert grade(words) <= 8.5
    assert not re.search(r"\d{3,}", words)
    if text in ("messages/information", "messages/resources", "messages/debrief"):
        assert "[The team adds local help" in words


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_size_follows_from_its_own_assumptions(name: str) -> None:
    trial, given = protocol(name), protocol(name).sample_size.assumptions
    assert given is not None
    analysed = ancova_sample_size(
        given.difference, given.correlation_with_baseline, power=given.power, alpha=given.alpha
    )
    assert len(trial.arms) * randomized_per_arm(analysed, given.attrition) == trial.sample_size.target
    assert str(analysed) in trial.sample_size.justification["en"]
    assert f"{trial.sample_size.target} people" in readme(name)


@pytest.mark.parametrize(
    ("name", "d", "r", "harmonic_mean"),
    [("smeets-2014", 0.66, 0.6, 2 / (1 / 27 + 1 / 22)), ("leary-2007-study5", 0.69, 0.4, 29),
     ("facets", 0.40, 0.4, 84), ("soothing-touch", 0.39, 0.6, 67.5)],
)  # fmt: skip
def test_the_difference_that_each_study_could_find_is_worked_out(
    name: str, d: float, r: float, harmonic_mean: float
) -> None:
    assert ancova_power(d, r, harmonic_mean, 0.05) == pytest.approx(0.8, abs=0.012)
    assert f"d = {d:.2f}" in readme(name)


@pytest.mark.parametrize("name", NAMES)
def test_each_published_figure_has_a_tag(name: str) -> None:
    table = readme(name).split("## Published figures")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 5
    for row in rows:
        assert re.search(r"\[(?:read|computed|unverified|not found)\] \|$", row), row
    assert "No exercise claims clinical review." in " ".join(readme(name).split())


@pytest.mark.parametrize("name", NAMES)
def test_harm_is_asked_in_every_arm_wherever_outcomes_are(name: str) -> None:
    trial = protocol(name)
    plans = [trial.analysis.primary, *(trial.analysis.secondary.analyses if trial.analysis.secondary else [])]
    for timepoint in {plan.timepoint for plan in plans}:
        for arm in trial.arms:
            asked = trial.activities_at(trial.timepoint(timepoint), arm.id)
            assert any(trial.harms.instrument in getattr(one, "instruments", ()) for one in asked)


@pytest.mark.parametrize("name", NAMES)
def test_gaps_that_only_the_team_can_fill_are_said_plainly(name: str) -> None:
    data = protocol(name).data_protection
    assert data is not None
    said = [data.controller, data.contact, *data.lawful_basis.values(), *(one.name for one in data.recipients)]
    assert all(one.startswith(("The team names", "Das Team nennt")) for one in said)
    assert protocol(name).administrative.registration is None and protocol(name).administrative.ethics is None


def test_the_feelings_asked_in_two_trials_are_the_same() -> None:
    one, other = (folder(name).files["instruments/feelings_now.yaml"] for name in SINGLE_SITTING)
    assert one == other


@pytest.mark.parametrize("name", NAMES)
def test_a_reminder_of_what_is_asked_at_once_is_still_worth_sending_when_the_quiet_hours_end(name: str) -> None:
    """Whoever joins late in the evening is reminded late in the evening."""
    trial = folder(name).protocol
    first, last = (60 * int(one[:2]) + int(one[3:]) for one in (trial.calendar.quiet_from, trial.calendar.quiet_until))
    latest = {one.id: one.latest for one in trial.messages}
    at_once = [one for one in trial.timepoints if one.time == "at_once"]
    for reminder in (one for point in at_once for one in point.reminders):
        longest = latest[reminder.message]
        assert 1440 * longest.days + longest.minutes >= (last - first) % 1440, reminder.message
