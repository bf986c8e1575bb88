"""The book of a rehearsal as files: safe whatever a text says, without a network, and with a way through it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from reports.book import MARK, build_book
from reports.book.nowhere import SAID
from reports.book.still import POLICY, pressable, still
from reports.book.values import Asked, Beside, Book, Chapter, Day, Diary, Entry, Lead, Sheet

HOSTILE = "</title></pre></style><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"
PAGE = """<!doctype html><html lang="ar" dir="rtl"><head><meta http-equiv="refresh" content="0;url=http://a.example">
<base href="http://a.example"><link rel="stylesheet" href="http://a.example/s.css"><script src="http://a.example/x.js">
</script><style>p { background: url(http://a.example/p.png) }</style><style>p { color: red }</style></head>
<body onload="alert(1)"><h1>Hello</h1><p style="background:u\\72l(http://a.example)" class="kept">words
<a href="javascript:alert(1)" target="_top" ping="http://a.example">go on</a></p>
<form action="http://a.example"><input name="q" value="typed" checked autofocus type="radio">
<button formaction="http://a.example">Send</button></form><svg><script>alert(1)</script><a xlink:href="x">s</a></svg>
<iframe srcdoc="<script>alert(1)</script>"></iframe><object data="http://a.example"></object><img src="http://a.example">
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>
<details open ontoggle="alert(1)"><summary>more</summary>inside</details></body></html>"""


def sheet(number: int, **other: object) -> Sheet:
    given = Sheet(f"page-{number}", "page", f"Page {number}", "en", f"<html><body><p>Words {number}</p></body></html>")
    return replace(given, **other)  # type: ignore[arg-type]


def book(*sheets: Sheet, words: str = "Two letters") -> Book:
    days = (Day("Day 1", ((Asked(words, (("en", sheets[0].id),)),), ())),)
    entries = (Entry("Day 0", "10:00", words, sheets[0].id), Entry("Day 1", "11:00", words, quiet=True))
    diary = Diary("kind-stays", words, "somebody who stays", words, entries)
    return Book(words, (words, "Plain"), (words,), (Chapter("joining", words, words, sheets),), days, (diary,))


def read(path: Path) -> LexborHTMLParser:
    return LexborHTMLParser(path.read_text(encoding="utf-8"))


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    first = sheet(
        1, title=HOSTILE, html=PAGE, arms=(HOSTILE,), when=HOSTILE, sources=(HOSTILE,), text=HOSTILE,
        headers=(("Subject", HOSTILE),), remarks=(HOSTILE,), look="mail", language='e"n',
    )  # fmt: skip
    build_book(book(first, sheet(2), words=HOSTILE), tmp_path)
    return tmp_path


def test_hostile_words_of_a_protocol_stay_words_on_every_page_of_the_book(hostile: Path) -> None:
    pages = [one for one in hostile.rglob("*.html") if one.parent.name != "screens"]
    assert len(pages) == 4
    for one in pages:
        tree = read(one)
        assert not tree.css("script, img, svg, link, object")
        assert not [node for node in tree.css("*") if any(name.startswith("on") for name in node.attributes)]
        words = tree.body.text() if tree.body else ""
        assert "alert(1)" in words and "{{ 7*7 }}" in words


def test_a_still_keeps_how_a_page_looks_and_nothing_that_acts_loads_or_leads_away() -> None:
    found = still(PAGE, "p { margin: 0 }")
    tree = LexborHTMLParser(found.html)
    assert not tree.css("script, base, link, svg, math, iframe, object, img, meta[http-equiv=refresh]")
    attributes = {name for node in tree.css("*") for name in node.attributes}
    assert attributes <= {
        "lang", "dir", "charset", "name", "content", "http-equiv", "class", "style", "type", "value", "checked", "open",
    }  # fmt: skip
    assert "a.example" not in found.html and "javascript" not in found.html and "alert" not in found.words
    assert [node.text() for node in tree.css("style")] == ["p { margin: 0 }", "p { color: red }"]
    assert tree.css_first("p").attributes == {"class": "kept"}
    assert tree.css_first("input").attributes["value"] == "typed" and tree.css_first("html").attributes["dir"] == "rtl"
    assert found.links == (("go on", "javascript:alert(1)"),)


def test_a_still_says_itself_that_nothing_may_run_or_load(hostile: Path) -> None:
    (policy,) = [
        node.attributes["content"]
        for node in read(hostile / "screens" / "page-1.html").css("meta[http-equiv]")
        if node.attributes["http-equiv"] == "Content-Security-Policy"
    ]
    assert policy == POLICY and "default-src 'none'" in policy and "script" not in policy


def test_every_screen_stands_in_a_frame_without_rights_and_no_page_of_the_book_has_a_script(hostile: Path) -> None:
    frames = read(hostile / "sheets" / "page-1.html").css("iframe")
    assert len(frames) == 2
    for one in frames:
        assert one.attributes["sandbox"] in (None, "") and one.attributes["title"]
        assert (hostile / "sheets" / str(one.attributes["src"])).resolve().is_file()


def test_a_style_sheet_that_could_end_its_element_is_refused() -> None:
    with pytest.raises(ValueError, match="no markup"):
        still("<p>x</p>", "p { } </style><script>")


def test_every_link_of_the_book_leads_to_a_file_of_the_book(tmp_path: Path) -> None:
    build_book(book(sheet(1), sheet(2), sheet(3, origin="specimen")), tmp_path)
    seen = set()
    for page in tmp_path.rglob("*.html"):
        for node in read(page).css("a[href]"):
            target, _, part = str(node.attributes["href"]).partition("#")
            file = (page.parent / target).resolve() if target else page
            assert file.is_file() and (not part or read(file).css(f"#{part}")), (page.name, node.attributes)
            seen.add(file.name)
    assert {"page-1.html", "page-2.html", "page-3.html", "kind-stays.html", "index.html"} <= seen


def test_sheets_lead_to_the_one_before_and_the_one_after(tmp_path: Path) -> None:
    build_book(book(sheet(1), sheet(2), sheet(3)), tmp_path)
    middle = read(tmp_path / "sheets" / "page-2.html")
    assert middle.css_first("a[rel=prev]").attributes["href"] == "page-1.html"
    assert middle.css_first("a[rel=next]").attributes["href"] == "page-3.html"
    assert not read(tmp_path / "sheets" / "page-1.html").css("a[rel=prev]")


def test_who_must_not_read_the_book_stands_on_every_page(tmp_path: Path) -> None:
    build_book(book(sheet(1)), tmp_path)
    for page in (one for one in tmp_path.rglob("*.html") if one.parent.name != "screens"):
        assert read(page).css_first(".stamp").text() == MARK
    assert "Not for anybody who is blinded" in MARK


def test_a_sheet_says_how_many_met_it_and_which_file_to_edit(tmp_path: Path) -> None:
    build_book(book(sheet(1, met=30, of=120, sources=("messages/day.en.md",), arms=("Kind",))), tmp_path)
    words = " ".join(read(tmp_path / "sheets" / "page-1.html").css_first("dl").text(separator=" ").split())
    assert "Kind; met by 30 (25%) of 120 people" in words and "messages/day.en.md" in words


def test_nothing_in_the_book_names_the_network(tmp_path: Path) -> None:
    build_book(book(sheet(1), sheet(2)), tmp_path)
    for page in tmp_path.rglob("*.html"):
        assert not re.findall(r"(?:src|href|url\()\s*=?\s*[\"'(]?(?:https?:)?//", page.read_text(encoding="utf-8")), (
            page
        )


LINKED = """<html><body><main><h1>Mail</h1><a href="https://trial.example/go/secret">Open</a>
<a href="/copy">What you agreed to</a> <a href="/now">Go back</a> <a href="javascript:alert(1)">press</a>
<a href="mailto:team@a.example">Write</a> <a href="#main">down</a> <a href="/unknown">more</a></main></body></html>"""
LEADS = (
    ("https://trial.example/go/secret", Lead("page-2", "page-3")),
    ("/copy", Lead(about=HOSTILE)),
    ("/now", Lead(nowhere="due", about="What is to be done now")),
    ("javascript:alert(1)", Lead(nowhere="outside", about="javascript:alert(1)")),
    ("mailto:team@a.example", Lead(nowhere="outside", about="mailto:team@a.example")),
)


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    first = sheet(1, html=LINKED, leads=LEADS, behind=("page-3",), arms=("Kind",))
    both = Beside("beside-1", "Open · Close", "Day 1", "en", (("Kind", "page-1"), ("Plain", "page-2")))
    build_book(replace(book(first, sheet(2, arms=("Plain",)), sheet(3)), beside=(both,)), tmp_path)
    return tmp_path


def test_a_link_of_a_mail_leads_to_the_books_own_picture_and_never_to_a_live_address(linked: Path) -> None:
    screen = linked / "screens" / "page-1.html"
    leads = {node.text(): node.attributes.get("href") for node in read(screen).css("a")}
    assert leads["Open"] == "page-2.html" and leads["down"] == "#main" and leads["more"] is None
    assert all(re.fullmatch(r"(page-2|ends-\d{3})\.html|#main", one) for one in leads.values() if one)
    assert "trial.example" not in screen.read_text(encoding="utf-8")


def test_a_page_that_nobody_opened_is_said_to_be_one_in_words(linked: Path) -> None:
    said = {}
    for node in read(linked / "screens" / "page-1.html").css("a[href^=ends]"):
        end = read(linked / "screens" / str(node.attributes["href"]))
        said[node.text()] = end.css_first("main").text()
        assert not end.css("script, img, a") and POLICY in {one.attributes.get("content") for one in end.css("meta")}
    assert SAID["unseen"] in said["What you agreed to"] and "alert(1)" in said["What you agreed to"]
    assert SAID["due"] in said["Go back"] and SAID["outside"] in said["Write"] and SAID["outside"] in said["press"]


def test_a_sheet_names_where_each_link_leads_and_what_is_behind_it(linked: Path) -> None:
    facts = read(linked / "sheets" / "page-1.html").css_first("dl")
    lines = [" ".join(node.text().split()) for node in facts.css(".leads li")]
    assert lines == [
        "Open: Page 2, then Page 3", "What you agreed to: nobody opened this page", "Go back: whatever is due then",
        "press: leads out of the study", "Write: leads out of the study", "more: nobody opened this page", "Page 3",
    ]  # fmt: skip


def test_arms_stand_side_by_side_and_each_of_their_sheets_leads_there(linked: Path) -> None:
    page = read(linked / "beside" / "beside-1.html")
    assert [node.text() for node in page.css("figcaption")] == ["Kind", "Plain"]
    frames = [str(node.attributes["src"]) for node in page.css("iframe")]
    assert frames == ["../screens/page-1.html", "../screens/page-2.html"]
    assert all(node.attributes["sandbox"] in (None, "") for node in page.css("iframe"))
    for one in ("page-1", "page-2"):
        assert read(linked / "sheets" / f"{one}.html").css("a[href='../beside/beside-1.html']")
    assert not read(linked / "sheets" / "page-3.html").css("a[href^='../beside']")
    assert [node.text() for node in read(linked / "index.html").css("#beside a")] == ["Open · Close"]


PRESSED = """<html><body><main><form method="post" action="/my-trial/consent"><button class="main" name="answer"
value="yes">Yes, I <b>agree</b> &lt;now&gt;</button><button name="answer" value="no" formaction="/x">No</button></form>
<form action="/search"><button>Look</button></form>
<template><form method="post"><button>gone</button></form></template><form method="post"><button>Later</button></form>
</main></body></html>"""


def test_a_button_that_was_pressed_leads_to_what_came_after_it_and_says_that_it_is_a_picture(tmp_path: Path) -> None:
    first = sheet(1, html=PRESSED, presses=((0, Lead("page-2")), (2, Lead("page-3"))))
    build_book(book(first, sheet(2), sheet(3)), tmp_path)
    screen = read(tmp_path / "screens" / "page-1.html")
    links = {" ".join(node.text().split()): node for node in screen.css("a")}
    assert {words: node.attributes["href"] for words, node in links.items()} == {
        "Yes, I agree <now>": "page-2.html", "Later": "page-3.html",
    }  # fmt: skip
    assert links["Yes, I agree <now>"].attributes["class"] == "button main"
    after = [node.next.text() if node.next else "" for node in links.values()]
    assert len(after) == 2 and all(one.startswith("Picture of a form: nothing is sent.") for one in after)
    assert [node.text() for node in screen.css("button")] == ["No", "Look"]
    assert not [one for node in screen.css("form, button") for one in node.attributes if "action" in one]
    facts = [" ".join(node.text().split()) for node in read(tmp_path / "sheets" / "page-1.html").css(".leads li")]
    assert facts == ["Button “Yes, I agree <now>”: Page 2", "Button “Later”: Page 3"]


def test_the_buttons_of_a_page_are_counted_alike_by_whoever_says_where_they_led() -> None:
    assert pressable(PRESSED) == [
        ("/my-trial/consent", "answer", "yes"),
        ("/my-trial/consent", "answer", "no"),
        ("", "", ""),
    ]
    assert still(PRESSED).buttons == ("Yes, I agree <now>", "No", "Later")
