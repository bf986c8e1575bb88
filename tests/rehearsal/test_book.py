"""The book of a rehearsal: everything of the protocol stands in it, for each arm and language, and leads somewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.system.commands import in_this_process
from trial.protocol_files import ProtocolFolder, read_folder, shipped

PROTOCOLS = ("soothing-touch", "examples/factorial", "examples/three-arm")
# how the titles of met pages name those that anybody can open
OWN_PAGES = {
    "me-pause": "a-pause", "me-mails": "the-mails", "me-data": "my-data", "me-address": "another-address",
    "copy": "what-you-agreed-to", "stop": "stopping-or-changing", "report": "telling-the-team",
}  # fmt: skip
PEOPLE = {"soothing-touch": 24, "examples/factorial": 16, "examples/three-arm": 16}


@dataclass(frozen=True)
class Made:
    """A rehearsal's book with the protocol that it is about: the words of each sheet's facts and screen, by file."""

    folder: ProtocolFolder
    book: Path

    def sheets(self) -> dict[str, str]:
        return {
            one.stem: _words(LexborHTMLParser(one.read_text(encoding="utf-8")).css_first("main"))
            for one in sorted((self.book / "sheets").glob("*.html"))
        }

    def screen(self, sheet: str) -> LexborHTMLParser:
        return LexborHTMLParser((self.book / "screens" / f"{sheet}.html").read_text(encoding="utf-8"))


def _words(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


@pytest.fixture(scope="module", params=PROTOCOLS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    place = tmp_path_factory.mktemp("book")
    arguments = ("--participants", str(PEOPLE[request.param]), "--seed", "3", "--out", "lived")
    done = in_this_process("rehearse", str(shipped(request.param)), *arguments, cwd=place)
    assert done.code == 0, done.err
    return Made(read_folder(shipped(request.param)), place / "lived" / "book")


def test_every_message_of_the_protocol_is_in_the_book_in_every_language(made: Made) -> None:
    sheets = made.sheets()
    for message in made.folder.protocol.messages:
        for language in made.folder.protocol.languages:
            file = f"messages/{message.id}.{language}.md"
            assert [one for one, words in sheets.items() if file in words and one.endswith(f"-{language}")], file


def test_every_activity_is_in_the_book_in_every_language_with_the_file_to_edit(made: Made) -> None:
    protocol, sheets = made.folder.protocol, made.sheets()
    for activity in protocol.activities:
        for language in protocol.languages:
            files = getattr(activity, "exercise", None)
            wanted = (
                [f"{files}.{language}.md"] if files else [f"instruments/{one}.yaml" for one in activity.instruments]
            )
            found = [one for one, words in sheets.items() if all(f in words for f in wanted) and f"-{language}" in one]
            assert found, (activity.id, language)
            words = made.screen(found[0]).body.text()  # type: ignore[union-attr]
            assert activity.title[language] in words


def test_the_way_in_was_met_and_is_shown_as_it_was(made: Made) -> None:
    index = LexborHTMLParser((made.book / "index.html").read_text(encoding="utf-8"))
    joining = index.css_first("#joining").text()
    for words in ("The trial's public page", "Notice before", "Questions about eligibility", "Information and consent"):
        assert words in joining
    (first, *_) = [one for one, words in made.sheets().items() if "information-and-consent" in one]
    assert made.screen(first).css("textarea, input[name=signature]")


def test_each_arm_has_diaries_and_each_arm_a_column_of_days(made: Made) -> None:
    index = LexborHTMLParser((made.book / "index.html").read_text(encoding="utf-8"))
    labels = [arm.label["en"] for arm in made.folder.protocol.arms]
    assert [node.text() for node in index.css("#days thead th")] == ["Day", *labels]
    assert len(index.css("#days tbody tr")) > 1
    told = [node.text() for node in index.css("#diaries a")]
    for label in labels:
        assert [one for one in told if one.startswith(label)], label
    for diary in (made.book / "diaries").glob("*.html"):
        rows = LexborHTMLParser(diary.read_text(encoding="utf-8")).css("tbody tr")
        assert any("Chance decides" in one.text() for one in rows) and len(rows) > 8


def test_every_link_leads_to_a_file_and_no_page_runs_or_loads_anything(made: Made) -> None:
    for page in made.book.rglob("*.html"):
        tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
        assert not tree.css("script, link, img, object, embed"), page.name
        for node in tree.css("a[href], iframe[src]"):
            target = str(node.attributes.get("href") or node.attributes.get("src")).partition("#")[0]
            assert not target or (page.parent / target).resolve().is_file(), (page.name, target)


def test_the_way_in_can_be_walked_by_its_buttons(made: Made) -> None:
    language = made.folder.protocol.languages[0]
    pages = [one for one in made.sheets() if one.startswith("page-") and one.endswith(f"-{language}")]
    way = (
        "notice-before",
        "questions-about-eligibility",
        "e-mail-address",
        "confirming-the-address",
        "information-and",
    )
    for part, goal in pairwise((*way, "")):
        page = next(one for one in pages if part in one and "asked-again" not in one)
        pictures = made.screen(page).css("form a.button")
        targets = [Path(str(one.attributes["href"])).stem for one in pictures]
        assert targets and all(one in made.sheets() for one in targets), page
        assert all("Picture of a form" in (one.next.text() if one.next else "") for one in pictures), page
        # whoever was the first may have been turned away
        assert any(goal in one or "after-a-step" in one for one in targets), (page, targets)
        assert "Button “" in made.sheets()[page]


def test_a_mail_has_the_button_that_ends_it_among_its_headers(made: Made) -> None:
    mails = [
        words for one, words in made.sheets().items() if one.startswith("mail-") and "To change it messages/" in words
    ]
    assert mails
    assert [one for one in mails if "List-Unsubscribe" in one]


def test_what_nobody_met_is_drawn_and_has_a_name(made: Made) -> None:
    index = LexborHTMLParser((made.book / "index.html").read_text(encoding="utf-8"))
    found = {node.text(): str(node.attributes["href"]) for node in index.css("#unmet a")}
    assert "" not in found and "After a step: held until somebody has looked" in found
    for words, href in found.items():
        assert _words(made.screen(Path(href).stem).css_first("body")), words


def test_the_own_pages_that_nobody_opened_are_drawn_in_every_language(made: Made) -> None:
    sheets = made.sheets()
    for page in ("me-pause", "me-mails", "me-data", "me-address", "copy", "stop", "report"):
        for language in made.folder.protocol.languages:
            met = [one for one in sheets if one.startswith("page-") and one.endswith(f"-{language}")]
            drawn = [one for one in sheets if page in one and one.startswith("specimen-") and one.endswith(language)]
            assert drawn or any(OWN_PAGES[page] in one for one in met), (page, language)


def test_the_links_of_every_mail_lead_into_the_book(made: Made) -> None:
    mails = [one for one in made.sheets() if one.startswith("mail-")]
    assert mails
    for mail in mails:
        targets = [str(node.attributes.get("href")) for node in made.screen(mail).css("a")]
        assert targets or "-code-" in mail, mail  # that one is typed off, and leads nowhere
        assert all((made.book / "screens" / one).is_file() for one in targets), mail
        if "exercise" in mail and "own" not in mail:
            facts = LexborHTMLParser((made.book / "sheets" / f"{mail}.html").read_text(encoding="utf-8"))
            assert any("landing" in one for one in targets) and "Behind its link" in facts.css_first("dl").text(), mail


def test_what_differs_between_arms_stands_side_by_side(made: Made) -> None:
    arms = [arm.label["en"] for arm in made.folder.protocol.arms]
    found = list((made.book / "beside").glob("*.html"))
    assert found
    for page in found:
        tree = LexborHTMLParser(page.read_text(encoding="utf-8"))
        shown = [node.text() for node in tree.css("figcaption")]
        frames = [str(node.attributes["src"]) for node in tree.css("iframe")]
        assert len(shown) > 1 and shown == [one for one in arms if one in shown] and len(set(frames)) > 1


def test_the_marker_is_set_after_the_book_was_written(made: Made) -> None:
    assert json.loads((made.book.parent / "rehearsal.json").read_text())["finished"] is True


def test_a_fast_rehearsal_says_that_its_book_is_made_of_specimens(tmp_path: Path) -> None:
    where = str(shipped("examples/three-arm"))
    done = in_this_process("rehearse", where, "--fast", "--participants", "6", "--out", "lived", cwd=tmp_path)
    assert done.code == 0, done.err
    index = LexborHTMLParser((tmp_path / "lived" / "book" / "index.html").read_text(encoding="utf-8"))
    words = " ".join(index.css_first("main").text().split())
    assert "through the services alone (--fast)" in words
    assert {node.attributes["id"] for node in index.css("section")} >= {"days", "unmet"}
    assert not list((tmp_path / "lived" / "book" / "sheets").glob("mail-*"))
