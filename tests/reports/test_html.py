"""The HTML report: one file, readable by everybody, and no text in it is ever markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reports.frozen import Frozen, read_frozen
from reports.html import render_html
from reports.results import frozen_results
from reports.sections import document
from trial.protocol_files import ProtocolFolder

HOSTILE = '<script>alert(1)</script> & "quotes" #let x = 1 $y$ *bold* \\ `code` @ref'


@pytest.fixture(scope="module")
def frozen(frozen_trial: Path) -> Frozen:
    return read_frozen(frozen_trial)


@pytest.fixture(scope="module")
def page(frozen: Frozen) -> str:
    return render_html(document(frozen_results(frozen), frozen.folder))


class Elements(HTMLParser):
    """Every element with its attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile(folder: ProtocolFolder) -> ProtocolFolder:
    """The protocol with a nasty text wherever a text can stand."""
    tree = json.loads(folder.protocol.model_dump_json(by_alias=True))
    nasty = folder.protocol.model_validate(_spoiled(tree))
    tools = {
        code: tool.model_validate(_spoiled(json.loads(tool.model_dump_json(by_alias=True))))
        for code, tool in folder.instruments.items()
    }
    return ProtocolFolder(nasty, tools, folder.texts, folder.files, folder.digest)


def _spoiled(node: Any) -> Any:
    if isinstance(node, dict):
        if set(node) == {"en"} and isinstance(node["en"], str):
            return {"en": HOSTILE}
        return {key: _spoiled(value) for key, value in node.items()}
    return [_spoiled(each) for each in node] if isinstance(node, list) else node


def test_the_file_stands_alone(page: str) -> None:
    for tag, attributes in Elements(page).found:
        assert tag not in {"script", "link", "img", "iframe", "object", "form"}
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "@import" not in page and not re.search(r"url\((?!#)", page)


def test_ids_are_unique_and_every_reference_leads_somewhere(page: str) -> None:
    elements = Elements(page).found
    ids = [str(attributes["id"]) for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in elements:
        wanted = [*(attributes.get("aria-labelledby") or "").split()]
        wanted += [(attributes.get(name) or "")[1:] for name in ("href", "xlink:href") if attributes.get(name)]
        assert set(wanted) <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_headings_are_in_order_and_every_section_has_one(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(page).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    sections = [attributes for tag, attributes in Elements(page).found if tag == "section"]
    assert len(sections) == levels.count(2) == 21


def test_every_table_has_a_caption_and_row_headings(page: str) -> None:
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) >= 10
    for table in tables:
        assert "<caption" in table
        body = table.split("<tbody")[1]
        assert body.count('scope="row') == body.count("<tr")


def test_a_rehearsal_is_marked_and_tells_the_truth(page: str) -> None:
    assert page.count("all participants are pretend people") >= 2
    assert "would usually miss it: its power is 31%" in page


def test_a_real_trial_is_not_marked(frozen: Frozen) -> None:
    results = frozen_results(frozen) | {"rehearsal": None}
    results["trial"] |= {"kind": "live"}
    live = render_html(document(results, frozen.folder))
    assert "pretend" not in live and "ehearsal" not in live


def test_no_p_value_is_zero(frozen: Frozen) -> None:
    results = frozen_results(frozen)
    for one in results["estimates"]:
        one["p"] = 1e-30
    page = render_html(document(results, frozen.folder)).replace("\u00a0", " ")
    assert "p &lt; 0.001" in page
    assert not re.search(r"p = 0\.0+\b|>0\.000?<", page)


def test_texts_of_a_protocol_are_never_markup(frozen: Frozen) -> None:
    page = render_html(document(frozen_results(frozen), hostile(frozen.folder)))
    assert "<script>" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 50


def test_an_analysis_that_failed_says_why(frozen: Frozen) -> None:
    results = frozen_results(frozen)
    results["estimates"][1] |= {"estimate": None, "ci": None, "g": None, "p": None, "problem": "Nobody came back."}
    page = render_html(document(results, frozen.folder))
    assert "Not estimated: Low mood, 6 weeks, Gratitude list minus Chores list. Nobody came back." in page
    assert "1 could not be carried out: Low mood at 6 weeks." in page


def test_every_count_of_the_flow_stands_in_diagram_and_table(frozen: Frozen, page: str) -> None:
    for arm in frozen_results(frozen)["flow"]["arms"]:
        for key in ("allocated", "lost", "analysed"):
            assert f"(n\u00a0=\u00a0{arm[key]})" in page
            assert f"<td>{arm[key]}</td>" in page
