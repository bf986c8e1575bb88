"""Pictures of what a finished demo left: a mail of each kind, the report at both widths, the pages of the PDF."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import typst
from PIL import Image
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.pages.samples import WIDTHS
from tests.pages.served import shown
from tests.pictures import LONGEST, save, take
from trial.mail.mailbox_files import StoredMail, read_mailbox

SLICES = {"phone": 6, "desktop": 8}
PAPER = 700


def draw_demo(browser: Browser, demo: Path, out: Path) -> Iterator[Path]:
    """Every picture of one demo's directory."""
    for mail in one_of_each(demo / "mailbox"):
        name = "mail-" + re.sub(r"[^a-z]+", "-", mail.subject.lower()).strip("-")[:40]
        for width, pixels in WIDTHS.items():
            with shown(browser, mail.html, width=pixels, headers={}) as page:  # a mail brings its styles with it
                yield take(page, out / f"{name}-{width}.png", LONGEST[width])
    yield from _report(browser, demo / "report.html", out)
    yield from _paper(demo / "report.pdf", out)


def one_of_each(mailbox: Path) -> list[StoredMail]:
    """The first mail under each subject."""
    found: dict[str, StoredMail] = {}
    for mail in read_mailbox(mailbox):
        found.setdefault(mail.subject, mail)
    return list(found.values())


def _report(browser: Browser, report: Path, out: Path) -> Iterator[Path]:
    for width, pixels in WIDTHS.items():
        context = browser.new_context(viewport={"width": pixels, "height": 900})
        page = context.new_page()
        page.goto(report.resolve().as_uri())
        for number, picture in enumerate(_slices(page, LONGEST[width]), start=1):
            if number <= SLICES[width]:
                yield save(picture, out / f"demo-report-{width}-{number}.png")
        context.close()


def _slices(page: Page, height: int) -> Iterator[Image.Image]:
    whole = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    for top in range(0, whole.height, height):
        yield whole.crop((0, top, whole.width, min(top + height, whole.height)))


def _paper(pdf: Path, out: Path) -> Iterator[Path]:
    """Each page of the PDF, drawn by typst, which is here anyway."""
    with TemporaryDirectory() as folder:
        shutil.copy(pdf, Path(folder) / "report.pdf")
        source = Path(folder) / "page.typ"
        for number in range(1, len(PdfReader(pdf).pages) + 1):
            set_page = "#set page(width: auto, height: auto, margin: 0pt)\n"
            source.write_text(f'{set_page}#image("report.pdf", page: {number})', encoding="utf-8")
            drawn = typst.compile(str(source), root=folder, format="png", ppi=96.0)
            picture = Image.open(BytesIO(drawn)).convert("RGB")
            picture.thumbnail((PAPER, PAPER * 2))
            yield save(picture, out / f"demo-paper-{number}.png")
