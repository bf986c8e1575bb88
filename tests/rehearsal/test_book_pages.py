"""Pages of the book that nobody of a rehearsal can have met, for something has to have happened before them."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from trial.core.texts import say
from trial.protocol_files import read_folder, shipped
from trial.rehearsal.book.own_pages import own_pages
from trial.rehearsal.book.pages import ELSEWHERE


def words_of(html: str) -> str:
    main = LexborHTMLParser(html).css_first("main")
    assert main is not None
    return " ".join(main.text(separator=" ").split())


@pytest.mark.parametrize("name", ["soothing-touch", "larger-trial", "examples/attention-control"])
def test_what_an_amendment_or_a_code_leads_to_has_a_specimen_in_every_language(name: str) -> None:
    folder = read_folder(shipped(name))
    for language in folder.protocol.languages:
        drawn = {address: words_of(html) for address, _, html in own_pages(folder, language)}
        assert drawn.keys() >= {"/again", "/changed", "/copy/named"} and drawn.keys() & ELSEWHERE.keys()
        for statement in folder.protocol.consent.statements:
            assert " ".join(say(statement.text, language).split()) in drawn["/again"]
        version = folder.protocol.consent.version
        assert all(version in drawn[one] for one in ("/again", "/changed"))
        assert "consent, version" in drawn["/again"] and "consent, version" in drawn["/changed"]


def test_where_something_is_sent_to_is_asked_in_the_book_where_something_is_sent() -> None:
    paid, unpaid = (read_folder(shipped(one)) for one in ("examples/attention-control", "larger-trial"))
    sent = [one for one in paid.protocol.incentives if one.given_by != "code"]
    assert sent and not [one for one in unpaid.protocol.incentives if one.given_by != "code"]
    drawn = {address: html for address, _, html in own_pages(paid, "en")}
    assert say(sent[0].what, "en") in words_of(drawn["/me/payee"]) and "<form" in drawn["/me/payee"]
    assert "/me/payee" not in {address for address, _, _ in own_pages(unpaid, "en")}
