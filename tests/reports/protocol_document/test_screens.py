"""A page inside the document: the same words, and nothing left that can act, leave, or clash."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.protocol_document import examples
from reports.protocol_document.screens import screen
from reports.protocol_document.sheets import scoped, screen_style
from tests.reports.test_html import Elements
from trial.core.texts import PLACEHOLDERS

PAGE = """<!doctype html><html lang="en" dir="ltr"><head><title>T</title><script>bad()</script>
<link rel="stylesheet" href="/style.css"><style>p { color: red }</style></head><body onload="bad()">
<a class="skip" href="#main">Skip</a><header><nav><a href="/report">Report</a><a href="/stop">Stop</a></nav></header>
<main id="main"><h1>Title</h1><h2>Part</h2><p class="wide" style="background: url(http://bad.example)">Some
<strong>strong</strong> words &lt;script&gt;</p><ol><li>first</li><li>second</li></ol><ul><li>dot</li></ul>
<form method="post" action="/now"><input type="hidden" name="csrf" value="secret">
<label for="f-one">A field</label><input type="text" id="f-one" name="one" onfocus="bad()" value="typed">
<label class="option"><input type="radio" name="two" value="yes"><span>Yes</span></label>
<textarea id="t" name="three"></textarea><button name="go">Send</button></form>
<iframe src="http://bad.example"><p>inside</p></iframe>
<img src="http://bad.example/x.png" alt="x"></main></body></html>"""


def test_nothing_in_a_screen_can_act_or_leave() -> None:
    html = screen("one", "One", PAGE, "en").html
    for tag, attributes in Elements(html).found:
        assert tag not in {"script", "style", "link", "form", "button", "a", "iframe", "img", "main", "nav", "h1"}
        assert not {"name", "href", "src", "action", "value"} & attributes.keys()
        assert not any(key.startswith("on") for key in attributes)
        assert tag not in {"input", "textarea"} or "disabled" in attributes
    assert "bad" not in html and "secret" not in html and "inside" not in html


def test_the_ids_of_a_screen_begin_with_its_own_name_and_still_meet() -> None:
    elements = Elements(screen("one", "One", PAGE, "en").html).found
    ids = [str(attributes["id"]) for _, attributes in elements if "id" in attributes]
    assert ids == ["one-main", "one-f-one", "one-t"]
    assert [attributes["for"] for _, attributes in elements if "for" in attributes] == ["one-f-one"]


def test_headings_of_a_screen_stand_below_those_of_the_document() -> None:
    found = [each for _, each in Elements(screen("one", "One", PAGE, "en").html).found if each.get("role") == "heading"]
    assert [each["aria-level"] for each in found] == ["4", "5"]


def test_the_lines_of_a_screen_say_the_same_on_paper() -> None:
    lines = screen("one", "One", PAGE, "en").lines
    said = [(one.kind, "".join(words for words, _ in one.pieces)) for one in lines]
    assert said == [
        ("text", "Report"),
        ("text", "Stop"),
        ("heading", "Title"),
        ("heading", "Part"),
        ("text", "Some strong words <script>"),
        ("numbered", "1. first"),
        ("numbered", "2. second"),
        ("item", "dot"),
        ("text", "A field"),
        ("field", ""),
        ("choice", "Yes"),
        ("field", ""),
        ("button", "Send"),
    ]
    assert ("strong", True) in [(words.strip(), strong) for words, strong in lines[4].pieces]


@given(st.text(alphabet="<>/&\"'=abdivscript! -", max_size=60))
def test_markup_of_any_kind_leaves_only_elements_that_are_known_and_closed(text: str) -> None:
    html = screen("one", "One", f"<body><p>{text}</p></body>", "en").html
    assert "<script" not in html.lower() and "<a " not in html.lower()
    # a whole name: "<br" opens no "<b"
    opened = {tag: len(re.findall(rf"<{tag}(?![\w-])", html)) for tag in ("p", "span", "i", "b", "div")}
    assert opened == {tag: html.count(f"</{tag}>") for tag in opened}


def test_the_style_of_pages_reaches_screens_only() -> None:
    sheet = re.sub(r"@media[^{]*\{", "", screen_style())
    heads = [one.split("{")[0] for one in re.split(r"\}", sheet) if "{" in one]
    assert len(heads) > 80
    for head in heads:
        for selector in re.split(r",(?![^()]*\))", head):
            assert selector.strip().startswith((".seen-page", ".seen-mail")), selector
    assert "url(" not in sheet and "@import" not in sheet


@pytest.mark.parametrize(
    ("rule", "scoped_rule"),
    [
        ("body { x: y }", ".in { x: y }\n"),
        ("h1, .box h2 { x: y }", ".in .as-h1, .in .s-box .as-h2 { x: y }\n"),
        ("main > p:has(> .button) { x: y }", ".in .as-main > p:has(> .s-button) { x: y }\n"),
        ("@media print { a { x: y } }", "@media print { .in .as-a { x: y }\n }\n"),
        ("/* body */ input:not([type]) { x: y }", ".in input:not([type]) { x: y }\n"),
    ],
)
def test_a_rule_is_kept_inside(rule: str, scoped_rule: str) -> None:
    assert scoped(rule, ".in") == scoped_rule


def test_every_placeholder_has_an_example_and_values_stay_text() -> None:
    from tests.reports.protocol_document.variants import small

    protocol = small().protocol
    given = examples.values(protocol, "en", protocol.timepoints[1], protocol.activities[2])
    assert given.keys() == PLACEHOLDERS and all(given.values())
    assert given["closes"] == "Wednesday 3 March, 15:00" and given["minutes"] == "5"
    subject, body = examples.fill("Subject: For {{ code }}\n\n{{name_of_trial}}", {"code": "1", "name_of_trial": "*a*"})
    assert (subject, body) == ("For 1", "\\*a\\*\n")
