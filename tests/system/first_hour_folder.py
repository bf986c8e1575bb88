"""The shipped trial `larger-trial` as a team fills it in: what only a team can know, plainly made up."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

from trial.protocol_files import read_folder, shipped

SCALES = ("cesd", "who5", "gad7", "scs")
CONTACT = "team@programme.equipoise"
_NOTE = re.compile(r"\*?\[The team[^\]]*\]\*?")


# what stands in the file, and what this team writes in its place; the days are put in
_ANSWERS = (
    (
        "  registration: null\n  sponsor: null\n  funder: null\n  ethics: null\n  countries: null\n  clinician: null\n",
        "  registration: {registry: A registry, number: MADE-UP-1, date: 'DAY'}\n"
        "  sponsor: The made-up institute\n  funder: none\n"
        "  ethics: {committee: The made-up committee, reference: MADE-UP-2, date: 'DAY'}\n"
        "  countries: [NL]\n"
        "  clinician: {name: A. Person, role: psychotherapist, reviewed_on: 'DAY'}\n"
        "  dates: {recruitment_from: 'DAY', recruitment_until: 'NEXT', last_follow_up: 'LAST'}\n"
        "  people:\n"
        "    - {name: A. Person, role: principal_investigator}\n"
        "    - {name: B. Person, role: statistician}\n",
    ),
    (
        "    - id: much_worse\n",
        "    - id: very_low\n      when: cesd >= 50\n      tier: alert\n"
        "      why: {en: This team wants to write to somebody whose mood is very low at the start.}\n"
        "    - id: much_worse\n",
    ),
    (
        "waivers:\n",
        "waivers:\n  - {code: I603, where: who5, reason: 'Made up: asked on DAY, allowed in writing.'}\n",
    ),
)
_RESOURCES = """\
schema: 1
resources:
  - country: NL
    name: {en: A made-up place to turn to}
    url: https://help.example.org
    source: Made up for trying the trial out
    checked_on: DAY
    checked_by: A. Person
  - country: everywhere
    name: {en: A made-up page that lists places}
    url: https://everywhere.example.org
    source: Made up for trying the trial out
    checked_on: DAY
    checked_by: A. Person
"""


def filled_in(folder: Path, today: date) -> Path:
    """A copy of the shipped folder at `folder`, filled in but for the wording of the scales."""
    shutil.copytree(shipped("larger-trial"), folder)
    days = {"DAY": today, "NEXT": today + timedelta(days=200), "LAST": today + timedelta(days=420)}
    path = folder / "protocol.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in _ANSWERS:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, _dated(new, days))
    path.write_text(_NOTE.sub("Written by the team.", text).replace("team@trial.example.org", CONTACT), "utf-8")
    for message in (folder / "messages").glob("*.md"):
        words = _NOTE.sub("Written by the team.", message.read_text(encoding="utf-8"))
        message.write_text(words.replace("team@trial.example.org", CONTACT), encoding="utf-8")
    (folder / "resources.yaml").write_text(_dated(_RESOURCES, days), encoding="utf-8")
    return folder


def _dated(text: str, days: dict[str, date]) -> str:
    for mark, day in days.items():
        text = text.replace(mark, day.isoformat())
    return text


def wording(folder: Path, place: Path) -> list[Path]:
    """For each scale a file as a team would have it, with made-up words where the official ones would stand."""
    instruments = read_folder(folder).instruments
    made = []
    for code in SCALES:
        lines = [f"Question {number} of this scale" for number in range(1, len(instruments[code].items) + 1)]
        made.append(place / f"{code}.txt")
        made[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made
