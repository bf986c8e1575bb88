"""The rows of wording.md."""

from __future__ import annotations

import pytest

from tests.protocol_files.wording.scale import redcap, refused, taken
from tests.spec.tables import rows


@pytest.mark.parametrize("row", rows("wording.md", "Items"), ids=lambda row: row["pasted"])
def test_pasted_items(row: dict[str, str]) -> None:
    expect(row["pasted"].replace(" / ", "\n"), "items.txt", row["outcome"])


@pytest.mark.parametrize("row", rows("wording.md", "Answers"), ids=lambda row: row["answers"])
def test_answers(row: dict[str, str]) -> None:
    expect(redcap(answers=row["answers"].replace(";", "|")), "dictionary.csv", row["outcome"])


def expect(raw: str | bytes, file: str, outcome: str) -> None:
    if outcome == "taken":
        taken(raw, file)
    else:
        assert any(outcome in one.what for one in refused(raw, file))
