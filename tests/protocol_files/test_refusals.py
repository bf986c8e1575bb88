"""Files that are no protocol at all: refused where they stand, never with a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.protocol_files.folders import Folder
from trial.core.errors import ProtocolInvalid
from trial.protocol_files import read_files, read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_folder_without_a_protocol_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolInvalid) as refused:
        read_folder(tmp_path / "nothing")
    [problem] = refused.value.problems
    assert problem.file == str(tmp_path / "nothing" / "protocol.yaml")
    assert "Name a folder" in problem.mend


def test_stored_files_without_a_protocol_are_refused() -> None:
    with pytest.raises(ProtocolInvalid, match="there is no protocol here"):
        read_files({"messages/code.en.md": "Subject: x\n"})


def test_a_missing_text_is_named_where_the_protocol_asks_for_it(folder: Folder) -> None:
    (folder.path / "exercises/optimism.en.md").unlink()
    problem = folder.only_problem()
    assert problem.line == folder.text().splitlines().index("    exercise: exercises/optimism") + 1
    assert "exercises/optimism.en.md is not in the folder" in problem.what


def test_a_key_that_stands_twice_is_told_with_both_lines_and_hides_nothing(folder: Folder) -> None:
    first = folder.change("kind: attention_control", "kind: attention_control\n    kind: active", at="kind: active")
    second = folder.change("target: 687", "target: 1")
    twice, other = folder.problems()
    assert (twice.line, twice.what) == (first, f"the key `kind` stands twice; the first is on line {first - 1}.")
    assert other.line == second


SYNTAX = [
    ("    kind: active\n", "\tkind: active\n", "a tab stands in the indentation", "spaces"),
    ("    kind: active\n", "   kind: active\n", "this is not YAML", "indentation"),
    ("    kind: active\n", "    kind: active: arm\n", "a colon stands where none can", "Quote"),
    ("    kind: active\n", "    kind: &kind active\n", "anchors and aliases", "Write each value out"),
    ("    kind: active\n", "    kind: *kind\n", "anchors and aliases", "Write each value out"),
    ("    kind: active\n", "    kind: [[x, &a y], *a]\n", "anchors and aliases", "Write each value out"),
    ("    kind: active\n", "    kind: !!python/name:os.system x\n", "tags (!)", "plain value"),
    ("    kind: active\n", "    kind: " + "[" * 60 + "\n", "nested more than 30 deep", "Nest less"),
    ("    kind: active\n", "    ? [kind]\n    : active\n", "cannot be a key", "word before the colon"),
    ("    kind: active\n", "    kind: \x00active\n", "cannot stand in a text file", "Remove it"),
    ("    kind: active\n", "    kind: 'active\n", "this is not YAML", "quotes"),
    ("    kind: active\n", "---\nschema: 1\n", "a second document", "Keep one"),
]


@pytest.mark.parametrize(("old", "new", "what", "mend"), SYNTAX, ids=[new.strip()[:24] for _, new, *_ in SYNTAX])
def test_what_is_no_yaml_of_ours_is_refused_near_its_line(
    folder: Folder, old: str, new: str, what: str, mend: str
) -> None:
    line = folder.change(old, new)
    problem = folder.only_problem()
    assert problem.file == folder.file()
    assert what in problem.what and mend in problem.mend
    if new.count("'") != 1:  # an open quote is noticed only where the next one stands
        assert problem.line is not None and line <= problem.line <= line + 1


def test_no_alias_bomb_is_ever_unfolded(folder: Folder) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    folder.write("\n".join(rows))
    assert folder.only_problem().line == 1


@pytest.mark.parametrize("file", ["protocol.yaml", "messages/evening.en.md", "instruments/cesd.yaml"])
def test_a_file_of_ten_megabytes_is_refused_unread(folder: Folder, file: str) -> None:
    folder.write(b"# " + b"x" * 10_000_000, file)
    problem = folder.only_problem()
    assert problem.file == folder.file(file)
    assert "10.0 MB" in problem.what and "at most 1 MB" in problem.what


def test_a_yaml_file_longer_than_its_limit_is_refused(folder: Folder) -> None:
    folder.write(folder.text() + "# " + "x" * 200_000)
    assert "longer than 200000 characters" in folder.only_problem().what


def test_a_folder_of_too_many_texts_is_refused(folder: Folder) -> None:
    for number in range(1000):
        folder.write("x", f"messages/extra-{number}.en.md")
    assert "more than 1000 texts" in folder.only_problem().what


@pytest.mark.parametrize("file", ["protocol.yaml", "messages/evening.en.md", "instruments/cesd.yaml"])
def test_a_file_that_is_not_utf8_is_named_with_line_and_column(folder: Folder, file: str) -> None:
    lines = folder.text(file).splitlines()
    lines[2] += " caf"
    folder.write("\n".join(lines[:3]).encode() + b"\xe9 \n" + "\n".join(lines[3:]).encode(), file)
    problem = folder.only_problem()
    assert (problem.file, problem.line, problem.column) == (folder.file(file), 3, len(lines[2]) + 1)
    assert "0xe9 is not UTF-8" in problem.what and "UTF-8" in problem.mend


def test_every_file_that_is_not_utf8_is_named_in_one_run(folder: Folder) -> None:
    for file in ("protocol.yaml", "messages/evening.en.md"):
        folder.write(b"\xff\xfe", file)
    assert [Path(one.file).name for one in folder.problems()] == ["protocol.yaml", "evening.en.md"]


def test_marks_and_line_ends_of_other_editors_change_nothing(folder: Folder) -> None:
    before = read_folder(folder.path)
    for file in ("protocol.yaml", "messages/evening.en.md", "instruments/cesd.yaml"):
        folder.write(b"\xef\xbb\xbf" + folder.text(file).replace("\n", "\r\n").encode(), file)
    after = read_folder(folder.path)
    assert (after.digest, after.texts) == (before.digest, before.texts)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet", "- a\n- b", "just words", "null"])
def test_a_protocol_without_keys_is_told_how_to_start(folder: Folder, text: str) -> None:
    folder.write(text)
    assert "schema: 1" in folder.only_problem().mend


def test_an_empty_mapping_is_told_every_key_it_lacks(folder: Folder) -> None:
    folder.write("{}")
    told = [one.what for one in folder.problems()]
    assert "`arms` is missing." in told and "`schema` is missing." in told


def test_an_empty_text_is_refused(folder: Folder) -> None:
    folder.write("\n", "exercises/letter.en.md")
    assert "the text is empty" in folder.only_problem().what


@pytest.mark.parametrize("kind", ["folder", "device", "dangling", "pipe"])
def test_what_is_no_regular_file_is_not_opened(folder: Folder, kind: str) -> None:
    path = folder.path / "messages" / "extra.en.md"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("this system has no named pipes")
        os.mkfifo(path)
    else:
        path.symlink_to(os.devnull if kind == "device" else "nowhere")
    problem = folder.only_problem()
    assert (problem.file, problem.what) == (str(path), "this is not a file.")
