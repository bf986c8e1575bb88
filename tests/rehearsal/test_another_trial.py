"""Pretend people know no trial: they live one that they have never seen, and what they leave behind adds up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.rehearsal.morning_walks import SLUG, written
from tests.system import oracle, oracle_counts
from tests.system.commands import in_this_process
from tests.system.evidence import Evidence, read_sqlite
from tests.web.place import BASE, START, Place
from trial.core.errors import Refused
from trial.rehearsal.browser import Web
from trial.rehearsal.driver import Driver, Parts
from trial.rehearsal.post import MailboxFolder
from trial.rehearsal.profile import demo_profile
from trial.rehearsal.setting import setting_of

NAMES_OF_THE_SHIPPED_TRIAL = ("cesd", "swls", "scs_sf", "letter", "optimism", "early_memory", "month_1", "shapira")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    place = tmp_path_factory.mktemp("walks")
    done = in_this_process("demo", written(place), "--participants", "16", "--seed", "2", "--out", "lived", cwd=place)
    assert done.code == 0, done.err
    return Evidence(place / "lived", read_sqlite(place / "lived" / "equipoise.sqlite"))


def test_nothing_in_a_rehearsal_names_the_trial_that_ships() -> None:
    root = Path(__file__).parents[2] / "trial" / "rehearsal"
    files = list(root.glob("*.py"))
    assert len(files) > 8
    for file in files:
        words = set(file.read_text().replace('"', " ").replace("(", " ").replace(".", " ").split())
        assert not words & set(NAMES_OF_THE_SHIPPED_TRIAL), file


def test_people_join_walk_and_answer(lived: Evidence) -> None:
    arms = Counter(lived.arm_of.values())
    assert set(arms) == {"walks", "as_ever"} and abs(arms["walks"] - arms["as_ever"]) <= 1
    events = Counter(one["event"] for one in lived.tables["event"])
    assert events["exercise_done"] > 5 and events["questionnaire_done"] > len(lived.arm_of)
    assert lived.one("trial")["slug"] == SLUG


def test_only_the_arm_that_walks_is_asked_to(lived: Evidence) -> None:
    for person, arm in lived.arm_of.items():
        asked = Counter(one["activity"] for one in lived.all("occasion", participant_id=person))
        assert asked == ({"first": 1, "walk": 3, "last": 1} if arm == "walks" else {"first": 1, "last": 1})


def test_its_schedule_ledger_mailbox_and_flow_agree_as_well(lived: Evidence) -> None:
    for person, arm in lived.arm_of.items():
        record = lived.people[person]
        promised = oracle.schedule(lived.protocol, record["randomized_at"], record["zone"], arm)
        ledger = [row for row in lived.all("delivery", participant_id=person) if row["stream"] != "service"]
        assert {oracle.key_of(row): (row["due_at"], row["not_after"]) for row in ledger} == {
            key: (one.due, one.latest) for key, one in promised.items()
        }
    for row in lived.tables["delivery"]:
        assert (row["state"], row["reason"]) == oracle.expected_end(lived, row)
    accepted = [oracle.message_id(lived, row) for row in lived.all("delivery", state="accepted")]
    assert sorted(mail.message_id for mail in lived.mails) == sorted(accepted)
    assert lived.results["flow"] == oracle_counts.flow(lived)


def test_its_data_carry_its_own_names_and_no_others(lived: Evidence) -> None:
    columns = set(lived.csv["dataset"][0])
    assert {"tired", "legs", "place"} <= columns and not columns & {"cesd", "cesd_level", "age"}
    primary = lived.results["estimates"][0]
    assert (primary["outcome"], primary["contrast"]) == ("tiredness", ["walks", "as_ever"])
    assert primary["estimate"] is not None


def test_its_reliability_is_that_of_the_answers_kept_the_reversed_item_turned_round(lived: Evidence) -> None:
    turned = {"tired_heavy": 1, "tired_fresh": -1, "tired_naps": 1}
    for found in (one for one in lived.results["reliability"] if one["arm"] is None):
        sheets: dict[str, dict[str, int]] = {}
        for one in lived.csv["items"]:
            if one["item"] in turned and one["value"] and one["timepoint"] == found["timepoint"]:
                sheets.setdefault(one["participant"], {})[one["item"]] = turned[one["item"]] * int(one["value"])
        whole = np.array([[sheet[name] for name in turned] for sheet in sheets.values() if len(sheet) == 3])
        table = np.cov(whole.T)
        alpha = 3 / 2 * (1 - np.trace(table) / table.sum())
        assert (found["score"], found["parts"], found["n"]) == ("tired", 3, len(whole))
        assert found["alpha"] == pytest.approx(alpha, rel=1e-10)
    assert [one["timepoint"] for one in lived.results["reliability"] if one["arm"] is None] == ["start", "finish"]


def test_harm_is_told_in_shares_over_everybody_who_was_in_the_arm(lived: Evidence) -> None:
    sizes = Counter(lived.arm_of.values())
    reports = Counter(one["participant"] for one in lived.csv["harms"])
    arms = {one["participant"]: one["arm"] for one in lived.csv["disposition"]}
    (line,) = [one for one in lived.results["harms"]["risks"] if one["kind"] == "any"]
    for one in line["arms"]:
        its = {code: n for code, n in reports.items() if arms[code] == one["arm"]}
        assert (one["people"], one["events"], one["of"]) == (len(its), sum(its.values()), sizes[one["arm"]])
        assert one["ci"][0] <= one["risk"] <= one["ci"][1]


def test_what_people_guessed_of_their_arm_is_counted_from_their_own_answers(lived: Evidence) -> None:
    arms = {one["participant"]: one["arm"] for one in lived.csv["disposition"]}
    given = [one for one in lived.csv["items"] if one["item"] == "lately_thought" and one["value"]]
    found = lived.results["allocation_guess"]
    assert (found["planned"], {one["when"] for one in found["lines"]}) == (True, {"with"})
    for one in found["lines"]:
        its = Counter(each["value"] for each in given if arms[each["participant"]] == one["arm"])
        right, wrong = ("walking", "not_walking") if one["arm"] == "walks" else ("not_walking", "walking")
        assert (one["right"], one["wrong"], one["unsure"]) == (its[right], its[wrong], its["no_idea"])
        assert one["n"] == its.total() > 2 and one["index"] == pytest.approx((its[right] - its[wrong]) / its.total())
        assert one["ci"][0] <= one["index"] <= one["ci"][1]
    assert "Guess of allocation" in (lived.home / "report.html").read_text(encoding="utf-8")


def test_who_did_how_many_walks_is_counted_from_what_each_person_did(lived: Evidence) -> None:
    done = Counter(one["participant_id"] for one in lived.tables["event"] if one["event"] == "exercise_done")
    for one in lived.results["adherence"]:
        its = [done[person] for person, arm in lived.arm_of.items() if arm == one["arm"]]
        told = {each["done"]: (each["n"], each["at_least"]) for each in one["distribution"]}
        assert told == {k: (its.count(k), sum(n >= k for n in its)) for k in told} and max(its) in told


def test_what_became_of_people_is_counted_from_their_own_scores(lived: Evidence) -> None:
    scores = {
        (one["participant"], one["timepoint"]): float(one["tired"]) for one in lived.csv["dataset"] if one["tired"]
    }
    (found,) = lived.results["clinical_change"]
    limit = 1.96 * 0.5 * (2 * 0.1) ** 0.5
    assert found["threshold"] == pytest.approx(limit)
    for arm in ("walks", "as_ever"):
        codes = [one["participant"] for one in lived.csv["disposition"] if one["arm"] == arm]
        pairs = [(scores.get((code, "start")), scores.get((code, "finish"))) for code in codes]
        known = [(before, after) for before, after in pairs if before is not None and after is not None]
        better = [(before, after) for before, after in known if before - after > limit]
        its = found["arms"][arm]
        assert (its["n_randomised"], its["n_known"]) == (len(codes), len(known))
        assert its["recovered"] == sum(before >= 2.5 > after for before, after in better)
        assert its["recovered"] + its["improved"] == len(better)
        assert its["deteriorated"] == sum(after - before > limit for before, after in known)
    assert "Clinically significant change" in (lived.home / "report.html").read_text(encoding="utf-8")


def test_the_pretend_clock_does_not_pass_a_mail_that_nobody_sends(tmp_path: Path) -> None:
    """Workers that never come stop a rehearsal; they do not make it skip what was due."""
    place = Place(tmp_path / "trial")
    setting = setting_of(place.trial.slug, place.folder, demo_profile(), 0.3, 1)
    doors, post = Web(place.app, BASE), MailboxFolder(tmp_path)
    parts = Parts(place.store.open_work, doors, post, lambda: None, lambda: True)
    driver = Driver(parts, setting, 5, START, 300)
    with pytest.raises(Refused, match="still due"):
        driver.run(demo_profile(), lambda _: None, lambda _: None)
