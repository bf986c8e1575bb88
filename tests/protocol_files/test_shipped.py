"""The trial that ships with the product: what it promises to the people in it and to those who read its results."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.protocol_files.folders import SHIPPED
from trial.core.schedule import plan_arm
from trial.core.texts import PLACEHOLDERS
from trial.mail import templates
from trial.protocol_files import read_files, read_folder, shipped

FOLDER = read_folder(shipped(SHIPPED))
PROTOCOL = FOLDER.protocol
ARMS = [arm.id for arm in PROTOCOL.arms]
MAILS = [f"messages/{message.id}" for message in PROTOCOL.messages]
EXERCISES = ["exercises/letter", "exercises/optimism", "exercises/early_memory"]
WHEN = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_the_shipped_protocol_reads_the_same_from_disk_and_from_stored_files() -> None:
    again = read_files(FOLDER.files)
    assert (again.protocol, again.digest, again.texts) == (PROTOCOL, FOLDER.digest, FOLDER.texts)


def test_every_arm_gets_the_same_mails_at_the_same_times() -> None:
    occasions = [plan_arm(PROTOCOL, arm, WHEN, "Europe/Oslo") for arm in ARMS]
    plans = [[(one.timepoint, one.opens_at, one.closes_at, one.contacts) for one in arm] for arm in occasions]
    assert plans[0] == plans[1] == plans[2]
    assert len(plans[0]) == 7 + 4
    assert sum(len(contacts) for *_, contacts in plans[0]) == 7 * 2 + 4 * 3


def test_every_arm_does_one_exercise_of_one_length_under_one_title() -> None:
    exercises = [PROTOCOL.activities_at(PROTOCOL.timepoint("evening"), arm) for arm in ARMS]
    assert [[one.id for one in each] for each in exercises] == [["letter"], ["optimism"], ["early_memory"]]
    assert len({(one.minutes, str(one.title)) for each in exercises for one in each}) == 1


def test_the_guides_of_the_arms_ask_for_equal_effort() -> None:
    texts = [FOLDER.text(name, "en") for name in EXERCISES]
    words = [len(text.split()) for text in texts]
    assert max(words) <= 1.15 * min(words)
    shapes = [re.findall(r"^(##|\d\.)", text, flags=re.M) for text in texts]
    assert shapes[0] == shapes[1] == shapes[2]


@pytest.mark.parametrize("name", MAILS)
def test_no_mail_tells_which_arm_or_what_is_studied(name: str) -> None:
    text = FOLDER.text(name, "en").lower()
    telling = "letter|optimis|memory|memories|compassion|kind to|control|depress|mood|future|arm|group|condition|mental"
    assert not re.findall(rf"\b(?:{telling})\w*", text)


@pytest.mark.parametrize("name", MAILS)
def test_every_mail_says_who_reads_replies_and_that_nobody_watches(name: str) -> None:
    text = FOLDER.text(name, "en")
    assert "{{ contact_email }}" in text
    assert "not around the clock" in text


@pytest.mark.parametrize("name", [name for name in MAILS if name != "messages/code"])
def test_every_invitation_has_one_link_and_says_until_when(name: str) -> None:
    text = FOLDER.text(name, "en")
    assert text.count("{{ link }}") == 1
    assert "{{ closes }}" in text and "{{ minutes }}" in text


def test_the_mailer_fills_the_placeholders_that_the_reader_allows() -> None:
    assert templates.PLACEHOLDERS == PLACEHOLDERS
    for name in MAILS:
        subject, _ = templates.fill(
            FOLDER.text(name, "en"), dict.fromkeys(PLACEHOLDERS, "x") | {"link": "https://a.example"}
        )
        assert subject


def test_help_is_left_to_the_team_and_no_number_is_invented() -> None:
    for texts in FOLDER.texts.values():
        for text in texts.values():
            assert not re.search(r"\d{3,}", text)
    for name in ("messages/information", "messages/debrief"):
        assert "[The team adds local help" in FOLDER.text(name, "en")


def test_addresses_in_the_texts_are_the_contact_of_the_protocol() -> None:
    found = {
        one for texts in FOLDER.texts.values() for text in texts.values() for one in re.findall(r"\S+@[\w.]*\w", text)
    }
    assert found == {PROTOCOL.administrative.contact_email}
    assert PROTOCOL.administrative.contact_email.endswith(".example.org")


def syllables(word: str) -> int:
    """Groups of vowels, a silent e not counted: the usual rough count."""
    return max(1, len(re.findall(r"[aeiouy]+", word)) - (word.endswith("e") and not word.endswith("le")))


def grade(markdown: str) -> float:
    """Flesch-Kincaid grade: 0.39 words per sentence + 11.8 syllables per word - 15.59."""
    text = re.sub(r"^Subject:.*$|\]\([^)]*\)|\{\{.*?\}\}|[*#>\[\]]|^\s*(\d\.|-)\s", " ", markdown, flags=re.M)
    sentences = [one for one in re.split(r"[.!?:]\s|\n\n", text) if re.search("[a-z]", one)]
    words = re.findall(r"[a-z']+", text.lower())
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize("name", sorted(FOLDER.texts))
def test_every_text_for_participants_reads_at_school_level(name: str) -> None:
    assert grade(FOLDER.text(name, "en")) <= 8.5


def test_the_reading_grade_tells_plain_words_from_hard_ones() -> None:
    hard = "Participation necessitates individualised longitudinal documentation of introspective experiences. " * 3
    assert grade("We write. It is easy to do. You may stop.") < 3 < 12 < grade(hard)


def test_the_plan_is_the_one_that_was_announced() -> None:
    plan = PROTOCOL.analysis
    assert plan.primary.outcome == "depression" and plan.primary.timepoint == "month_1"
    assert plan.primary.contrast == ("letter", "early_memory")
    assert plan.secondary is not None and plan.secondary.multiplicity == "holm"
    analyses = [(one.outcome, one.timepoint, one.contrast) for one in plan.secondary.analyses]
    assert len(analyses) == len(set(analyses)) == 11
    assert ("depression", "month_1", ("letter", "early_memory")) not in analyses


def test_the_sample_size_follows_from_its_own_assumptions() -> None:
    from trial.stats.power import ancova_power, ancova_sample_size, randomized_per_arm

    per_arm = ancova_sample_size(0.30, 0.6, power=0.8, alpha=0.025)
    assert per_arm == 137
    assert 3 * randomized_per_arm(per_arm, 0.4) == PROTOCOL.sample_size.target
    assert ancova_power(0.30, 0.6, 24, 0.05) == pytest.approx(0.25, abs=0.005)
    assert ancova_power(0.66, 0.6, 24, 0.05) == pytest.approx(0.80, abs=0.005)


def test_harm_is_asked_in_every_arm_at_every_follow_up() -> None:
    for timepoint in ("week_1", "month_1", "month_3", "month_6"):
        for arm in ARMS:
            asked = PROTOCOL.activities_at(PROTOCOL.timepoint(timepoint), arm)
            assert any(PROTOCOL.harms.instrument in getattr(one, "instruments", ()) for one in asked)
