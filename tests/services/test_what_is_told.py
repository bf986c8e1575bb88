"""What a person is told of a newer version: the words of their own language, and said in which language they are."""

from __future__ import annotations

from pathlib import Path

from tests.protocol_files.two_languages import two_languages
from trial.protocol_files import read_files, read_folder, shipped
from trial.services import reconsent


def test_of_a_text_in_two_languages_the_persons_own_is_told(tmp_path: Path) -> None:
    old = read_folder(two_languages(shipped("examples/two-arm"), tmp_path))
    name, own, other = old.protocol.consent.information, old.protocol.languages[1], old.protocol.languages[0]
    files = dict(old.files)
    for language in (own, other):
        files[f"{name}.{language}.md"] += "\nQuite another paragraph stands here.\n"
    told = [one for one in reconsent._told(old, read_files(files), own) if one.of_words]
    assert [one.file for one in told] == [f"{name}.{own}.md"]
    assert reconsent.language_of(told[0], own) == own
