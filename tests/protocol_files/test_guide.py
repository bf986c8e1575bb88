"""The guide shows the protocol as it is: its excerpts are the shipped file's, and it leaves out no part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import trial.core.protocol as language
from tests.core import kinds
from tests.reports.planned import PLANS
from trial.core import instruments
from trial.core.instruments import Instrument
from trial.core.texts import PLACEHOLDERS, Part
from trial.protocol_files import shipped, shipped_instruments

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide-protocol.md").read_text(encoding="utf-8")
# excerpts of exercises stand in the small trial of the tests that holds every kind, those of plans beside theirs
FILES = [
    path.read_text(encoding="utf-8") for place in (shipped(""), kinds.PATH, PLANS) for path in place.rglob("*.yaml")
]
EXCERPTS = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.S)


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=lambda text: text.strip().splitlines()[0])
def test_an_excerpt_of_the_guide_stands_in_the_shipped_protocol(excerpt: str) -> None:
    assert any(excerpt in text for text in FILES)


def parts() -> list[type[Part]]:
    """Every part of a protocol and of an instrument."""
    found = [one for one in vars(language).values() if isinstance(one, type) and issubclass(one, Part)]
    more = [Instrument, *(one for one in vars(instruments).values() if isinstance(one, type) and issubclass(one, Part))]
    return sorted({*found, *more} - {Part}, key=lambda one: one.__name__)


@pytest.mark.parametrize("model", parts(), ids=lambda one: one.__name__)
def test_the_guide_names_every_key_of_a_part(model: type[Part]) -> None:
    keys = [field.alias or name for name, field in model.model_fields.items()]
    unnamed = [key for key in keys if not re.search(rf"\b{key}\b", GUIDE)]
    assert not unnamed


def test_the_guide_names_every_shipped_instrument() -> None:
    assert [code for code in shipped_instruments() if f"`{code}`" not in GUIDE] == []


def test_the_guide_names_every_placeholder() -> None:
    assert all(f"{{{{ {name} }}}}" in GUIDE for name in PLACEHOLDERS)
