"""`equipoise check`: a sound protocol is said to be, and a broken one is told apart line by line in one run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import LOCATED, Shell
from trial.protocol_files import shipped

NAME = "shapira-mongrain-2010"

# what stands in the file, what somebody made of it
MISTAKES = [
    ("  framework: superiority", "  framework: hope"),
    ("    kind: experimental", "    kind: wonderful"),
    ("  block_sizes: [3, 6, 9]", "  block_sizes: [3, 5, 9]"),
    ("  - {id: adult, rule: age >= 18,", "  - {id: adult, rule: age >== 18,"),
    ("    invitation: evening", "    invitation: evning"),
    ("      - {after: 2 hours, message: evening_reminder}", "      - {after: 30 hours, message: evening_reminder}"),
    ("    days: [14]", "    days: fortnight"),
    (
        "  - {id: last_reminder, stream: questionnaires, latest: 1 day}",
        "  - {id: last_reminder, stream: post, latest: 1 day}",
    ),
    ("score: swls, better: higher", "score: swsl, better: higher"),
    ("  covariance: HC3", "  covariance: HC9"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped protocol that a test may spoil."""
    return Path(shutil.copytree(shipped(NAME), tmp_path / "my-trial"))


def test_a_sound_protocol_is_said_to_be_with_its_digest(equipoise: Shell, folder: Path) -> None:
    by_name, by_place = equipoise("check", NAME), equipoise("check", folder)
    assert by_name.code == by_place.code == 0
    assert by_name.out.splitlines()[-3:] == by_place.out.splitlines()[-3:]
    assert re.search(r"is sound: 3 arms, 12 occasions per person\.\ndigest [0-9a-f]{64}\n", by_name.out)
    told = json.loads(equipoise("check", NAME, "--json").out)
    assert told["ok"] is True and told["digest"] in by_name.out and told["problems"] == []


def test_ten_mistakes_are_ten_located_messages_in_one_run(equipoise: Shell, folder: Path) -> None:
    file = folder / "protocol.yaml"
    text = file.read_text()
    lines = set()
    for right, wrong in MISTAKES:
        assert text.count(right) >= 1, right
        text = text.replace(right, wrong, 1)
        lines.add(text[: text.index(wrong)].count("\n") + 1)
    file.write_text(text)
    *problems, count = equipoise.refused(2, "check", folder).splitlines()
    assert count == "10 problems found."
    assert all(LOCATED.match(one) and one.startswith(f"{file}:") for one in problems), problems
    found = {int(one.removeprefix(f"{file}:").partition(":")[0]) for one in problems}
    assert len(problems) == 10 and len(found & lines) >= 9
    told = equipoise("check", folder, "--json")
    assert told.code == 2
    listed = json.loads(told.out)
    assert listed["ok"] is False and {one["line"] for one in listed["problems"]} == found


def test_two_activities_of_one_arm_at_once_are_found_before_anybody_is_randomised(
    equipoise: Shell, folder: Path
) -> None:
    file = folder / "protocol.yaml"
    text = file.read_text().replace(
        "    activities: [letter, optimism,", "    activities: [letter, measures, optimism,"
    )
    file.write_text(text)
    said = equipoise.refused(2, "check", folder)
    line = text[: text.index("activities: [letter, measures")].count("\n") + 1
    assert f"{file}:{line}: " in said and "at once" in said


@pytest.mark.parametrize(
    "content",
    ["", "\x00\x01", "a: [", "- 1\n- 2\n", "schema: 2\n", "a: &a [*a, *a]\n", "\ta: b\n", "schema: 1\nschema: 1\n"],
)
def test_whatever_lies_in_the_file_is_answered_with_a_place(equipoise: Shell, folder: Path, content: str) -> None:
    (folder / "protocol.yaml").write_text(content)
    *problems, count = equipoise.refused(2, "check", folder).splitlines()
    assert problems and all(one.startswith(f"{folder / 'protocol.yaml'}") for one in problems)
    assert count.endswith("found.")


def test_a_folder_that_is_not_there_is_answered_with_the_protocols_that_ship(equipoise: Shell) -> None:
    said = equipoise.refused(2, "check", "nosuch")
    assert said.startswith("nosuch: ") and NAME in said


def test_an_empty_folder_holds_no_protocol(equipoise: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert equipoise.refused(2, "check", "empty").startswith("empty/protocol.yaml: ")


@pytest.mark.parametrize(
    "command", [("demo", "--out", "lived"), ("open", "--test"), ("analyse", "--data", "d", "--out", "o")]
)
def test_no_command_works_with_a_broken_protocol(
    equipoise: Shell, folder: Path, command: tuple[str, ...], tmp_path: Path
) -> None:
    (folder / "protocol.yaml").write_text("schema: 1\n")
    said = equipoise.refused(2, command[0], folder, *command[1:])
    assert f"{folder / 'protocol.yaml'}" in said
    assert sorted(one.name for one in tmp_path.iterdir()) == ["my-trial"]


def test_what_is_left_to_do_and_what_was_waived_is_shown_with_its_place(equipoise: Shell, folder: Path) -> None:
    done = equipoise("check", folder)
    assert done.code == 0 and done.err == ""
    lines = done.out.splitlines()
    assert all(LOCATED.match(one) for one in lines[:-4])
    assert any("before opening A001" in one and f"{folder}/protocol.yaml:" in one for one in lines)
    [waived] = [one for one in lines if "waived P106" in one]
    assert "Reason given: No important difference" in waived
    assert re.fullmatch(r"0 errors, 0 warnings, \d+ to do before opening, 2 waived\.", lines[-4])


def test_a_shipped_protocol_is_named_from_its_folder_on(equipoise: Shell) -> None:
    told = equipoise("check", NAME).out.splitlines()[:-4]
    assert told and all(one.startswith(f"{NAME}/") for one in told)


def test_a_finding_of_the_linter_ends_with_1_and_a_waiver_with_0(equipoise: Shell, folder: Path) -> None:
    file = folder / "protocol.yaml"
    text = file.read_text().replace("block_sizes: [3, 6, 9]", "block_sizes: [9]")
    file.write_text(text)
    *lines, count = equipoise.refused(1, "check", folder).splitlines()
    line = text[: text.index("block_sizes: [9]")].count("\n") + 1
    assert f"{file}:{line}: warning N805 every block has 9 places." in "\n".join(lines)
    assert count.startswith("0 errors, 1 warning, ")
    told = json.loads(equipoise("check", folder, "--json").out)
    [one] = [one for one in told["findings"] if one["severity"] == "warning" and one["waived"] is None]
    assert (one["code"], one["line"], one["file"]) == ("N805", line, str(file)) and one["column"] > 1
    assert told["ok"] is False and told["counts"]["warning"] == 1 and told["problems"] == []
    file.write_text(text + "  - {code: N805, reason: One size is what the committee asked for.}\n")
    assert equipoise("check", folder).code == 0


def test_problems_and_findings_are_told_together_in_the_order_of_the_file(equipoise: Shell, folder: Path) -> None:
    file = folder / "protocol.yaml"
    text = file.read_text().replace("block_sizes: [3, 6, 9]", "block_sizes: [9]")
    file.write_text(text.replace("invitation: evening\n", "invitation: evning\n"))
    *lines, count = equipoise.refused(2, "check", folder).splitlines()
    numbers = [int(one.removeprefix(f"{file}:").split(":")[0]) for one in lines if one.startswith(f"{file}:")]
    assert numbers == sorted(numbers)
    assert any("N805" in one for one in lines) and any("'evning'" in one for one in lines)
    assert count.startswith("1 problem found; 0 errors, 2 warnings, ")  # and no timepoint sends `evening`


def test_no_trial_opens_with_an_error_of_the_linter(equipoise: Shell, folder: Path) -> None:
    file = folder / "protocol.yaml"
    file.write_text(file.read_text().replace("  age: {question: age, minimum: 18}\n", ""))
    said = equipoise.refused(1, "open", folder, "--test", "--placeholder-wording", "--home", "home")
    assert "C506" in said and "equipoise check" in said


def test_the_schema_that_an_editor_reads_is_json_of_two_kinds(equipoise: Shell) -> None:
    protocol, instrument = (json.loads(equipoise("schema", *words).out) for words in ((), ("--instrument",)))
    assert "timepoints" in protocol["properties"] and "scores" in instrument["properties"]


def test_each_mail_is_drawn_with_the_longest_values_and_written_to_look_at(equipoise: Shell, tmp_path: Path) -> None:
    out = tmp_path / "mails"
    said = equipoise("check", NAME, "--drawn", out).out.splitlines()[-2:]
    assert re.fullmatch(r"6 mails drawn with the longest values; the largest is .+ \(en\), \d\.\d of 30 kB\.", said[0])
    assert said[1] == f"To look at:  {out}"
    assert (out / "messages/evening.en.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (out / "messages/evening.en.txt").read_text(encoding="utf-8").startswith("Subject: ")
    assert '<meta charset="utf-8">' in (out / "exercises/letter.en.html").read_text(encoding="utf-8")
    assert "this is there already" in equipoise.refused(2, "check", NAME, "--drawn", out)


def test_a_mail_that_cannot_be_drawn_is_named_at_its_file_and_its_protocol_is_not_kept(
    equipoise: Shell, folder: Path, tmp_path: Path
) -> None:
    file = folder / "messages" / "evening.en.md"
    file.write_text(file.read_text(encoding="utf-8") + "More to say. " * 3000, encoding="utf-8")
    told = equipoise.refused(2, "check", folder)
    assert f"{file}: the mail cannot be drawn with the longest values: the mail's HTML holds more than 30000" in told
    for words in (("prepare", folder), ("open", folder, "--test", "--placeholder-wording")):
        assert "the mail cannot be drawn" in equipoise.refused(2, *words, "--home", tmp_path / "home")
    assert not (tmp_path / "home").exists()
