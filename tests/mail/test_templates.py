"""Placeholders: a handful of names, and values that stay the text they are."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.mail.letters import TEMPLATE, VALUES
from trial.mail.plain import plain_text
from trial.mail.templates import PLACEHOLDERS, fill, placeholders
from trial.pages.message import message_html, read_markdown


def test_a_template_names_its_placeholders():
    assert placeholders(TEMPLATE) == {"minutes", "link", "closes", "name_of_trial", "contact_email"}
    assert placeholders("{{link}} {{  code }} {{ arm }}") == {"link", "code", "arm"}
    assert set(VALUES) == PLACEHOLDERS


def test_subject_and_body_come_apart():
    subject, body = fill("Subject: {{ days_left }} days left\r\n\r\nHello\r\nyou\r\n", VALUES)
    assert (subject, body) == ("2 days left", "Hello\nyou\n")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Subject: x\n\n{{ arm }}", r"unknown placeholder \{\{ arm \}\}"),
        ("Subject: {{ first_name }}\n\nx", "unknown placeholder {{ first_name }}"),
        ("Subject: x\n\n{{ link | safe }}", r"unknown placeholder \{\{ link \| safe \}\}"),
        ("Subject: x\n\n{{ link.__class__ }}", "unknown placeholder"),
        ("Subject: x\n\n{{ 7 * 7 }}", "unknown placeholder"),
        ("Subject: x\n\n{% if link %}", "only {{ name }} placeholders"),
        ("Subject: x\n\n{{ link", "only {{ name }} placeholders"),
        ("Hello\n\nyou", "the first line"),
        ("Subject:  \n\nyou", "the first line"),
        ("", "the first line"),
        ("Subject: x\nyou", "a blank line"),
    ],
)
def test_what_cannot_be_filled_is_named(template, words):
    with pytest.raises(ValueError, match=words.replace("{{ n", r"\{\{ n").replace("{{ f", r"\{\{ f")):
        fill(template, VALUES)


def test_a_placeholder_without_a_value_is_named():
    with pytest.raises(ValueError, match="code"):
        fill("Subject: x\n\n{{ code }}", {"link": VALUES["link"]})
    with pytest.raises(ValueError, match="code"):
        fill("Subject: x\n\n{{ code }}", {"code": "  "})


@pytest.mark.parametrize("value", ["a\nb", "a\r\nBcc: x", "\x00", "a\u2028b"])
def test_a_value_is_one_line(value):
    with pytest.raises(ValueError, match="name_of_trial"):
        fill("Subject: x\n\n{{ name_of_trial }}", {"name_of_trial": value})


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "https://x.example/a b", "https://x.example/)[x](http://y", "x", "https://x.example/<b>"],
)
def test_a_link_is_a_web_address(link):
    with pytest.raises(ValueError, match="link"):
        fill("Subject: x\n\n{{ link }}", {"link": link})


def test_a_value_is_not_filled_again():
    _, body = fill("Subject: x\n\n{{ name_of_trial }}", {"name_of_trial": "{{ link }}", "link": "https://x.example"})
    assert plain_text(read_markdown(body)) == "{{ link }}\n"


ONE_LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(str.strip)
WORDS = ["https://x.example", "www.", "&amp;", "<b>", "    ", "](", "![", "**", "- ", "1. "]
PIECES = [*WORDS, *"*_`[]()<>#&;:!-+.=|~/ 1ab", "'", '"', "\\"]
MARKUP = st.lists(st.sampled_from(PIECES), min_size=1).map("".join).filter(str.strip)


@given(ONE_LINE | MARKUP)
@example("https://evil.example/a_b")
@example("![x](https://evil.example/pixel.png)")
@example("<script>alert(1)</script>")
@example("# heading")
@example("ends with \\")
@example("&lt;b&gt; &#58;")
def test_a_value_stays_text_wherever_it_stands(value):
    template = (
        "Subject: x\n\n{{ name_of_trial }}\n\n- {{ name_of_trial }}\n\n[{{ name_of_trial }}](https://ok.example)\n"
    )
    _, body = fill(template, {"name_of_trial": value})
    tokens = read_markdown(body)
    shown = [child for token in tokens for child in token.children or []]
    assert [child.type for child in shown if child.content or child.nesting] == [
        "text", "text", "link_open", "text", "link_close",
    ]  # fmt: skip
    assert {child.content for child in shown if child.type == "text"} <= {value.strip(), ""}
    page = message_html(subject="x", body=tokens, language="en")
    assert page.count("<a ") == 1
    assert "<script" not in page and "<img" not in page
