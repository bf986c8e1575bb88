"""Puts what the commands print today into the documents: walks, the default demo's summary, data and flow diagram.

    .venv/bin/python docs/renew.py
    .venv/bin/python docs/renew.py docs/guide-rehearsal.md

It runs the commands in an empty folder, on the files that the pages show after `<!-- file: … -->`, and rewrites what
stands between the marks; with pages named, only what these show. Sentences around the marks may speak of the figures:
read them again after a change.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from itertools import takewhile
from pathlib import Path

from trial.core.linting.page import page as linter_page

ROOT = Path(__file__).parents[1]
PROTOCOL = "shapira-mongrain-2010"
PAGES = (
    "README.md", "docs/guide-researcher.md", "docs/guide-instruments.md", "docs/rehearsal.md", "docs/randomisation.md",
    "docs/guide-power.md", "docs/guide-rehearsal.md",
)  # fmt: skip
# the report of simulated designs that is kept, and a trial judged by other lists of its rule
DESIGNS = (
    "randomization simulate larger-trial --n 120 --reps 10000 --seed 1 "
    "--compare big_stick:3:overall,minimisation:0.8,permuted_blocks:4 --out larger-trial.html"
)
# the trial that ships as planned: simulated power beside that of its formula
POWER = "power larger-trial --n 844,1128 --effect 0.2 --profile as-planned --replicates 1000 --seed 1"
JUDGED = "randomization test equipoise-demo --outcome depression --timepoint week_4"
# a size that counts on the loss that was rehearsed, and its reason
RESIZED = {
    "  target: 324\n": "  target: 380\n",
    "324 people, 162 in each of two arms, leave about 113 in each arm after a loss of 30 %. With 113 in each arm the":
    "380 people, 190 in each of two arms, leave about 114 in each arm after a loss of 40 %. With 113 in each arm the",
    "    attrition: 0.3\n": "    attrition: 0.4\n",
}  # fmt: skip
# a reminder of the evening that the quiet hours swallow
IN_TIME, LATE = "{after: 2 hours, message: evening_reminder}", "{after: 4 hours, message: evening_reminder}"
MONTH = "  - id: month_1\n    label: {en: 1 month}\n    days: [30]"
SHOWN = re.compile(r"<!-- shown: (\w+) -->")
WIDE = re.compile(r'<svg[^>]*aria-labelledby="flow-wide.*?</svg>', re.DOTALL)


def main(pages: list[str]) -> None:
    """Run the commands, then write the pages that show what they print, and that of the linter."""
    unknown = [one for one in pages if one not in PAGES]
    if unknown:
        raise SystemExit(f"{unknown[0]} shows nothing that is renewed. These do: {', '.join(PAGES)}")
    if not pages:
        (ROOT / "docs" / "linter.md").write_text(linter_page(), encoding="utf-8")
    texts = {page: (ROOT / page).read_text(encoding="utf-8") for page in pages or PAGES}
    wanted = {name for text in texts.values() for name in SHOWN.findall(text)}
    shown: dict[str, str] = {}
    for names, make in MAKERS.items():
        if not pages or wanted & set(names.split()):
            shown |= make()
    for page in texts:
        (ROOT / page).write_text(renewed((ROOT / page).read_text(encoding="utf-8"), shown), encoding="utf-8")
        sys.stdout.write(f"{ROOT / page}\n")


def demonstrated() -> dict[str, str]:
    """The protocol that ships first checked and lived, with the picture of its flow."""
    with tempfile.TemporaryDirectory() as place:
        checked = run(place, "check", PROTOCOL)
        summary = run(place, "demo")
        demo = Path(place) / "equipoise-demo"
        head = (demo / "dataset.csv").read_text(encoding="utf-8").splitlines()[:3]
        diagram = on_white((demo / "report.html").read_text(encoding="utf-8"))
    picture = ROOT / "docs/pictures/flow.svg"
    picture.write_text(diagram, encoding="utf-8")
    sys.stdout.write(f"{picture}\n")
    return {
        "check": f"$ equipoise check {PROTOCOL}\n{checked}",
        "summary": summary,
        "demo": f"$ equipoise demo\n{summary}",
        "primary": primary(summary),
        "dataset": "\n".join(["$ head -3 equipoise-demo/dataset.csv", *head]),
    }


def late_reminder() -> dict[str, str]:
    """A shipped trial with a reminder that comes too late, rehearsed; mended, and rehearsed again."""
    line = "rehearse my-trial --participants 40 --seed 7 --fast"
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(ROOT / "protocols" / PROTOCOL, Path(place) / "my-trial")
        file = Path(place) / "my-trial" / "protocol.yaml"
        after = file.read_text(encoding="utf-8")
        if after.count(IN_TIME) != 1:
            raise SystemExit(f"{PROTOCOL} does not say {IN_TIME} once")
        before = after.replace(IN_TIME, LATE)
        file.write_text(before, encoding="utf-8")
        found = {"late": said(place, line)}
        file.write_text(after, encoding="utf-8")
        changed = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=0)
        return found | {"earlier": "\n".join(list(changed)[2:]), "in_time": said(place, line)}


def walks() -> dict[str, str]:
    """The walk of somebody who starts a trial, and of somebody who fills in a scale."""
    with tempfile.TemporaryDirectory() as place:
        found = {"new": said(place, "new my-trial --design two-arm --title 'Two ways to write'")}
        shutil.copytree(Path(place) / "my-trial", Path(place) / "as-it-was")
        file = Path(place) / "my-trial" / "protocol.yaml"
        before = file.read_text(encoding="utf-8")
        after = before.replace("  - id: week_4\n    label: {en: 4 weeks}\n    days: [28]", MONTH)
        file.write_text(after, encoding="utf-8")
        changed = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=1)
        found |= {"edit": "\n".join(list(changed)[2:]), "broken": said(place, "check my-trial", code=2)}
        file.write_text(after.replace("week_4", "month_1"), encoding="utf-8")
        found["mended"] = f"$ equipoise check my-trial | tail -4\n{last(4, run(place, 'check', 'my-trial'))}"
        found["show"] = said(place, "protocol show my-trial --out for-the-board")
        found["diff"] = said(place, "protocol diff as-it-was my-trial")
        found |= rehearsed(place, file)
        for name, text in written(ROOT / "docs" / "guide-instruments.md").items():
            (Path(place) / name).parent.mkdir(exist_ok=True)
            (Path(place) / name).write_text(text, encoding="utf-8")
        found["fill"] = said(place, "instruments fill kettle --from dictionary.csv --protocol my-trial --yes")
        found["misfit"] = said(place, "instruments fill kettle --from pasted.txt --protocol my-trial", code=2)
    return found


def rehearsed(place: str, file: Path) -> dict[str, str]:
    """The same trial rehearsed, changed by what that showed, rehearsed again, and its power known."""
    line = "rehearse my-trial --participants 100 --seed 7"
    found = {"rehearsed": said(place, line)}
    before = file.read_text(encoding="utf-8")
    after = before
    for old, new in RESIZED.items():
        after = after.replace(old, new)
    file.write_text(after, encoding="utf-8")
    changed = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=0)
    found["again"] = said(place, line)
    found["status"] = said(place, "status my-trial --home rehearsal")
    found["resized"] = "\n".join(list(changed)[2:])
    return found | {"known": said(place, "power my-trial --replicates 1000 --seed 7")}


def chance() -> dict[str, str]:
    """Designs tried out, with the report that is kept; a rehearsed trial judged by other lists of its own rule."""
    with tempfile.TemporaryDirectory() as place:
        designs = run(place, *shlex.split(DESIGNS)).removesuffix("larger-trial.html").rstrip()
        shutil.copy(Path(place) / "larger-trial.html", ROOT / "docs" / "simulated" / "larger-trial.html")
        run(place, "demo", str(ROOT / "protocols" / "examples" / "attention-control"))
        return {"designs": designs, "judged": said(place, JUDGED), "power": said(place, POWER)}


def last(count: int, text: str) -> str:
    """The last lines of a text."""
    return "\n".join(text.splitlines()[-count:])


def written(page: Path) -> dict[str, str]:
    """The files that a page shows, by name."""
    return dict(re.findall(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))


def said(place: str, line: str, *, code: int = 0) -> str:
    """A command as it is typed, and what it says; it must end with this code."""
    return f"$ equipoise {line}\n{run(place, *shlex.split(line), code=code)}"


def run(place: str, *words: str, code: int = 0) -> str:
    """What a command prints, without settings of another installation."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("EQUIPOISE_")}
    command = [str(Path(sys.executable).with_name("equipoise")), *words]
    kept = None if code == 0 else subprocess.PIPE
    done = subprocess.run(command, cwd=place, env=plain, stdout=subprocess.PIPE, stderr=kept, text=True)
    if done.returncode != code:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}, not {code}")
    return (done.stdout + (done.stderr or "")).rstrip()


def renewed(text: str, shown: dict[str, str]) -> str:
    """The page with each `<!-- shown: NAME -->` followed by a fenced block of today's words."""

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}{shown[found[2]]}\n```"

    return re.sub(r"(<!-- shown: (\w+) -->\n```\w*\n).*?\n?```", block, text, flags=re.DOTALL)


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


# what each of them makes, by name
MAKERS = {
    "check summary demo primary dataset": demonstrated,
    "new edit broken mended show diff rehearsed resized again status known fill misfit": walks,
    "designs judged power": chance,
    "late earlier in_time": late_reminder,
}

if __name__ == "__main__":
    main(sys.argv[1:])
