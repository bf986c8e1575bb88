"""Researchers' Markdown: everything one needs to explain a trial, and nothing that could do anything."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.pages.markdown import TAGS, to_html


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(to_html(text))
    return reader.found


def test_paragraphs_lists_headings_tables_and_links_are_drawn() -> None:
    html = to_html("## What\n\nA *calm* **text**.\n\n1. one\n2. two\n\n- a\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for tag in ("<h2>", "<em>", "<strong>", "<ol>", "<ul>", "<table>"):
        assert tag in html


def test_a_link_goes_to_https_or_mailto_only_and_tells_nobody_where_from() -> None:
    links = elements(
        "[a](https://example.org) [b](mailto:team@example.org) [c](http://example.org) [d](javascript:alert(1)) "
        "[e](data:text/html,x) [f](//example.org)"
    )
    targets = [attributes.get("href") for tag, attributes in links if tag == "a" and attributes.get("href")]
    assert targets == ["https://example.org", "mailto:team@example.org"]
    assert all(attributes["rel"] == "noopener noreferrer" for tag, attributes in links if attributes.get("href"))


def test_raw_html_stays_text() -> None:
    html = to_html('<script>alert(1)</script> <b onclick="x">bold</b>\n\n<iframe src="https://example.org">')
    assert "&lt;script&gt;" in html
    assert not [tag for tag, _ in elements(html) if tag in ("script", "b", "iframe")]


def test_there_are_no_images_because_a_picture_from_elsewhere_tells_who_reads() -> None:
    assert not [tag for tag, _ in elements("![x](https://example.org/pixel.gif)") if tag == "img"]


@pytest.mark.parametrize(
    ("written", "drawn"),
    [("##", ["h2"]), ("#", ["h2"]), ("## ###", ["h2", "h3"]), ("## ##", ["h2", "h2"]), ("### ##", ["h2", "h2"]),
     ("# ### ## #", ["h2", "h3", "h3", "h2"]), ("## #### ####", ["h2", "h3", "h3"])],
)  # fmt: skip
def test_headings_start_below_the_title_and_skip_no_level(written: str, drawn: list[str]) -> None:
    text = "\n\n".join(f"{marks} Heading" for marks in written.split())
    assert [tag for tag, _ in elements(text) if tag.startswith("h")] == drawn


@given(st.text(max_size=300))
def test_no_text_can_bring_another_element_or_attribute(text: str) -> None:
    for tag, attributes in elements(text):
        assert tag in TAGS
        assert set(attributes) <= {"href", "title", "rel", "start"}
        assert (attributes.get("href") or "https:").startswith(("https:", "mailto:"))
