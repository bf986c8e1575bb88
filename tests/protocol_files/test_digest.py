"""One digest stands for the whole protocol: any change shows, moving the folder does not."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.protocol_files.folders import SHIPPED, Folder
from trial.protocol_files import read_files, read_folder, shipped
from trial.protocol_files.folder import digest

FOLDER = read_folder(shipped(SHIPPED))
FILES = dict(FOLDER.files)


def test_the_digest_is_of_the_words_not_of_the_place(tmp_path: Path) -> None:
    one, other = Folder(tmp_path, "one"), Folder(tmp_path, "a place with a space")
    assert read_folder(one.path).digest == read_folder(other.path).digest == FOLDER.digest


def test_the_digest_covers_every_text_and_instrument_of_the_trial() -> None:
    assert set(FILES) == {
        "protocol.yaml",
        *(f"{name}.en.md" for name in FOLDER.protocol.text_files),
        *(f"instruments/{code}.yaml" for code in FOLDER.protocol.instruments),
    }


@given(st.sampled_from(sorted(FILES)), st.data())
def test_the_digest_changes_with_any_character_of_any_file(file: str, data: st.DataObject) -> None:
    text = FILES[file]
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one not in (text[at], "\r")))
    assert digest(FILES | {file: text[:at] + other + text[at + 1 :]}) != FOLDER.digest


@given(st.dictionaries(st.text("ab/", min_size=1, max_size=3), st.text("ab", max_size=3), max_size=3),
       st.dictionaries(st.text("ab/", min_size=1, max_size=3), st.text("ab", max_size=3), max_size=3))  # fmt: skip
def test_two_folders_share_a_digest_only_if_they_are_the_same(one: dict[str, str], other: dict[str, str]) -> None:
    assert (digest(one) == digest(other)) is (one == other)


def test_a_word_changed_in_an_exercise_changes_the_digest_of_a_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.change("Think of something from today", "Think of something of today", "exercises/letter.en.md")
    assert read_folder(folder.path).digest != FOLDER.digest


def test_notes_beside_the_protocol_are_no_part_of_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("A note of the team.\n", "README.md")
    folder.write("A draft.\n", "messages/draft.txt")
    assert read_folder(folder.path).digest == FOLDER.digest


def test_stored_files_give_the_same_digest_in_any_order() -> None:
    assert read_files(dict(reversed(FILES.items()))).digest == FOLDER.digest
