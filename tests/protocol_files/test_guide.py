"""The guide shows the protocol as it is: its excerpts are the shipped file's, and it leaves out no part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.protocol_files.folders import SHIPPED
from trial.core.instruments import Instrument, Score
from trial.core.protocol import Arm, Message, Timepoint, TrialProtocol
from trial.core.texts import PLACEHOLDERS
from trial.protocol_files import read_folder, shipped

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide-protocol.md").read_text(encoding="utf-8")
FILES = read_folder(shipped(SHIPPED)).files
EXCERPTS = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.S)


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=lambda text: text.strip().splitlines()[0])
def test_an_excerpt_of_the_guide_stands_in_the_shipped_protocol(excerpt: str) -> None:
    assert any(excerpt in text for text in FILES.values())


@pytest.mark.parametrize("model", [TrialProtocol, Arm, Timepoint, Message, Instrument, Score])
def test_the_guide_names_every_key_of_a_part(model: type[TrialProtocol]) -> None:
    keys = [field.alias or name for name, field in model.model_fields.items()]
    unnamed = [key for key in keys if not re.search(rf"\b{key}\b", GUIDE)]
    assert not unnamed


def test_the_guide_names_every_placeholder() -> None:
    assert all(f"{{{{ {name} }}}}" in GUIDE for name in PLACEHOLDERS)
