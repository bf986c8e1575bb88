"""What a whole trial keeps: who did what, nothing that names anybody, and words in the vault alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from tests.reports.reading import page_of
from tests.system.commands import PEOPLE, whole_evidence
from tests.system.evidence import CSV_FILES, Evidence

# what pretend people write where words are asked for
WORDS = ("Pretend Person", "pretend words", "made me feel worse")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
CALENDAR = re.compile(
    rf"\b20\d\d-\d\d|\b\d{{1,2}} ({MONTHS})\b|\b({MONTHS}) \d|\d{{1,2}}[./]\d{{1,2}}[./]\d\d|\d\d:\d\d"
)

VISITORS = {"screened", "address_given", "address_confirmed"}
OWN = {
    "declined",
    "consented",
    "questionnaire_done",
    "randomized",
    "exercise_done",
    "stopped_exercises",
    "stopped_everything",
    "adverse_event_reported",
}


@pytest.fixture(scope="module")
def lived() -> Evidence:
    return whole_evidence()


# --- who did what ---------------------------------------------------------------------------------------------


def test_every_act_of_a_participant_names_that_participant(lived: Evidence) -> None:
    acts = [one for one in lived.tables["event"] if one["event"] in OWN]
    assert {one["event"] for one in acts} == OWN
    assert all(one["by"] == f"participant:{one['participant_id']}" for one in acts)


def test_acts_before_the_address_is_confirmed_are_those_of_a_visitor(lived: Evidence) -> None:
    acts = [one for one in lived.tables["event"] if one["event"] in VISITORS]
    assert {one["event"] for one in acts} == VISITORS
    assert {one["by"] for one in acts} == {"visitor"}


def test_everything_else_was_done_by_the_system_or_by_the_account_that_ran_the_command(lived: Evidence) -> None:
    others = [one for one in lived.tables["event"] if one["event"] not in OWN | VISITORS]
    by_itself = ("address_bounced", "debriefed")
    assert {one["by"].partition(":")[0] for one in others if one["event"] in by_itself} == {"system"}
    operators = {one["by"] for one in others if one["event"] not in by_itself}
    assert len(operators) == 1 and re.fullmatch(r"operator:.+", operators.pop())


def test_answer_sheets_name_their_author_and_the_protocol_they_belong_to(lived: Evidence) -> None:
    for sheet in lived.tables["answer_sheet"]:
        assert sheet["by"] == f"participant:{sheet['participant_id']}"
        assert sheet["protocol_digest"] == lived.results["protocol"]["digest"]


def test_nobody_is_randomised_before_consent_and_baseline_nor_consents_before_confirming(lived: Evidence) -> None:
    steps = ["address_given", "address_confirmed", "consented", "questionnaire_done", "randomized"]
    for person in lived.arm_of:
        first: dict[str, int] = {}
        for one in lived.all("event", participant_id=person):
            first.setdefault(one["event"], one["id"])
        assert sorted(steps, key=first.__getitem__) == steps
        assert lived.one("consent", participant_id=person)


def test_each_act_is_in_the_record_once(lived: Evidence) -> None:
    kinds = Counter(one["event"] for one in lived.tables["event"])
    assert kinds["screened"] == PEOPLE == len(lived.tables["screening"])
    assert kinds["randomized"] == len(lived.tables["allocation"])
    assert kinds["consented"] == len(lived.tables["consent"])
    assert kinds["exercise_done"] + kinds["exercise_passed_over"] + kinds["questionnaire_done"] == len(
        lived.tables["answer_sheet"]
    )
    assert kinds["address_bounced"] == len(lived.refused)


def test_the_one_adverse_event_reaches_the_record_the_data_and_the_report(lived: Evidence) -> None:
    report = lived.one("adverse_event")
    person = lived.people[report["participant_id"]]
    event = lived.one("event", event="adverse_event_reported")
    assert (event["participant_id"], event["at"]) == (person["id"], report["reported_at"])
    assert report["state"] == "open"
    told = [row for row in lived.csv["events"] if row["event"] == "adverse_event_reported"]
    day = str(lived.days_since(person, report["reported_at"]))
    assert told == [{"participant": person["code"], "day": day, "event": "adverse_event_reported", "detail": ""}]
    harms = {one["arm"]: (one["people"], one["events"]) for one in lived.results["harms"]["spontaneous"]}
    arm = lived.arm_of[person["id"]]
    assert harms == {one: (1, 1) if one == arm else (0, 0) for one in harms}
    assert lived.one("words", kind="adverse_event")["participant_id"] == person["id"]


def test_systematic_answers_about_harm_are_counted_from_the_sheets(lived: Evidence) -> None:
    point_of = {one["id"]: one["timepoint"] for one in lived.tables["occasion"]}
    yes: Counter[tuple[str, str]] = Counter()
    for sheet in lived.tables["answer_sheet"]:
        if sheet["answers"].get("since_last_time_worse") is True:
            yes[lived.arm_of[sheet["participant_id"]], point_of[sheet["occasion_id"]]] += 1
    told = {(one["arm"], one["timepoint"]): one["yes"] for one in lived.results["harms"]["systematic"]}
    assert {key: n for key, n in told.items() if n} == dict(yes) and yes


# --- who somebody is ------------------------------------------------------------------------------------------


def test_no_table_for_analysis_holds_an_address_a_name_words_or_a_calendar_date(lived: Evidence) -> None:
    addresses = {mail.recipient for mail in lived.mails}
    zones = {one["zone"] for one in lived.people.values()}
    for name in CSV_FILES:
        text = (lived.home / f"{name}.csv").read_text()
        assert "@" not in text and not [one for one in (*addresses, *zones, *WORDS) if one in text], name
        assert not CALENDAR.search(text), (name, CALENDAR.search(text))


def test_neither_the_results_nor_the_report_name_anybody(lived: Evidence) -> None:
    codes = {one["code"] for one in lived.people.values()}
    for name in ("results.json", "report.html"):
        text = (lived.home / name).read_text()
        assert "@mailbox.example" not in text and not [one for one in (*WORDS, *codes) if one in text], name


def test_addresses_and_words_lie_encrypted_in_the_database(lived: Evidence) -> None:
    raw = (lived.home / "equipoise.sqlite").read_bytes()
    assert b"evening_reminder" in raw
    assert b"@mailbox.example" not in raw
    assert not [one for one in WORDS if one.encode() in raw]
    kinds = Counter(one["kind"] for one in lived.tables["words"])
    assert kinds["signature"] == len(lived.tables["consent"])
    assert kinds["answer"] == sum(one["length"] is not None for one in lived.tables["answer_sheet"]) > 100


def test_of_those_not_eligible_only_the_date_one_reason_and_the_source_are_kept(lived: Evidence) -> None:
    turned_away = lived.all("screening", eligible=0)
    assert len(turned_away) > 3
    assert all(one["answers"] is None and one["reason"] and one["participant_id"] is None for one in turned_away)


def test_study_codes_do_not_follow_the_order_of_arrival(lived: Evidence) -> None:
    codes = [lived.people[one]["code"] for one in sorted(lived.people)]
    assert len(set(codes)) == len(codes) and codes != sorted(codes)
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", one) for one in codes)


# --- the files ------------------------------------------------------------------------------------------------


def test_the_tables_hold_one_row_for_each_row_of_the_record(lived: Evidence) -> None:
    assert len(lived.csv["disposition"]) == PEOPLE
    assert len(lived.csv["contacts"]) == len(lived.tables["delivery"])
    closed = sum(len(one["answers"]) for one in lived.tables["answer_sheet"] if one["participant_id"] in lived.arm_of)
    doses = [
        one for one in lived.csv["items"] if one["item"].endswith(("_seconds_open", "_seconds_active", "_characters"))
    ]
    assert len(lived.csv["items"]) - len(doses) == closed
    kept = {row["event"] for row in lived.csv["events"]}
    of_people = [one for one in lived.tables["event"] if one["event"] in kept]
    assert len(lived.csv["events"]) == len(of_people)


def test_each_column_of_the_dataset_stands_in_the_codebook(lived: Evidence) -> None:
    known = {(row["file"], row["column"]) for row in lived.csv["codebook"]}
    assert set(lived.csv["dataset"][0]) == {column for file, column in known if file == "dataset.csv"}
    items = {row["item"] for row in lived.csv["items"]}
    assert items <= {column for file, column in known if file == "items.csv"}


def test_the_freeze_carries_the_digest_that_its_event_recorded(lived: Evidence) -> None:
    about = json.loads((lived.home / "freeze.json").read_text())
    assert lived.one("event", event="dataset_frozen")["detail"] == {"digest": about["digest"]}
    assert lived.results["provenance"]["data_digest"] == about["digest"]
    assert about["rehearsal"]["seed"] == lived.results["rehearsal"]["seed"]
    assert lived.one("trial")["state"] == "frozen" and lived.one("trial")["kind"] == "rehearsal"


class _Sources(HTMLParser):
    """Whatever a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [given.get("src") or "" for _ in [0] if "src" in given]
        self.found += [given.get("href") or "" for _ in [0] if tag == "link"]


def test_the_report_is_one_file_that_loads_nothing_and_holds_the_numbers(lived: Evidence) -> None:
    text = page_of(lived.home)
    page = _Sources()
    page.feed(text)
    assert [one for one in page.found if not one.startswith("data:")] == []
    assert "url(http" not in text and "<svg" in text
    estimate = lived.results["estimates"][0]["estimate"]
    assert f"{estimate:.2f}".replace("-", "−") in text or f"{estimate:.1f}".replace("-", "−") in text
    assert (lived.home / "report.pdf").read_bytes().startswith(b"%PDF")
