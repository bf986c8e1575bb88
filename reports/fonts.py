"""The fonts that documents and figures are set in: those that come with Typst and Matplotlib, looked up once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typst import Fonts


@cache
def fonts() -> Fonts:
    """For every `typst.compile`: to look through the folder again takes longer than to draw most figures."""
    import typst
    from matplotlib import get_data_path

    return typst.Fonts(include_system_fonts=False, font_paths=[Path(get_data_path()) / "fonts" / "ttf"])
