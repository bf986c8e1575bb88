"""Every design that ships: its report is whole, its links lead somewhere, its page for participants is one page."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from reports.consort import lay
from reports.document import Figure
from reports.frozen import read_frozen
from reports.html import render_html
from reports.results import frozen_results
from reports.sections import document
from tests.reports.builder import build_freeze
from tests.reports.test_narrow_forest import MOST_POINTS
from trial.protocol_files import shipped

EXAMPLES = sorted(f"examples/{one.name}" for one in shipped("examples").iterdir() if (one / "protocol.yaml").is_file())


@pytest.mark.parametrize("name", [*EXAMPLES, "neff-2007"])  # which has one arm
def test_the_report_of_every_design_is_whole(name: str, tmp_path: Path) -> None:
    frozen = read_frozen(build_freeze(tmp_path, protocol=shipped(name)))
    results = frozen_results(frozen)
    made = document(results, frozen.folder)
    page = render_html(made)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    assert not re.search(r"double[\s\u2010-\u2015-]*(blind|mask)", page, re.IGNORECASE)  # people report on themselves
    for figure in (block for section in made.sections for block in section.blocks if isinstance(block, Figure)):
        if figure.id in ("forest-figure", "risks-figure", "margin-figure") or figure.id.startswith("factors-"):
            assert figure.narrow and figure.narrow.width <= MOST_POINTS, figure.id  # names have no room on a phone
            assert figure.narrow.description == figure.drawing.description
    single = frozen.folder.protocol.design.type == "single_arm"
    assert ("checklist" in [one.id for one in made.sections]) != single
    for language in lay.offered(frozen.folder):
        told = lay.as_pdf(lay.summary(results, frozen.folder, language), language)
        assert len(PdfReader(io.BytesIO(told)).pages) == 1
