"""What was stored with a trial years ago still loads, and means the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from trial.core.errors import ProtocolInvalid
from trial.protocol_files import read_files, read_folder, shipped

OLD = Path(__file__).parent / "schema_1"


def old_files() -> dict[str, str]:
    """The shipped trial as it was written in schema 1, with today's texts."""
    files = dict(read_folder(shipped("shapira-mongrain-2010")).files)
    for path in OLD.rglob("*.yaml"):
        files[path.relative_to(OLD).as_posix()] = path.read_text(encoding="utf-8")
    return files


def test_a_protocol_of_schema_1_means_what_its_successor_of_schema_2_says() -> None:
    old, new = read_files(old_files()).protocol, read_folder(shipped("shapira-mongrain-2010")).protocol
    written_since = [arm.model_copy(update={"intervention": None}) for arm in new.arms]
    assert old.arms == written_since
    for name in ("allocation", "design", "activities", "timepoints", "messages", "outcomes"):
        assert getattr(old, name) == getattr(new, name), name
    primary = new.analysis.primary.model_copy(update={"estimand": None})  # schema 1 knew none
    assert old.analysis == new.analysis.model_copy(update={"primary": primary})
    assert old.eligibility == new.eligibility


def test_an_instrument_of_schema_1_scores_the_same() -> None:
    old, new = (
        read_files(old_files()).instruments["cesd"],
        read_folder(shipped("shapira-mongrain-2010")).instruments["cesd"],
    )
    (before,), (after,) = old.scores, new.scores
    assert (before.reverse, before.method, before.missing) == (after.reverse, after.method, after.missing)
    assert [one.at_least for one in before.cut_offs] == [one.at_least for one in after.cut_offs] == [16]


def test_the_digest_of_an_old_folder_is_that_of_its_own_text() -> None:
    files = old_files()
    assert read_files(files).files["protocol.yaml"] == files["protocol.yaml"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("registration: null # the team registers the trial before it opens", "registration: ISRCTN made up"),
        ("ethics: null # the team fills in the committee and the reference", "ethics: A committee, 12/34"),
    ],
)
def test_words_of_schema_1_keep_their_words(was: str, becomes: str) -> None:
    files = old_files()
    files["protocol.yaml"] = files["protocol.yaml"].replace(was, becomes)
    key, words = becomes.split(": ")
    assert words in str(getattr(read_files(files).protocol.administrative, key))


def test_a_mistake_in_an_old_file_is_found_at_its_own_line() -> None:
    files = old_files()
    files["protocol.yaml"] = files["protocol.yaml"].replace("framework: superiority", "framework: hope")
    line = files["protocol.yaml"].splitlines().index("framework: hope") + 1
    with pytest.raises(ProtocolInvalid) as caught:
        read_files(files)
    assert [(one.line, "framework" in one.what) for one in caught.value.problems] == [(line, True)]


def test_an_old_protocol_that_takes_younger_people_gets_no_age_rule_made_up_for_it() -> None:
    files = old_files()
    files["protocol.yaml"] = files["protocol.yaml"].replace("rule: age >= 18", "rule: age >= 16")
    assert read_files(files).protocol.eligibility.age is None


def test_a_schema_that_is_not_known_yet_is_refused() -> None:
    files = old_files()
    files["protocol.yaml"] = files["protocol.yaml"].replace("schema: 1", "schema: 3", 1)
    with pytest.raises(ProtocolInvalid):
        read_files(files)
