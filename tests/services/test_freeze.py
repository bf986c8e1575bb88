"""The frozen record: the same each time, whole, and without a word that tells who somebody is or when they lived it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.frozen import read_frozen
from tests.services.post import Post, opened_post
from tests.services.scene import MOODS, OPERATOR, SENSITIVE, Scene
from tests.storage.stores import BOTH, kept_store
from trial.core.access import MAY, Actor, Role, Verb
from trial.core.errors import DataInvalid, NotAllowed, Refused
from trial.core.participant import StopLevel
from trial.core.trial import TrialState
from trial.mail.mailbox import MailboxServer
from trial.services import consent, freeze, harms, trials
from trial.storage.work import Store

CSV = (
    "allocation.csv",
    "codebook.csv",
    "contacts.csv",
    "dataset.csv",
    "disposition.csv",
    "events.csv",
    "harms.csv",
    "items.csv",
)
# words that must not leave the vault, each entered where a person could enter it
ADDRESS, SIGNATURE, WRITING, OPEN_ANSWER, REPORT = (
    "canary-address@mailbox.example",
    "Canary Signature",
    "canary writing",
    "canary open answer",
    "canary report",
)


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture(scope="module", params=BOTH)
def lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mailbox: MailboxServer
) -> Iterator[Scene]:
    """A small trial lived to its end, one person of each fate: lived once, frozen by every test."""
    with (
        kept_store(request, request.param, tmp_path_factory.mktemp("lived")) as store,
        opened_post(mailbox) as post,
    ):
        yield whole_trial(Scene(store), post)


def whole_trial(scene: Scene, post: Post) -> Scene:
    scene.screen(age="12")
    scene.eligible()
    scene.to_code("never@mailbox.example")
    declined = scene.to_consent("declined@mailbox.example")
    with scene.work() as work:
        consent.decline(work, declined)
    scene.to_consent("silent@mailbox.example")
    scene.to_baseline("half@mailbox.example")
    full = scene.to_consent(ADDRESS)
    baseline = scene.consent(full, signature=SIGNATURE).occasion_id or 0
    scene.submit(full, baseline, MOODS[1] | {"feeling_sleep": "7.5", "feeling_else": OPEN_ANSWER})
    leaver, bouncer = scene.enrol("leaver@mailbox.example"), scene.enrol("bouncer@mailbox.example")
    post.deliver(scene)
    live(scene, post, full, leaver, bouncer)
    with scene.work(OPERATOR) as work:
        trials.close(work, scene.slug)
    return scene


def live(scene: Scene, post: Post, full: int, leaver: int, bouncer: int) -> None:
    """Three evenings and a questionnaire of those three people."""
    post.refuse("bouncer@mailbox.example")
    for evening in scene.occasions(full):
        scene.move_to(evening.opens_at)
        post.deliver(scene)
        scene.submit(full, evening.id, {"writing": WRITING})
    with scene.work() as work:
        harms.report(work, full, None, REPORT, submission="report-1")
    scene.stop(leaver, StopLevel.EVERYTHING, "upset_me")
    (questionnaire,) = scene.occasions(full, "week_2")
    scene.move_to(questionnaire.opens_at)
    post.deliver(scene)
    scene.submit(full, questionnaire.id, MOODS[0] | {"feeling_else": SENSITIVE, "after_worse": "no"})
    scene.move(days=8)
    post.deliver(scene)
    assert scene.person(bouncer).bounced_at is not None


def frozen(scene: Scene, by: Actor = OPERATOR, **options: Any) -> dict[str, str]:
    with scene.work(by) as work:
        return freeze.freeze(work, scene.slug, **options)


def rows(files: dict[str, str], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name])))


def test_nothing_is_frozen_before_recruitment_has_ended(scene: Scene) -> None:
    scene.enrol()
    with pytest.raises(Refused, match="close recruitment"):
        frozen(scene)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    with pytest.raises(Refused, match="close recruitment"):
        frozen(scene)
    assert scene.trial.state is TrialState.PAUSED
    assert "dataset_frozen" not in scene.events()


def test_the_same_trial_freezes_to_the_same_bytes(lived: Scene) -> None:
    before = lived.events().count("dataset_frozen")
    first, second = frozen(lived), frozen(lived)
    assert first == second
    assert lived.events().count("dataset_frozen") == before + 2
    assert lived.trial.state is TrialState.FROZEN


def test_the_files_are_the_csv_files_the_record_and_the_protocol(lived: Scene) -> None:
    files = frozen(lived)
    assert set(files) == {
        *CSV,
        "allocation.json",
        "conduct.json",
        "freeze.json",
        *(f"protocol/{path}" for path in lived.folder.files),
    }


@pytest.mark.parametrize(
    "words", [ADDRESS, "mailbox.example", "canary", SIGNATURE, WRITING, OPEN_ANSWER, REPORT, SENSITIVE]
)
def test_no_file_holds_an_address_a_name_or_a_free_text(lived: Scene, words: str) -> None:
    assert [name for name, text in frozen(lived).items() if words.casefold() in text.casefold()] == []


# 2041-03-04, 04.03.2041, 4/3/41, 20410304, 19:00:00, a Unix time of that year
DATES = re.compile(r"2041|\b\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\b|\b\d{1,2}:\d{2}\b|\b22[4-9]\d{7}\b")


def test_no_file_of_data_holds_a_calendar_date_or_a_time_of_day(lived: Scene) -> None:
    files = frozen(lived)
    assert DATES.search("2041-03-04") and DATES.search("day 4.3.41") and DATES.search("19:00")
    found = {name: DATES.findall(re.sub(r"[0-9a-f]{64}", "", files[name])) for name in (*CSV, "freeze.json")}
    assert {name: dates for name, dates in found.items() if dates} == {}


def test_the_dates_of_the_trial_its_versions_and_deviations_stand_in_a_file_apart(lived: Scene) -> None:
    found = json.loads(frozen(lived)["conduct.json"])
    assert found["opened"].startswith("2041-") and found["opened"] <= found["recruitment_closed"] <= found["frozen"]
    (version,) = found["versions"]
    first = {"version": lived.folder.protocol.version, "registered": found["opened"], "class": None}
    assert version == first | {"changes": []}
    assert found["deviations"] == []


def test_people_go_by_study_code_and_those_without_one_by_the_number_of_their_screening(lived: Scene) -> None:
    files = frozen(lived)
    codes = {one["participant"] for name in CSV if name != "codebook.csv" for one in rows(files, name)}
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{8}|S\d{5}", code) for code in codes)


def test_the_digest_in_the_record_is_that_of_the_files(lived: Scene) -> None:
    files = frozen(lived)
    total = hashlib.sha256()
    for name in sorted([*CSV, "allocation.json"]):
        for part in (name.encode(), files[name].encode()):
            total.update(len(part).to_bytes(8, "big") + part)
    assert json.loads(files["freeze.json"])["digest"] == total.hexdigest()


def test_the_report_reads_the_files_and_refuses_any_that_was_touched(lived: Scene, tmp_path: Path) -> None:
    freeze.write_freeze(frozen(lived), tmp_path / "out")
    record = read_frozen(tmp_path / "out").record
    assert (record.trial.slug, record.recruitment.target) == ("evenings", 40)
    for name in CSV:
        path = tmp_path / "out" / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + b"0\n")
        with pytest.raises(DataInvalid):
            read_frozen(tmp_path / "out")
        path.write_bytes(whole)
    read_frozen(tmp_path / "out")


def test_a_second_freeze_into_one_folder_replaces_the_first_and_leaves_nothing_half_done(
    lived: Scene, tmp_path: Path
) -> None:
    (tmp_path / ".freezing").mkdir()
    (tmp_path / ".freezing" / "half").write_text("of an earlier run")
    for _ in range(2):
        freeze.write_freeze(frozen(lived), tmp_path)
    assert not (tmp_path / ".freezing").exists()
    assert (tmp_path / "dataset.csv").read_bytes() == frozen(lived)["dataset.csv"].encode()


def test_everybody_assessed_is_counted_once_by_how_far_they_came(lived: Scene) -> None:
    found = rows(frozen(lived), "disposition.csv")
    assert Counter(one["stage"] for one in found) == {
        "not_eligible": 1, "address_not_confirmed": 2, "declined": 1, "consent_not_given": 1,
        "baseline_not_finished": 1, "randomized": 3,
    }  # fmt: skip
    assert len({one["participant"] for one in found}) == len(found) == 9
    assert [one["reason"] for one in found if one["stage"] == "not_eligible"] == ["adult"]


def test_of_each_person_randomized_the_dose_the_stop_and_the_bounce_are_told_in_relative_days(lived: Scene) -> None:
    randomized = sorted(
        (one for one in rows(frozen(lived), "disposition.csv") if one["stage"] == "randomized"),
        key=lambda one: int(one["number"]),
    )
    told = [
        (
            one["exercises_done"],
            one["received"],
            one["stopped"],
            one["stopped_day"],
            one["stop_reason"],
            one["bounced_day"],
        )
        for one in randomized
    ]
    assert told == [
        ("3", "yes", "", "", "", ""), ("0", "no", "everything", "3", "upset_me", ""), ("0", "no", "", "", "", "1"),
    ]  # fmt: skip


def test_the_dataset_has_one_row_per_person_and_timepoint_answered(lived: Scene) -> None:
    found = rows(frozen(lived), "dataset.csv")
    full = next(one for one in found if one["timepoint"] == "week_2")
    mine = [one for one in found if one["participant"] == full["participant"]]
    assert [(one["timepoint"], one["day"], one["low_mood"]) for one in mine] == [
        ("baseline", "0", "8"),
        ("week_2", "14", "1"),
    ]
    assert [one["age"] for one in mine] == ["34", ""]
    assert [one["mood_level"] for one in mine] == ["low", ""]
    assert len(found) == 4


def test_items_hold_closed_answers_only_as_they_were_given(lived: Scene) -> None:
    found = rows(frozen(lived), "items.csv")
    sleep = {one["value"] for one in found if one["item"] == "feeling_sleep"}
    assert sleep == {"7.5", ""}
    assert {one["value"] for one in found if one["item"] == "after_worse"} == {"no"}
    assert "feeling_else" not in {one["item"] for one in found}
    assert "writing" not in {one["item"] for one in found}


def test_the_dose_of_each_exercise_that_was_sent_stands_beside_its_answers(lived: Scene) -> None:
    found = [one for one in rows(frozen(lived), "items.csv") if one["timepoint"] == "evening"]
    parts = [one["item"].removeprefix(one["activity"] + "_") for one in found]
    assert parts
    assert Counter(parts)["seconds_open"] == Counter(parts)["seconds_active"] == Counter(parts)["characters"]
    assert all(one["value"].isdigit() for one in found if one["item"].endswith("_characters"))
    assert {one["value"] for one in found if one["item"].endswith("_seconds_active")} == {""}  # no script counted


def test_the_contacts_of_the_freeze_are_the_ledger(lived: Scene) -> None:
    found = rows(frozen(lived), "contacts.csv")
    assert Counter((one["message"], one["state"]) for one in found) == Counter(
        (one.message, one.state.value) for one in lived.contacts()
    )


def test_an_adverse_event_is_counted_and_its_words_stay_in_the_vault(lived: Scene) -> None:
    found = [one for one in rows(frozen(lived), "events.csv") if one["event"] == "adverse_event_reported"]
    assert [(one["day"], one["detail"]) for one in found] == [("3", "")]


def test_the_codebook_explains_every_column_of_the_data(lived: Scene) -> None:
    files = frozen(lived)
    explained = {(one["file"], one["column"]) for one in rows(files, "codebook.csv")}
    for name in CSV:
        if name != "codebook.csv":
            assert {(name, column) for column in rows(files, name)[0]} <= explained
    assert {("items.csv", one["item"]) for one in rows(files, "items.csv")} <= explained


def test_only_who_may_freeze_freezes(lived: Scene) -> None:
    for role in Role:
        actor = Actor(f"member:{role.value}", role)
        if Verb.FREEZE in MAY[role]:
            frozen(lived, actor)
        else:
            with pytest.raises(NotAllowed):
                frozen(lived, actor)
            with pytest.raises(NotAllowed), lived.work(actor) as work:
                freeze.answered_primary(work, lived.slug)


def test_the_primary_outcome_is_counted_by_arm(lived: Scene) -> None:
    with lived.work(OPERATOR) as work:
        counted = freeze.answered_primary(work, lived.slug)
    assert (set(counted), sum(counted.values())) == ({"letter", "list"}, 1)


def test_both_databases_freeze_the_same_trial_to_the_same_bytes(lived: Scene) -> None:
    """The first database leaves its digest for the second to meet."""
    digest = json.loads(frozen(lived)["freeze.json"])["digest"]
    _DIGESTS.append(digest)
    assert set(_DIGESTS) == {digest}


_DIGESTS: list[str] = []
