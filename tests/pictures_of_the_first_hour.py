"""Lives the first hour with a live trial and keeps a picture of each page that docs/first-hour.md shows.

python -m tests.pictures_of_the_first_hour
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from tests.pictures import OUT, take
from tests.servers.browser import chromium
from tests.system.first_hour import Look, first_hour, live

LONGEST = 1500


def keeping(out: Path) -> Look:
    """Every page that is looked at, as hour-NAME.png."""

    def look(name: str, page: Page) -> None:
        take(page, out / f"hour-{name}.png", LONGEST)

    return look


def main() -> None:
    """Draw them all, and say how long the hour took to live."""
    with TemporaryDirectory() as place, chromium() as browser, first_hour(Path(place), browser, keeping(OUT)) as hour:
        live(hour)
    print(f"{len(list(OUT.glob('hour-*.png')))} pictures in {OUT}")


if __name__ == "__main__":
    main()
