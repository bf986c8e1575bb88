"""Each mail and page of a protocol is drawn before the protocol is kept, in a process of its own within limits."""

from __future__ import annotations

import pytest

from tests.core.protocols import FOLDER
from trial.core.errors import ProtocolInvalid
from trial.mail.compose import LARGEST_HTML
from trial.mail.specimen import Drawn
from trial.protocol_files import ProtocolFolder, read_files, read_folder, shipped
from trial.services import specimens

# no end of work for whoever reads Markdown, in few characters
WORK = "[" * 900_000


def with_text(name: str, text: str) -> ProtocolFolder:
    """The small trial with one text replaced."""
    assert name in FOLDER.files
    return read_files(FOLDER.files | {name: text})


def of(folder: ProtocolFolder, name: str) -> Drawn:
    (found,) = (one for one in specimens.drawn(folder) if one.name == name)
    return found


def test_every_mail_and_page_is_drawn_with_the_longest_values() -> None:
    drawn = specimens.drawn(FOLDER)
    assert {one.name for one in drawn} == FOLDER.texts.keys()
    assert [one.problem for one in drawn] == [""] * len(drawn)
    mail = of(FOLDER, "messages/evening")
    assert specimens.LONGEST_LINK in mail.text and specimens.LONGEST_LINK in mail.html
    assert "Wednesday 16 September, 12:59" in of(with_text("messages/evening.en.md", CLOSES), "messages/evening").text
    assert 1000 < mail.size == len(mail.html.encode()) < LARGEST_HTML


CLOSES = "Subject: This evening\n\nUntil {{ closes }}: {{ link }}\n"


def test_each_language_of_a_protocol_has_mails_of_its_own() -> None:
    folder = read_folder(shipped("dawn-lesson"))
    languages = {one.language for one in specimens.drawn(folder) if one.text}
    assert languages == set(folder.protocol.languages)


def test_a_text_that_comes_to_no_end_is_named_and_the_others_are_drawn() -> None:
    name = "messages/information"
    folder = with_text(f"{name}.en.md", "# About\n\n" + WORK)
    drawn = {one.name: one.problem for one in specimens.drawn(folder)}
    assert drawn.pop(name) == "it takes more than 2 seconds of a processor"
    assert set(drawn.values()) == {""}
    with pytest.raises(ProtocolInvalid, match=f"{name}.en.md: the .* it takes more than 2 seconds"):
        specimens.require_drawable(folder)


def test_a_mail_that_is_too_large_is_named() -> None:
    folder = with_text("messages/evening.en.md", CLOSES + "Much to say. " * 3000)
    assert "more than 30000 bytes" in of(folder, "messages/evening").problem


def test_more_memory_than_there_is_for_a_text_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child is asked for a text that it holds a thousand times over."""
    greedy = "import json, sys\nfor line in sys.stdin: raise MemoryError"
    monkeypatch.setattr(specimens, "CHILD", ("-c", greedy))
    folder = with_text("messages/evening.en.md", CLOSES + "Greedy.")
    assert of(folder, "messages/evening").problem == "it needs more than 1024 MB of memory"


def test_a_mistake_of_our_own_is_not_taken_for_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specimens, "CHILD", ("-c", "import no_such_module"))
    with pytest.raises(RuntimeError, match="no_such_module"):
        specimens.drawn(with_text("messages/evening.en.md", CLOSES + "Ours."))


def test_a_child_that_starts_slowly_is_no_fault_of_the_first_text(monkeypatch: pytest.MonkeyPatch) -> None:
    slowly = "import time\ntime.sleep(3)\nfrom trial.mail.specimen import main\nmain()"
    monkeypatch.setattr(specimens, "PATIENCE", 2.0)
    monkeypatch.setattr(specimens, "CHILD", ("-c", slowly))
    assert of(with_text("messages/evening.en.md", CLOSES + "Slowly."), "messages/code").problem == ""


def test_a_child_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specimens, "PATIENCE", 0.3)
    monkeypatch.setattr(specimens, "STARTING", 1)
    monkeypatch.setattr(specimens, "CHILD", ("-c", "import time\nwhile True: time.sleep(1)"))
    with pytest.raises(ProtocolInvalid) as told:
        specimens.require_drawable(with_text("messages/evening.en.md", CLOSES + "Waiting."))
    assert len(told.value.problems) == len(FOLDER.texts)
