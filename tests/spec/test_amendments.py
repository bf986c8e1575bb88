"""The pages of amendments.md, row by row, against the shipped trial."""

from __future__ import annotations

import pytest

from tests.spec.tables import rows
from trial.core.amendment import ChangeClass, Version, compare
from trial.core.amendment.words import excerpts, is_spelling
from trial.protocol_files import ProtocolFolder, read_files, read_folder, shipped

PAGE = "amendments.md"
FOLDER = read_folder(shipped("shapira-mongrain-2010"))
CLASSES = {
    "Corrections": ChangeClass.CORRECTION,
    "Substantial": ChangeClass.SUBSTANTIAL,
    "Urgent safety": ChangeClass.URGENT_SAFETY,
    "Randomisation": ChangeClass.RANDOMIZATION,
}
ROWS = [(heading, row) for heading in CLASSES for row in rows(PAGE, heading)]


def version(folder: ProtocolFolder) -> Version:
    return Version(folder.protocol, folder.instruments, folder.texts)


def changed(file: str, old: str, new: str) -> Version:
    old, new = old.replace("⏎", "\n"), new.replace("⏎", "\n")
    text = FOLDER.files[file]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return version(read_files({**FOLDER.files, file: text.replace(old, new)}))


@pytest.mark.parametrize(("heading", "row"), ROWS, ids=[row["change"] for _, row in ROWS])
def test_a_change_is_of_the_class_that_its_table_says(heading: str, row: dict[str, str]) -> None:
    found = compare(version(FOLDER), changed(row["file"], row["from"], row["to"]))
    (one,) = [each for each in found.changes if each.path == row["where"]]
    assert (one.file, one.change_class) == (row["file"], CLASSES[heading])
    assert one.meaning == row["means"]
    assert one.before != one.after
    assert found.change_class is CLASSES[heading]


@pytest.mark.parametrize("row", rows(PAGE, "A slip of the pen"), ids=lambda row: f"{row['before']} / {row['after']}")
def test_words_differ_by_a_slip_of_the_pen_or_not(row: dict[str, str]) -> None:
    for one, two in ((row["before"], row["after"]), (row["after"], row["before"])):
        assert is_spelling(one, two) is (row["a slip"] == "yes")


@pytest.mark.parametrize("row", rows(PAGE, "How words are shown"), ids=lambda row: row["after"])
def test_words_are_shown_with_what_stands_around_them(row: dict[str, str]) -> None:
    assert excerpts(row["before"], row["after"]) == (row["shown before"], row["shown after"])
