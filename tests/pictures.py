"""Draws every page and state into docs/pictures, at the width of a phone and of a desk.

    python -m tests.pictures                      every page
    python -m tests.pictures stop consent         pages whose names begin so
    python -m tests.pictures --demo DIR           also a finished demo: a mail of each kind, the report, the PDF's pages

Pictures are cut off below a length that still shows what a page is like, and saved with few colours.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.pages.samples import SAMPLES, WIDTHS
from tests.pages.served import shown
from tests.servers.browser import chromium
from tests.web.desk_samples import HEADERS, drawn
from tests.web.desk_samples import SAMPLES as DESK

OUT = Path(__file__).parents[1] / "docs" / "pictures"
LONGEST = {"phone": 2000, "desktop": 1400}
LARGEST = 60_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw what was asked for, and say where it lies."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="beginnings of names; all pages if there are none")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--demo", type=Path, help="a finished demo's directory")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    names = tuple(given.names)
    with chromium() as browser:
        count = sum(1 for _ in draw_pages(browser, given.out, names))
        if given.demo:
            from tests.pictures_of_a_demo import draw_demo

            count += sum(1 for _ in draw_demo(browser, given.demo, given.out))
    print(f"{count} pictures in {given.out}")


def draw_pages(browser: Browser, out: Path, names: tuple[str, ...]) -> Iterator[Path]:
    """Every sample whose name begins with one of `names`, at each width."""
    for name, sample in SAMPLES.items():
        if names and not name.startswith(names):
            continue
        html = sample()
        for width, pixels in WIDTHS.items():
            with shown(browser, html, width=pixels, color_scheme="light") as page:
                yield take(page, out / f"{name}-{width}.png", LONGEST[width])
    for name in DESK:
        if names and not name.startswith(names):
            continue
        for width, pixels in WIDTHS.items():
            with shown(browser, drawn(name), width=pixels, headers=HEADERS, color_scheme="light") as page:
                yield take(page, out / f"{name}-{width}.png", LONGEST[width])
    for name in ("questionnaire", "writing"):
        if not names or name.startswith(names):
            with shown(browser, SAMPLES[name](), width=WIDTHS["phone"], color_scheme="dark") as page:
                yield take(page, out / f"{name}-dark-phone.png", LONGEST["phone"])


def take(page: Page, path: Path, longest: int) -> Path:
    """A picture of the page as it stands, cut off at `longest` pixels and small enough to keep."""
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), longest)
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.evaluate("document.activeElement.blur()")
    shot = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    return save(Image.open(BytesIO(shot)).convert("RGB"), path)


def save(picture: Image.Image, path: Path) -> Path:
    """The picture with as many colours as fit; ValueError where even four are too many."""
    for colours in (64, 32, 16, 8, 4):
        target = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
        if target.tell() <= LARGEST:
            path.write_bytes(target.getvalue())
            return path
    raise ValueError(f"{path.name} does not fit into {LARGEST} bytes; cut it shorter")


if __name__ == "__main__":
    main()
