"""Chromium, headless, for pages served on loopback; and axe-core, which finds what shuts people out of a page."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Only pages of ours are opened, so the sandbox (which root cannot have) is off; the rest keeps the browser from
# looking for anything outside this machine.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding of axe-core: the rule, how bad it is, what is wrong, and the elements as CSS selectors."""

    rule: str
    impact: str
    help: str
    targets: tuple[str, ...]


def executable() -> str:
    """Return the system's Chromium; Playwright's own download is never used."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise RuntimeError("no Chromium on the PATH: run 'bash .ci/setup --tests'")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser with an empty profile, and close it at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def axe_violations(page: Page, *, tags: Sequence[str] = ()) -> list[Violation]:
    """Run axe-core on the page as it stands; all rules, or those with one of these tags (such as `wcag2aa`)."""
    if not AXE.exists():
        raise RuntimeError("axe-core is not installed: run 'bash .ci/setup --tests'")
    # evaluate, not a script element: the pages' Content-Security-Policy allows no foreign script
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, object] = {"runOnly": {"type": "tag", "values": list(tags)}} if tags else {}
    # the same rules run; of what passed, and there is a lot, nothing is brought out of the browser
    options |= {"resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options).then(found => found.violations)", options)
    return [
        Violation(item["id"], item["impact"], item["help"], tuple(str(node["target"][0]) for node in item["nodes"]))
        for item in found
    ]
