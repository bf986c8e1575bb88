"""The linter on the library and on a researcher's own slips: quiet where a protocol is sound, located elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.house.repository import ROOT, read
from tests.protocol_files.folders import Folder
from tests.protocol_files.test_upgrades import old_files
from trial.core.linting import RULES
from trial.core.linting.page import page
from trial.protocol_files import examine, read_files, read_folder, remarks, shipped, shipped_instruments
from trial.protocol_files.linting import subject

LIBRARY = sorted(path.parent.name for path in shipped("").glob("*/protocol.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize("name", LIBRARY)
def test_a_shipped_protocol_has_no_finding_that_nobody_has_answered(name: str) -> None:
    found = remarks(read_folder(shipped(name)), shipped(name))
    assert [str(one) for one in found if one.open] == []
    assert all(len((one.waived or "a reason that is long enough").split()) > 4 for one in found)


def test_a_finding_is_located_in_the_file_as_it_was_written(folder: Folder) -> None:
    line = folder.change("block_sizes: [3, 6, 9]", "block_sizes: [9]")
    [one] = [one for one in remarks(read_folder(folder.path), folder.path) if one.open]
    assert (one.code, one.file, one.line, one.column) == ("N805", folder.file(), line, 3)


def test_a_finding_in_a_text_is_located_in_that_text(folder: Folder) -> None:
    line = folder.change("Subject: Your questions are still open", "Subject: Your letter is still open",
                         "messages/questionnaire_reminder.en.md")  # fmt: skip
    [one] = [one for one in remarks(read_folder(folder.path), folder.path) if one.open]
    assert (one.code, one.file, one.line) == ("B401", folder.file("messages/questionnaire_reminder.en.md"), line)


def test_an_instrument_of_the_library_is_named_where_it_lies(folder: Folder) -> None:
    (folder.path / "instruments/cesd.yaml").unlink()
    folder.change("languages: [en]", "languages: [en, en-GB]")
    found, problems = examine(folder.path)
    assert problems and found is not None
    assert all(Path(one.file).is_file() for one in remarks(found, folder.path, sure=False))


def test_an_old_file_is_linted_at_its_own_lines() -> None:
    folder = read_files(old_files())
    lines = folder.files["protocol.yaml"].splitlines()
    found = {one.code: one for one in remarks(folder) if one.file == "protocol.yaml"}
    assert lines[found["A001"].line - 1].strip().startswith("registration:")
    assert lines[found["P104"].line - 1].strip().startswith("primary:")


def test_findings_are_told_beside_the_readers_problems(folder: Folder) -> None:
    folder.change("block_sizes: [3, 6, 9]", "block_sizes: [9]")
    folder.change("invitation: evening\n", "invitation: evning\n")
    found, problems = examine(folder.path)
    assert len(problems) == 1 and found is not None
    assert "N805" in {one.code for one in remarks(found, folder.path, sure=False)}


def test_the_page_of_the_linter_is_that_of_its_rules() -> None:
    written = read(Path("docs/linter.md"))
    assert written == page(), "run docs/renew.py"
    assert all(f"### {code} " in written for code in RULES)
    assert (ROOT / "docs" / "checking.md").is_file() and "(checking.md)" in written


@pytest.mark.parametrize("code", sorted(shipped_instruments()))
def test_no_score_of_a_shipped_instrument_contradicts_another_one(code: str) -> None:
    library = shipped_instruments()
    trial = subject(read_folder(shipped(LIBRARY[0])))
    alone = replace(
        trial,
        protocol=trial.protocol.model_copy(update={"instruments": [code]}),
        instruments={code: library[code]},
        published=library,
    )
    assert [one for name in ("I604", "I605", "I606") for one in RULES[name].check(alone)] == []
