"""Five protocols of the library: what they promise to the people in them, and figures that their READMEs print."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import ceil

import pytest

from tests.protocol_files.test_shipped import grade
from trial.core import not_yet
from trial.core.durations import Length
from trial.core.linting import Severity
from trial.core.protocol import Dialogue, Questionnaire, Recall, TimedPractice, TrialProtocol, Writing
from trial.core.schedule import plan_arm
from trial.protocol_files import read_folder, remarks, shipped
from trial.stats.power import ancova_power, ancova_sample_size

NAMES = ("emotion-focused-14-day", "neff-2007", "gilbert-procter-2006", "dawn-lesson", "larger-trial")
GUIDED = ("neff-2007", "gilbert-procter-2006")
EQUAL = ("dawn-lesson", "larger-trial")
FOLDERS = {name: read_folder(shipped(name)) for name in NAMES}
TEXTS = [(name, text) for name, folder in FOLDERS.items() for text in sorted(folder.texts)]
MAILS = [(name, f"messages/{one.id}") for name, folder in FOLDERS.items() for one in folder.protocol.messages]
EXERCISES = [
    (name, one.exercise)
    for name, folder in FOLDERS.items()
    for one in folder.protocol.activities
    if not isinstance(one, Questionnaire)
]
WHEN = datetime(2026, 1, 5, 12, tzinfo=UTC)


def english(name: str, text: str) -> str:
    return FOLDERS[name].text(text, "en")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_stays_to_mend_before_a_rehearsal(name: str) -> None:
    assert [str(one) for one in remarks(FOLDERS[name]) if one.open] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_stays_before_opening_only_a_team_can_fill_in(name: str) -> None:
    later = {one.code for one in remarks(FOLDERS[name]) if one.severity is Severity.BEFORE_OPENING}
    assert later <= {"A001", "A002", "A003", "A004", "A005", "A006", "A008", "A009", "B406", "H707", "I601", "I603"}
    assert ("A006" in later) is (name != "larger-trial")


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_every_text_reads_at_school_level(name: str, text: str) -> None:
    assert grade(english(name, text)) <= 8.5


@pytest.mark.parametrize(("name", "mail"), MAILS)
def test_no_mail_tells_the_arm_or_what_is_studied(name: str, mail: str) -> None:
    telling = r"compassion|kind to|critic|depress|mood|arm|control|condition|plan(?!ned)|map|hypothes|mental"
    assert not re.findall(rf"\b(?:{telling})\w*", english(name, mail).lower())


@pytest.mark.parametrize(("name", "mail"), MAILS)
def test_every_mail_says_who_reads_replies(name: str, mail: str) -> None:
    assert "{{ contact_email }}" in english(name, mail) and "not around the clock" in english(name, mail)


@pytest.mark.parametrize(("name", "text"), [one for one in EXERCISES if "cards" not in one[1]])
def test_every_exercise_has_a_way_to_stop_and_a_line_back_to_the_present(name: str, text: str) -> None:
    words = english(name, text)
    assert re.search(r"\bstop\b|put (?:it|the text) aside", words, flags=re.I)
    assert "name three things that you can see" in words.lower()


@pytest.mark.parametrize("name", NAMES)
def test_help_is_left_to_the_team_and_no_number_is_invented(name: str) -> None:
    folder = FOLDERS[name]
    for text in ("messages/information", "messages/debrief", "messages/resources"):
        assert "[The team adds local help" in folder.text(text, "en")
    for texts in folder.texts.values():
        assert not re.search(r"\d{3,}", texts["en"])


@pytest.mark.parametrize("name", NAMES)
def test_addresses_in_the_texts_are_the_contact_of_the_protocol(name: str) -> None:
    folder = FOLDERS[name]
    found = {one for texts in folder.texts.values() for one in re.findall(r"\S+@[\w.]*\w", texts["en"])}
    assert found == {folder.protocol.administrative.contact_email}


@pytest.mark.parametrize("name", EQUAL)
def test_both_arms_get_the_same_mails_and_as_much_to_do_under_the_same_titles(name: str) -> None:
    protocol = FOLDERS[name].protocol
    plans = [
        [(one.timepoint, one.opens_at, one.closes_at, one.contacts) for one in plan_arm(protocol, arm.id, WHEN, "UTC")]
        for arm in protocol.arms
    ]
    assert plans[0] == plans[1]
    for point in protocol.timepoints:
        one, other = (protocol.activities_at(point, arm.id) for arm in protocol.arms)
        assert [(a.type, str(a.title), a.minutes) for a in one] == [(a.type, str(a.title), a.minutes) for a in other]


@pytest.mark.parametrize("name", EQUAL)
def test_the_texts_of_both_arms_are_of_one_length_and_shape(name: str) -> None:
    protocol = FOLDERS[name].protocol
    for point in protocol.timepoints:
        pair = [a for arm in protocol.arms for a in protocol.activities_at(point, arm.id)]
        if point.anchor == "consent" or isinstance(pair[0], Questionnaire):
            continue
        texts = [english(name, one.exercise) for one in pair if not isinstance(one, Questionnaire)]
        words = [len(text.split()) for text in texts]
        assert max(words) <= 1.15 * min(words), (point.id, words)
        shapes = [re.findall(r"^(##|\d\.)", text, flags=re.M) for text in texts]
        assert shapes[0] == shapes[1], point.id


def test_nobody_is_sent_two_mails_on_one_day() -> None:
    for name, folder in FOLDERS.items():
        for arm in folder.protocol.arms:
            due = [c.due_at.date() for one in plan_arm(folder.protocol, arm.id, WHEN, "UTC") for c in one.contacts]
            assert len(due) == len(set(due)), name


@pytest.mark.parametrize("name", GUIDED)
def test_what_needs_a_guide_has_one_and_chance_decides_nothing(name: str) -> None:
    protocol = FOLDERS[name].protocol
    (arm,) = protocol.arms
    exercises = [one for one in protocol.activities if not isinstance(one, Questionnaire)]
    assert arm.guided and {one.needs for one in exercises} == {"guide"}
    assert (protocol.design.type, protocol.allocation.method, protocol.analysis.method) == (
        "single_arm", "none", "mean_change",
    )  # fmt: skip
    assert protocol.analysis.primary.contrast == (arm.id,)
    assert {one.metric for one in protocol.outcomes} == {"change"}
    assert not [one for one in not_yet.parts(protocol) if "outcomes" in one or "single-arm" in one]


def test_the_dialogue_of_2007_has_three_voices_a_week_after_the_first_and_three_before_the_last_questions() -> None:
    protocol = FOLDERS["neff-2007"].protocol
    dialogue = protocol.activity("conversation")
    assert isinstance(dialogue, Dialogue)
    assert [one.id for one in dialogue.voices] == ["critic", "criticised", "observer"]
    assert [protocol.timepoint(one).days for one in ("exercise", "after")] == [[7], [28]]


def test_the_case_series_has_twelve_weekly_sessions_and_a_diary_of_two_items_from_0_to_10() -> None:
    folder = FOLDERS["gilbert-procter-2006"]
    sessions = [point.days for point in folder.protocol.timepoints if point.id.startswith("module_")]
    assert sessions == [[day] for day in range(1, 79, 7)]
    diary = folder.instruments["weekly_diary"]
    assert diary.response is not None and (diary.response.lowest, diary.response.highest) == (0, 10)
    assert [one.id for one in diary.items] == ["attack", "soothe"] and diary.wording == "own"
    assert len(folder.protocol.timepoint("diary").days) == 12


def test_the_emotion_focused_trial_screens_and_has_an_alert() -> None:
    protocol = FOLDERS["emotion-focused-14-day"].protocol
    assert {one.rule for one in protocol.eligibility.criteria} >= {"crisis == false", "comes_back == false"}
    assert [point.days for point in protocol.timepoints[1:15]] == [[day] for day in range(1, 15)]
    assert [protocol.timepoint(one).days for one in ("post", "follow_up")] == [[15], [75]]
    assert protocol.safety is not None and protocol.safety.on_call is not None
    assert any(one.tier == "alert" for one in protocol.safety.rules)
    for day in range(1, 15):
        assert "You may stop at any point" in english("emotion-focused-14-day", f"exercises/day_{day:02d}")


def in_minutes(wait: Length) -> int:
    return wait.days * 1440 + wait.minutes


def test_a_card_that_is_always_remembered_falls_due_on_the_days_of_the_lesson() -> None:
    protocol = FOLDERS["dawn-lesson"].protocol
    cards, practice = protocol.activity("cards_kindness"), protocol.activity("practice_kindness")
    assert isinstance(cards, Recall) and isinstance(practice, TimedPractice) and practice.seconds == 300
    evenings = [day * 1440 for day in protocol.timepoint("cards").days]
    due = evenings[:1]
    for wait in cards.spacing[:-1]:
        due.append(next(evening for evening in evenings if evening >= due[-1] + in_minutes(wait)))
    assert due == evenings


@pytest.mark.parametrize("name", ["emotion-focused-14-day", *EQUAL])
def test_the_target_follows_from_the_stated_assumptions(name: str) -> None:
    size = FOLDERS[name].protocol.sample_size
    one = size.assumptions
    assert one is not None
    per_arm = ancova_sample_size(one.difference, one.correlation_with_baseline, power=one.power, alpha=one.alpha)
    assert size.target == 2 * ceil(per_arm / (1 - one.attrition))


def test_the_power_that_the_larger_trial_states_for_other_assumptions() -> None:
    assert ancova_power(0.2, 0.48, 338, alpha=0.05) == pytest.approx(0.84, abs=0.005)
    assert ancova_power(0.2, 0.6, 564 * 0.4, alpha=0.05) == pytest.approx(0.75, abs=0.006)
    assert ceil(ancova_sample_size(0.2, 0.6, power=0.9, alpha=0.05) / 0.4) == 845


def test_the_larger_trial_has_all_that_a_registry_asks_for_but_what_only_a_team_knows() -> None:
    protocol = FOLDERS["larger-trial"].protocol
    events = {one.event: one.strategy for one in protocol.estimands[0].intercurrent_events}
    assert events == {
        "stopped_exercises": "treatment_policy", "other_help": "treatment_policy",
        "other_arms_exercise": "treatment_policy", "stopped_everything": "treatment_policy",
        "death": "while_on_treatment",
    }  # fmt: skip
    assert {one.method for one in protocol.analysis.sensitivity} >= {"jump_to_reference", "tipping_point"}
    assert protocol.safety is not None and {one.tier for one in protocol.safety.rules} == {"resources", "alert"}
    assert protocol.data_protection and protocol.monitoring and protocol.consent.comprehension
    office = protocol.administrative
    assert office.data_sharing and office.dissemination and protocol.consent.data_sharing


def test_earlier_writing_is_shown_again_only_where_the_page_says_so() -> None:
    for name, folder in FOLDERS.items():
        for one in folder.protocol.activities:
            if isinstance(one, Writing) and one.shows_writing_of:
                assert "Below you find" in english(name, one.exercise)


def test_a_study_with_one_arm_has_no_sensitivity_analyses() -> None:
    """It compares nothing, so that there is no difference whose assumptions could be changed."""
    tree = FOLDERS[GUIDED[0]].protocol.model_dump(exclude_unset=True)
    tree["analysis"]["sensitivity"] = [{"id": "tip", "method": "tipping_point", "assumption": {"en": "Worse."}}]
    with pytest.raises(ValueError, match="compares nothing"):
        TrialProtocol.model_validate(tree)
