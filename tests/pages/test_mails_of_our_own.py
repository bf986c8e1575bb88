"""Each mail in our own words, in each language, as text and as HTML: short, whole, and leading to one place only."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.mail.letters import LINK, VALUES, written
from tests.pages.templates import names
from trial.core.texts import PLACEHOLDERS
from trial.mail.compose import compose, fill
from trial.pages.service_mail import OWN_MAILS, OwnMail, footer, own_message, sender_name, template
from trial.pages.translations import languages

LONGEST_SUBJECT, LONGEST_TEXT = 60, 1_600
LANGUAGES = languages()


def parts(name: OwnMail, language: str) -> tuple[EmailMessage, str, str]:
    """The mail, its text and its HTML."""
    subject, body = fill(template(own_message(name), language), VALUES)
    mail = written(subject=subject, body_markdown=body, language=language, sender_name=sender_name(language),
                   stream="service", footer_links=footer(language, LINK, stop=False), marked=None)  # fmt: skip
    read = email.message_from_bytes(compose(mail), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    text, html = (read.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    return read, text.get_content(), html.get_content()


def test_every_template_of_a_mail_is_one_of_these() -> None:
    assert sorted(f"mails/{one}.html" for one in OWN_MAILS) == [one for one in names() if one.startswith("mails/")]
    assert {"en", "de", "ar"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OWN_MAILS)
def test_a_mail_is_short_whole_and_says_the_same_twice(name: OwnMail, language: str) -> None:
    mail, text, html = parts(name, language)
    assert 0 < len(mail["subject"]) <= LONGEST_SUBJECT
    assert len(text) <= LONGEST_TEXT
    assert "{{" not in text + html and "}}" not in text + html
    page = LexborHTMLParser(html)
    assert page.root is not None and page.body is not None
    shown = page.root.attributes
    assert (shown["lang"], shown["dir"]) == (language, "rtl" if language == "ar" else "ltr")
    said = " ".join(page.body.text(separator=" ").split())
    for line in text.splitlines():
        if len(line.split()) > 3 and "http" not in line and not line.rstrip().endswith(":"):  # a link's own words
            assert " ".join(line.strip("*-# ").split())[:30] in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OWN_MAILS)
def test_a_mail_leads_to_the_persons_own_link_and_nowhere_else(name: OwnMail, language: str) -> None:
    _, text, html = parts(name, language)
    found = re.findall(r"https?://[^\s\"'<>]+", text)
    found += [
        href
        for one in LexborHTMLParser(html).css("a")
        if not (href := one.attributes["href"] or "").startswith("mailto:")
    ]
    assert found
    assert {one.partition("?")[0] for one in found} == {LINK}


# who reads an answer, and when
READS = {
    "en": "A person in the research team reads what you write to us, but not around the clock.",
    "de": "Ein Mensch aus dem Forschungsteam liest, was Sie uns schreiben, aber nicht rund um die Uhr.",
    "ar": "يقرأ شخص من فريق البحث ما يصلنا من رسائل، لكن ليس على مدار الساعة.",
}


@pytest.mark.parametrize("language", READS)
@pytest.mark.parametrize("name", OWN_MAILS)
def test_a_mail_says_where_to_write_who_reads_it_and_when(name: OwnMail, language: str) -> None:
    _, text, html = parts(name, language)
    for words in (text, LexborHTMLParser(html).text()):
        assert VALUES["contact_email"] in words
        assert READS[language] in " ".join(words.split())


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
@pytest.mark.parametrize("name", OWN_MAILS)
def test_a_mail_is_translated(name: OwnMail, language: str) -> None:
    (own, text, _), (english, other, _) = parts(name, language), parts(name, "en")
    assert own["subject"] != english["subject"]
    assert not set(_sentences(text)) & set(_sentences(other))


def _sentences(text: str) -> list[str]:
    given = ("http", VALUES["closes"])
    parts = re.split(r"(?<=[.!?:])\s+|\n", text)
    return [one for one in parts if len(one.split()) > 3 and not any(each in one for each in given)]


def test_no_mail_has_a_place_for_what_a_person_typed() -> None:
    said = "".join(template(own_message(one), "en") for one in OWN_MAILS)
    assert set(re.findall(r"{{ (\w+) }}", said)) <= set(PLACEHOLDERS)
