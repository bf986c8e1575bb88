"""Files that stand beside a report: the checklist as CSV, and what came out in plain words for those who took part."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from reports.consort import checklist, lay
from reports.document import Section
from reports.labels import Labels
from trial.protocol_files import ProtocolFolder

CHECKLIST = "checklist.csv"
LAY = "lay-summary"


def beside(
    results: Mapping[str, Any], folder: ProtocolFolder, formats: Collection[str], sections: Sequence[Section]
) -> dict[str, bytes]:
    """Name to bytes: the checklist goes with the page of the report; a single arm has none.

    The lay summary comes in each language of the protocol that our own words are translated to.
    """
    made: dict[str, bytes] = {}
    lines = checklist.lines(results, Labels(folder), sections)
    if lines and "html" in formats:
        made[CHECKLIST] = checklist.as_csv(lines)
    for language in lay.offered(folder):
        page = lay.summary(results, folder, language)
        if "html" in formats:
            made[f"{LAY}.{language}.html"] = lay.as_html(page, language).encode()
        if "pdf" in formats:
            made[f"{LAY}.{language}.pdf"] = lay.as_pdf(page, language)
    return made
