"""Puts what the commands print today into the documents: the default demo's summary, its data, its flow diagram.

    .venv/bin/python docs/renew.py

It runs `equipoise check` and `equipoise demo` in an empty folder and rewrites what stands between the marks. Sentences
around the marks may speak of the figures: read them again after a change.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from itertools import takewhile
from pathlib import Path

from trial.core.linting.page import page as linter_page

ROOT = Path(__file__).parents[1]
PROTOCOL = "shapira-mongrain-2010"
PAGES = ("README.md", "docs/guide-researcher.md", "docs/rehearsal.md")
WIDE = re.compile(r'<svg[^>]*aria-labelledby="flow-wide.*?</svg>', re.DOTALL)


def main() -> None:
    """Run the commands, then write the pages that show what they print, and that of the linter."""
    (ROOT / "docs" / "linter.md").write_text(linter_page(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        checked = run(place, "check", PROTOCOL)
        summary = run(place, "demo")
        demo = Path(place) / "equipoise-demo"
        head = (demo / "dataset.csv").read_text(encoding="utf-8").splitlines()[:3]
        diagram = on_white((demo / "report.html").read_text(encoding="utf-8"))
    shown = {
        "check": f"$ equipoise check {PROTOCOL}\n{checked}",
        "summary": summary,
        "demo": f"$ equipoise demo\n{summary}",
        "primary": primary(summary),
        "dataset": "\n".join(["$ head -3 equipoise-demo/dataset.csv", *head]),
    }
    for page in PAGES:
        path = ROOT / page
        path.write_text(renewed(path.read_text(encoding="utf-8"), shown), encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    picture = ROOT / "docs/pictures/flow.svg"
    picture.write_text(diagram, encoding="utf-8")
    sys.stdout.write(f"{picture}\n")


def run(place: str, *words: str) -> str:
    """What a command prints, without settings of another installation."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    command = [str(Path(sys.executable).with_name("equipoise")), *words]
    return subprocess.run(command, cwd=place, env=plain, check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip()


def renewed(text: str, shown: dict[str, str]) -> str:
    """The page with each `<!-- shown: NAME -->` followed by a fenced block of today's words."""

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}{shown[found[2]]}\n```"

    return re.sub(r"(<!-- shown: (\w+) -->\n```\w*\n).*?\n```", block, text, flags=re.DOTALL)


def primary(summary: str) -> str:
    """The lines from `Primary:` to the next empty one."""
    lines = summary.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Primary:"))
    return "\n".join(takewhile(str.strip, lines[start:]))


def on_white(report: str) -> str:
    """The report's wide diagram as a picture of its own: black on white, whatever the page around it."""
    found = WIDE.search(report)
    if found is None:
        raise SystemExit("the report holds no flow diagram that could be shown")
    svg = found[0].replace(' fill="currentColor"><title', ' fill="currentColor" color="#1b1f24"><title', 1)
    return svg.replace("</desc>", '</desc><rect x="0" y="-1" width="100%" height="100%" fill="#ffffff"/>', 1) + "\n"


if __name__ == "__main__":
    main()
