"""A frozen folder of as many pretend people and waves as wanted, in the layout of a real freeze, for benchmarks.

Two arms; a questionnaire of eight items at every wave, a fifth of the later ones not answered; three evenings of
exercises with their dose; mails with a reminder each; people who stopped, bounced, or reported harm; half as many again
who were assessed and not randomised. The protocol is the small trial of the tests with these waves, an ANCOVA as its
primary analysis and a mixed model for repeated measures beside it. Same numbers, same bytes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from tests.reports.builder import SMALL_TRIAL, seal
from trial.core.dataset import (
    CodebookRow,
    ContactRow,
    Disposition,
    EventRow,
    HarmRow,
    ItemRow,
    dataset_header,
    write_rows,
    write_table,
)
from trial.core.dose import DOSE
from trial.protocol_files import read_folder

ARMS, EVENINGS, ITEMS = ("gratitude", "chores"), 3, 7
LOST, ASSESSED = 0.2, 0.5
KINDS = {
    "items.csv": ItemRow, "contacts.csv": ContactRow, "events.csv": EventRow, "harms.csv": HarmRow,
    "disposition.csv": Disposition,
}  # fmt: skip
Numbers = npt.NDArray[np.int64]


def freeze(directory: Path, people: int, waves: int, seed: int = 1) -> Path:
    """Write the whole folder and return it; `waves` are the baseline and those after it."""
    directory.mkdir(parents=True)
    _protocol(directory / "protocol", waves)
    header = dataset_header(["mood", "calm"], ["age", "sleeps_well", "mood_level"])
    with ExitStack() as stack:
        files = {name: stack.enter_context((directory / name).open("w", encoding="utf-8")) for name in KINDS}
        for name, kind in KINDS.items():
            files[name].write(write_rows([], kind))
        files["dataset.csv"] = stack.enter_context((directory / "dataset.csv").open("w", encoding="utf-8"))
        files["dataset.csv"].write(write_table(header, []))
        _Writer(files, waves, np.random.default_rng(seed)).run(people)
    rows = [CodebookRow("dataset.csv", name, name, "text", "") for name in header]
    (directory / "codebook.csv").write_text(write_rows(rows, CodebookRow), encoding="utf-8")
    seal(directory, read_folder(directory / "protocol"), seed=seed)
    return directory


def _protocol(directory: Path, waves: int) -> None:
    """The small trial, asked every other week."""
    shutil.copytree(SMALL_TRIAL, directory)
    file = directory / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    head, later = text.index("  - id: week_2\n"), text.index("messages:\n  - ")
    points = "".join(
        f"  - id: {name}\n    label: {{en: {2 * wave} weeks}}\n    days: [{14 * wave}]\n    time: '18:00'\n"
        "    activities: [measures]\n    closes_after: 7 days\n    invitation: questionnaire\n"
        "    reminders: [{after: 3 days, message: reminder}]\n"
        for wave, name in enumerate(_names(waves)[1:], start=1)
    )
    text, last = text[:head] + points + text[later:], _names(waves)[-1]
    contrast = "contrast: [gratitude, chores]"
    plan = (
        f"analysis:\n  method: ancova\n  primary: {{outcome: low_mood, timepoint: {last}, {contrast}}}\n"
        "  secondary:\n    multiplicity: holm\n    analyses:\n"
        f"      - {{outcome: low_mood, timepoint: {last}, method: mmrm, {contrast}}}\n"
        f"      - {{outcome: calmness, timepoint: {last}, {contrast}}}\n"
        "  sensitivity:\n"
        "    - {id: followed, method: per_protocol, assumption: {en: Those who do enough are like the others.}}\n"
        "  baseline_table: [age, sleeps_well, mood, calm, mood_level]\n"
    )
    file.write_text(re.sub(r"^analysis:\n(  .*\n)+", plan, text, flags=re.M), encoding="utf-8")


def _names(waves: int) -> list[str]:
    return ["baseline", *(f"week_{2 * wave}" for wave in range(1, waves))]


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """What is drawn of everybody at once: each array has one row per person."""

    answers: Numbers  # (n, waves, 7), 0 to 3
    answered: npt.NDArray[np.bool_]  # (n, waves)
    done: npt.NDArray[np.bool_]  # (n, evenings)
    age: Numbers
    sleeps: npt.NDArray[np.bool_]
    stopped: Numbers  # the day, 0 for nobody
    harmed: npt.NDArray[np.bool_]
    worse: npt.NDArray[np.bool_]  # (n, waves)


class _Writer:
    """Writes person after person, some thousand drawn at a time."""

    AT_ONCE = 5000

    def __init__(self, files: dict[str, TextIO], waves: int, dice: np.random.Generator) -> None:
        self.files, self.names, self.dice = files, _names(waves), dice

    def run(self, people: int) -> None:
        for first in range(0, people, self.AT_ONCE):
            n = min(self.AT_ONCE, people - first)
            arms = self.dice.integers(0, 2, n)
            drawn = self._drawn(n, arms)
            for at in range(n):
                self._person(first + at, at, int(arms[at]), drawn)
        for number in range(int(people * ASSESSED)):
            code = f"S{number:07}"
            self._rows("events.csv", [f"{code},0,screened,"])
            stage = ("not_eligible,adult", "declined,", "consent_not_given,", "baseline_not_finished,")[number % 4]
            self._rows("disposition.csv", [f"{code},{stage},poster,,,,0,0,,,,,,,,1,,"])

    def _drawn(self, n: int, arms: Numbers) -> _People:
        dice, waves = self.dice, len(self.names)
        latent = dice.normal(size=(n, 1)) + 0.5 * dice.normal(size=(n, waves))
        latent -= 0.02 * (1 - arms)[:, None] * np.arange(waves)
        answers = np.clip(np.rint(1.5 + latent[:, :, None] + 0.7 * dice.normal(size=(n, waves, ITEMS))), 0, 3)
        answered = dice.random((n, waves)) >= LOST
        answered[:, 0] = True
        stopped = np.where(dice.random(n) < 0.05, dice.integers(1, 14 * waves, n), 0)
        answered &= (stopped == 0)[:, None] | (14 * np.arange(waves) < stopped[:, None])
        done = (dice.random((n, EVENINGS)) < 0.8) & ((stopped == 0)[:, None] | (np.arange(1, 4) < stopped[:, None]))
        return _People(
            answers.astype(np.int64), answered, done, dice.integers(18, 80, n), dice.random(n) < 0.6, stopped,
            dice.random(n) < 0.02, dice.random((n, waves)) < 0.1,
        )  # fmt: skip

    def _rows(self, name: str, rows: Iterable[str]) -> None:
        self.files[name].writelines(f"{row}\n" for row in rows)

    def _person(self, number: int, at: int, arm: int, drawn: _People) -> None:
        code, stop = f"P{number:07}", int(drawn.stopped[at])
        asked = drawn.answers[at].tolist()
        answered = [wave for wave, said in enumerate(drawn.answered[at].tolist()) if said]
        level = "high" if sum(asked[0][:5]) >= 8 else "low"
        self._rows("dataset.csv", self._dataset(code, ARMS[arm], asked, answered, at, drawn, level))
        self._rows("items.csv", self._items(code, ARMS[arm], asked, answered, at, drawn))
        self._rows("contacts.csv", self._contacts(code, answered, stop))
        evenings = [evening for evening, did in enumerate(drawn.done[at].tolist(), start=1) if did]
        events = ["0,screened,", "0,address_confirmed,", "0,consented,", "0,questionnaire_done,baseline:1"]
        events += ["0,randomized,", *(f"{evening},exercise_done,evening:{evening}" for evening in evenings)]
        events += [f"{14 * wave},questionnaire_done,{self.names[wave]}:1" for wave in answered[1:]]
        events += ["9,adverse_event_reported,"] if drawn.harmed[at] else []
        self._rows("events.csv", (f"{code},{event}" for event in events))
        if drawn.harmed[at]:
            self._rows("harms.csv", [f"{code},9,participant,,,0,,,,,,,,,"])
        yes = "yes" if evenings else "no", "yes" if len(evenings) > 1 else "no"
        stopped = f"exercises,{stop},no_time" if stop else ",,"
        said = f"newsletter,{ARMS[arm]},{level},{number + 1},{EVENINGS},{len(evenings)},{yes[0]},{yes[1]},{stopped}"
        self._rows("disposition.csv", [f"{code},randomized,,{said},,yes,1,,"])

    def _dataset(
        self, code: str, arm: str, asked: list[list[int]], answered: Sequence[int], at: int, drawn: _People, level: str
    ) -> Iterator[str]:
        facts = f"{drawn.age[at]},{'yes' if drawn.sleeps[at] else 'no'},{level}"
        for wave in answered:
            calm = sum(asked[wave][5:]) / 2
            row = f"{code},{arm},{self.names[wave]},{14 * wave},no,{sum(asked[wave][:5])},{calm:g}"
            yield f"{row},{facts}" if not wave else f"{row},,,"

    def _items(
        self, code: str, arm: str, asked: list[list[int]], answered: Sequence[int], at: int, drawn: _People
    ) -> Iterator[str]:
        for wave in answered:
            where = f"{code},{self.names[wave]},1,measures{'' if wave else '_baseline'}"
            for item, value in enumerate(asked[wave], start=1):
                yield f"{where},feeling_{item},{value},no,no"
            if wave:
                yield f"{where},after_worse,{'yes' if drawn.worse[at, wave] else 'no'},no,no"
        for evening in np.flatnonzero(drawn.done[at]) + 1:
            for part, (name, _) in enumerate(DOSE):
                seconds = (300, 200, 150)[part % 3] + 7 * (at % 50)
                yield f"{code},evening,{evening},{arm},{arm}_{name},{seconds},no,no"

    def _contacts(self, code: str, answered: Sequence[int], stop: int) -> Iterator[str]:
        yield f"{code},code,service,,1,0,0,accepted,,1"
        for evening in range(1, EVENINGS + 1):
            end = "suppressed,stopped,0" if stop and evening >= stop else "accepted,,1"
            yield f"{code},evening,exercises,evening,{evening},0,{evening},{end}"
        for wave, name in enumerate(self.names[1:], start=1):
            yield f"{code},questionnaire,questionnaires,{name},1,0,{14 * wave},accepted,,1"
            end = "suppressed,already_answered,0" if wave in answered else "accepted,,1"
            yield f"{code},reminder,questionnaires,{name},1,1,{14 * wave + 3},{end}"
