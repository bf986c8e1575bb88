"""The page about scales shows what happens: its files are read again, and the commands say what it says they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

PAGE = (Path(__file__).parents[2] / "docs" / "guide-instruments.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", PAGE, re.DOTALL))
SHOWN = dict(re.findall(r"<!-- shown: (\w+) -->\n```\w*\n(.*?)\n```", PAGE, re.DOTALL))


@pytest.mark.parametrize("name", ["fill", "misfit"])
def test_the_page_about_scales_shows_what_a_command_says_today(equipoise: Shell, name: str) -> None:
    assert equipoise("new", "my-trial").code == 0
    for file, text in FILES.items():
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).write_text(text, encoding="utf-8")
    first, _, said = SHOWN[name].partition("\n")
    done = equipoise(*first.removeprefix("$ equipoise ").split())
    assert (done.out + done.err).rstrip() == said and said
