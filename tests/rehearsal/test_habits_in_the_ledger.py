"""What people change and pass on, counted in the ledger and in the mailbox: hours, zones, pauses, forwarded mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from httpx import Response

from tests.system.evidence import Evidence, Row, read_sqlite
from tests.system.oracle import message_id
from trial.cli.living import Wish, live
from trial.protocol_files import shipped
from trial.rehearsal.oracle.clock import local
from trial.rehearsal.profile import lifelike
from trial.rehearsal.profile_file import read_profile
from trial.rehearsal.witness import Kind, Witness

# six evenings, each at an hour that people may choose, 19:00 until they do
PROTOCOL, EVENINGS, UNTIL_THEN = shipped("examples/two-arm"), "evening", "19:00"
PEOPLE = 20
# as whom the witness counts a browser that is none of theirs
SOMEBODY_ELSE = 0
RESTLESS = replace(
    lifelike(read_profile("optimistic")),
    robots=0.0, comes_again=0.0, comes_as_another=0.0, writes_back=0.0, writes_stop=0.0, is_away=0.0,
    changes_hour=0.7, changes_zone=0.3, pauses=0.3, forwards=0.5,
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """A trial that restless people lived through the pages, and the pages that somebody else was shown."""

    files: dict[str, str]
    evidence: Evidence
    elsewhere: list[str]

    def rows(self, table: str) -> list[Row]:
        return self.evidence.tables[table]

    def events(self, name: str) -> list[Row]:
        return [one for one in self.rows("event") if one["event"] == name]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    place = tmp_path_factory.mktemp("restless")
    wish = Wish(str(PROTOCOL), PEOPLE, 4, place, 0.3, None, None, True, RESTLESS)
    elsewhere: list[str] = []
    saw = Witness.saw

    def look(witness: Witness, who: int, response: Response, *form: Any) -> Kind | None:
        if who == SOMEBODY_ELSE:
            elsewhere.append(urlsplit(str(response.url)).path)
        return saw(witness, who, response, *form)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Witness, "saw", look)
        with live(wish, quiet=True, watched=True) as done:
            files = dict(done.files)
    return Trial(files, Evidence(place, read_sqlite(place / "equipoise.sqlite")), elsewhere)


@dataclass(frozen=True)
class Wanted:
    """From when on a person has this hour and zone."""

    since: datetime
    hour: str
    zone: str


def _wanted(lived: Trial) -> Iterator[tuple[int, Wanted, datetime | None]]:
    """(person, what they want, until when) of everybody whose hour or zone changed, in order."""
    for person in lived.rows("participant"):
        changes = [one for one in lived.events("preferences_changed") if one["participant_id"] == person["id"]]
        zone = next((one["detail"]["zone_before"] for one in changes if "zone_before" in one["detail"]), person["zone"])
        hour, steps = UNTIL_THEN, []
        for one in changes:
            zone, hour = one["detail"].get("zone", zone), one["detail"].get("hour", hour) or UNTIL_THEN
            steps.append(Wanted(one["at"], hour, zone))
        for place, step in enumerate(steps):
            yield person["id"], step, steps[place + 1].since if place + 1 < len(steps) else None


def _evenings(lived: Trial, person: int) -> list[Row]:
    """The evening's first mails to somebody that left."""
    return [
        one
        for one in lived.rows("delivery")
        if one["participant_id"] == person and one["timepoint"] == EVENINGS and one["reminder"] == 0
        and one["state"] == "accepted"
    ]  # fmt: skip


def test_who_changed_the_hour_or_the_zone_is_written_to_at_the_new_hour_where_they_live(lived: Trial) -> None:
    sent = {mail.message_id: mail for mail in lived.evidence.mails}
    paused = {one["participant_id"] for one in lived.events("paused")}
    moved: Counter[str] = Counter()
    for person, wanted, until in _wanted(lived):
        for row in _evenings(lived, person) if person not in paused else ():
            if row["due_at"] <= wanted.since or (until and row["due_at"] > until):
                continue
            mail = sent[message_id(lived.evidence, row)]
            for moment in (row["due_at"], mail.sent):
                assert f"{local(moment, wanted.zone):%H:%M}" == wanted.hour, (person, wanted, row)
            moved[wanted.hour] += 1
    assert sum(moved.values()) > 10 and len(moved) > 1 and moved.keys() - {UNTIL_THEN}


def test_who_changed_nothing_is_written_to_at_the_hour_of_the_protocol(lived: Trial) -> None:
    changed = {one["participant_id"] for name in ("preferences_changed", "paused") for one in lived.events(name)}
    sent = {mail.message_id: mail for mail in lived.evidence.mails}
    zones = {one["id"]: one["zone"] for one in lived.rows("participant") if one["id"] not in changed}
    rows = [(zone, row) for person, zone in zones.items() for row in _evenings(lived, person)]
    assert rows
    for zone, row in rows:
        assert f"{sent[message_id(lived.evidence, row)].sent.astimezone(ZoneInfo(zone)):%H:%M}" == UNTIL_THEN


def test_nobody_is_written_to_in_a_pause(lived: Trial) -> None:
    person_of = {message_id(lived.evidence, row): row for row in lived.rows("delivery")}
    pauses = lived.events("paused")
    assert len(pauses) > 2
    for pause in pauses:
        until = datetime.fromisoformat(pause["detail"]["until"])
        for mail in lived.evidence.mails:
            row = person_of[mail.message_id]
            if row["participant_id"] == pause["participant_id"] and row["stream"] != "service":
                assert not pause["at"] < mail.sent < until, (pause, row)


def test_whoever_a_mail_was_forwarded_to_sees_its_page_and_enrols_and_answers_nothing(
    lived: Trial, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert lived.elsewhere.count("/now") > 3
    slug = lived.rows("trial")[0]["slug"]
    assert not any(path.startswith(f"/{slug}") for path in lived.elsewhere)
    assert len(lived.rows("participant")) <= PEOPLE
    sheets = Counter((one["participant_id"], one["occasion_id"]) for one in lived.rows("answer_sheet"))
    assert sheets and set(sheets.values()) == {1}
    kept = replace(RESTLESS, forwards=0.0)
    place = tmp_path_factory.mktemp("kept")
    with live(Wish(str(PROTOCOL), PEOPLE, 4, place, 0.3, None, None, True, kept, fast=True), quiet=True) as done:
        assert dict(done.files) == lived.files
