"""A rehearsal in two languages: everybody reads pages and mails in one language, and it is their own."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.people import people
from tests.system.evidence import Evidence, read_sqlite
from trial.cli import demo, living
from trial.pages.service_mail import OWN_MAILS, template
from trial.pages.translations import choose, languages
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.forms import Field, Form

FOLDER = read_folder(shipped("soothing-touch"))
PEOPLE = 30
DAYS = {
    "en": r"until (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} [JFM]\w+, \d\d:\d\d\.",
    "de": r"bis (?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag), \d{1,2}\. [JFM]\w+, \d\d:\d\d\.",
}


@dataclass
class Watched:
    """The application with somebody looking on: every page by the language that its reader's browser asked for."""

    app: Any
    pages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = dict(scope.get("headers", [])).get(b"accept-language", b"nothing").decode()
        parts: list[bytes] = []

        async def seen(message: Any) -> None:
            parts.append(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, seen)
        if b"<html" in (body := b"".join(parts)):
            self.pages[asked].append(body.decode())


@dataclass(frozen=True)
class Lived:
    """What a rehearsal left behind, with the pages that were read in it and the mails that came."""

    evidence: Evidence
    pages: dict[str, list[str]]
    mails: list[EmailMessage]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    out = tmp_path_factory.mktemp("two_languages") / "lived"
    watched: list[Watched] = []
    real = living.create_participant_app

    def made(**parts: Any) -> Watched:
        watched.append(Watched(real(**parts)))
        return watched[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(living, "create_participant_app", made)
        demo.run_demo(living.Wish("soothing-touch", PEOPLE, 1, out, 0.3, None, None, False), as_json=True)
    mails = [_mail(path) for path in sorted((out / "mailbox").glob("*.eml"))]
    return Lived(Evidence(out, read_sqlite(out / "equipoise.sqlite")), watched[0].pages, mails)


def _mail(path: Path) -> EmailMessage:
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _subjects(language: str) -> list[re.Pattern[str]]:
    """The subjects of the protocol's mails and of our own, in one language."""
    texts = [FOLDER.text(f"messages/{one.id}", language) for one in FOLDER.protocol.messages]
    texts += [template(f"own:{one}", language) for one in OWN_MAILS]
    lines = [one.split("\n", 1)[0].removeprefix("Subject:").strip() for one in texts]
    return [re.compile(".+".join(map(re.escape, re.split(r"\{\{.*?\}\}", one)))) for one in lines]


def _sentences(language: str) -> set[str]:
    """Every question, title and statement of the trial in this language that the other does not have."""
    protocol, tools = FOLDER.protocol, FOLDER.instruments.values()
    texts = [item.topic for one in tools for item in one.items]
    texts += [one.instructions for one in tools if one.instructions]
    texts += [one.title for one in protocol.activities] + [one.text for one in protocol.consent.statements]
    texts += [one.topic for one in protocol.eligibility.questions]
    other = {"en": "de", "de": "en"}[language]
    return {one[language] for one in texts if one[language] != one[other]}


def test_people_of_both_languages_come_and_are_randomised(lived: Lived) -> None:
    joined = Counter(one["language"] for one in lived.evidence.people.values())
    assert set(joined) == {"en", "de"} and min(joined.values()) >= 5
    randomised = Counter(lived.evidence.people[one]["language"] for one in lived.evidence.arm_of)
    assert min(randomised["en"], randomised["de"]) >= 3


def test_every_page_is_in_the_language_of_the_person_who_reads_it(lived: Lived) -> None:
    assert set(lived.pages) == {"en", "de"}
    for language, pages in lived.pages.items():
        assert len(pages) > 50
        theirs = {found for page in pages for found in re.findall(r'<html lang="([^"]*)"', page)}
        # a page before anybody is known belongs to no trial, and comes in the languages that our own words are in
        assert theirs <= {language, choose(language, languages())}
        assert sum(f'<html lang="{language}"' in page for page in pages) > len(pages) / 2


@pytest.mark.parametrize(("language", "other"), [("en", "de"), ("de", "en")])
def test_no_sentence_of_the_trial_is_read_in_the_other_language(lived: Lived, language: str, other: str) -> None:
    read = unescape("\n".join(lived.pages[language]))
    own = [one for one in _sentences(language) if one in read]
    assert len(own) >= 50
    assert [one for one in _sentences(other) if one in read] == []


def test_everybodys_mails_are_all_in_their_own_language(lived: Lived) -> None:
    by_address = defaultdict(set)
    for mail in lived.mails:
        language = str(mail["Content-Language"])
        by_address[str(mail["To"])].add(language)
        assert any(one.fullmatch(str(mail["Subject"])) for one in _subjects(language)), mail["Subject"]
    assert all(len(found) == 1 for found in by_address.values())
    told = Counter(next(iter(found)) for found in by_address.values())
    written_to = {one["participant_id"] for one in lived.evidence.all("delivery", state="accepted")}
    assert told == Counter(lived.evidence.people[one]["language"] for one in written_to)


@pytest.mark.parametrize(("language", "other"), [("en", "de"), ("de", "en")])
def test_mails_say_until_when_as_the_language_says_it(lived: Lived, language: str, other: str) -> None:
    daily = FOLDER.text("messages/practice", language).split("\n", 1)[0].removeprefix("Subject: ")
    texts = [_text(one) for one in lived.mails if one["Subject"] == daily]
    assert len(texts) > 20
    assert all(re.search(DAYS[language], one) and not re.search(DAYS[other], one) for one in texts)


def test_a_person_takes_the_language_of_their_own_that_the_page_offers() -> None:
    chosen = Counter()
    for one in people(200, folder=FOLDER):
        offer = Form("", "post", {"language": Field("language", "select", "en", ["en", "de"])})
        assert one._language(offer) == one.language == one.exerciser.language
        assert one._language(Form("", "post")) == one.language
        elsewhere = Form("", "post", {"language": Field("language", "select", "", ["fr", "nl"])})
        assert one._language(elsewhere) == "fr"
        chosen[one.language] += 1
    assert set(chosen) == {"en", "de"} and min(chosen.values()) > 70
