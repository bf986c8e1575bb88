"""A frozen directory of pretend people for tests, from any protocol and a seed: same seed, same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from reports.frozen import FILES, PUBLISHED, data_digest
from reports.variables import asked_at, possible_range, questionnaire_timepoints, timepoints_of, variables
from trial.core.adherence import dose
from trial.core.consort import closing_day
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
from trial.core.protocol import Activity, Timepoint
from trial.core.scoring import span
from trial.protocol_files import ProtocolFolder, read_folder

SMALL_TRIAL = Path(__file__).parent / "small_trial"
SOURCES = ("", "poster", "newsletter")
EARLY_STAGES = ("address_not_confirmed", "declined", "consent_not_given", "baseline_not_finished", "recruitment_closed")
STOP_REASONS = ("no_time", "upset_me", "not_said", "not_helping")


@dataclass
class Files:
    """The rows of a freeze before they are written."""

    dispositions: list[Disposition] = field(default_factory=list)
    dataset: list[list[Any]] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    contacts: list[ContactRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    harms: list[HarmRow] = field(default_factory=list)


@dataclass
class Person:
    code: str
    arm: str
    covariates: Mapping[str, str]
    latent: float
    stopped: Literal["", "exercises", "questionnaires", "everything"]
    stopped_day: int | None
    bounced_day: int | None


def build_freeze(
    directory: Path, *, protocol: Path = SMALL_TRIAL, randomized: int = 60, seed: int = 11, rehearsal: bool = True
) -> Path:
    """Write a whole freeze and return its directory."""
    folder = read_folder(protocol)
    simulation = Simulation(folder, np.random.default_rng(seed))
    simulation.run(randomized)
    write_freeze(directory, folder, simulation.files, simulation.header, seed=seed, rehearsal=rehearsal)
    return directory


def entered_by_the_team(code: str, number: int) -> list[HarmRow]:
    """What the team learned of every tenth person, and how it judged: now and then twice of one person."""
    if number % 10:
        return []
    mild = HarmRow(
        code, 12, "team", "", None, 1, "Headache", False, "", "mild", "possible", "expected", 11, "recovered", "nothing"
    )  # fmt: skip
    serious = HarmRow(
        code, 20, "team", "", None, 2, "Low mood", True, "hospital+other_important", "severe", "probable", "unexpected",
        None, "not_recovered", "exercises",
    )  # fmt: skip
    return [mild, serious, mild] if number % 20 == 0 else [mild]


class Simulation:
    """Pretend people, drawn one after the other."""

    def __init__(self, folder: ProtocolFolder, dice: np.random.Generator) -> None:
        self.folder, self.protocol, self.dice, self.files = folder, folder.protocol, dice, Files()
        self.other_dice = np.random.default_rng(20261127)  # what is drawn by these leaves the rest as it was
        named = [*self.protocol.analysis.baseline_table, *(one.id for one in self.protocol.allocation.strata)]
        self.scores = list(dict.fromkeys(outcome.score for outcome in self.protocol.outcomes))
        self.covariates = [name for name in variables(folder, dict.fromkeys(named)) if name not in self.scores]
        self.header = dataset_header(self.scores, self.covariates)

    def run(self, randomized: int) -> None:
        for number in range(1, randomized // 2 + 1):
            self.not_randomized(f"S{number:04}")
        for number in range(1, randomized + 1):
            self.participant(f"P{number:04}", number)

    def chance(self, probability: float) -> bool:
        return bool(self.dice.random() < probability)

    def pick(self, choices: Any) -> Any:
        return choices[int(self.dice.integers(len(choices)))]

    def not_randomized(self, code: str) -> None:
        source = self.pick(SOURCES)
        self.files.events.append(EventRow(code, 0, "screened", ""))
        if self.chance(0.5):
            reason = self.pick([one.id for one in self.protocol.eligibility.criteria])
            self.files.dispositions.append(Disposition(code, "not_eligible", reason, source))
        else:
            self.files.dispositions.append(Disposition(code, self.pick(EARLY_STAGES), "", source))

    def participant(self, code: str, number: int) -> None:
        arms = [arm.id for arm in self.protocol.arms]
        person = Person(code, arms[(number + number // 7) % len(arms)], {}, float(self.dice.normal()), "", None, None)
        if self.chance(0.2):
            person.stopped = "everything" if self.chance(0.5) else "exercises"
            person.stopped_day = int(self.dice.integers(1, 30))
        if self.chance(0.04):
            person.bounced_day = int(self.dice.integers(1, 10))
        person.covariates = {name: self.covariate(name) for name in self.covariates}
        self.files.events += [EventRow(code, 0, "consented", ""), EventRow(code, 0, "randomized", "")]
        done, due = self.exercises(person)
        for point in questionnaire_timepoints(self.protocol):
            self.questionnaire(person, point)
        if self.chance(0.05):
            self.files.events.append(EventRow(code, 9, "adverse_event_reported", ""))
            self.files.harms.append(HarmRow(code, 9, "participant", "", None, 0))
        self.files.harms += entered_by_the_team(code, number)
        its = dose(self.protocol.arm(person.arm), due, done)
        reason = self.pick(STOP_REASONS) if person.stopped else ""
        self.files.dispositions.append(
            Disposition(
                code, "randomized", "", self.pick(SOURCES), person.arm, self.stratum(person), number, due, done,
                its.received, its.minimum, person.stopped, person.stopped_day, reason, person.bounced_day,
            )
        )  # fmt: skip

    def stratum(self, person: Person) -> str:
        return "/".join(person.covariates[factor.id] for factor in self.protocol.allocation.strata)

    def covariate(self, name: str) -> str:
        meaning = variables(self.folder, [name])[name]
        if meaning.kind == "number":
            return str(int(self.dice.integers(18, 80)))
        return str(self.pick([level for level, _ in meaning.levels]))

    def takes(self, person: Person, day: int, *, exercise: bool) -> bool:
        stopped = person.stopped_day is not None and person.stopped_day <= day
        if stopped and (exercise or person.stopped == "everything"):
            return False
        return person.bounced_day is None or person.bounced_day > day

    def exercises(self, person: Person) -> tuple[int, int]:
        done = due = 0
        for point in self.protocol.timepoints:
            if point.anchor == "consent" or not any(self.protocol.is_exercise(name) for name in point.activities):
                continue
            for occurrence, day in self.protocol.occurrences(point):
                due += 1
                takes = self.takes(person, day, exercise=True)
                self.contact(person, point, occurrence, day, takes)
                if takes and self.chance(0.75):
                    done += 1
                    self.files.events.append(EventRow(person.code, day, "exercise_done", f"{point.id}:{occurrence}"))
                    self.dose(person, point, occurrence)
        return done, due

    def dose(self, person: Person, point: Timepoint, occurrence: int) -> None:
        """Ten minutes open and five in use, a minute more at each occasion; every other person has no scripts."""
        for one in self.protocol.activities_at(point, person.arm):
            if self.protocol.is_exercise(one.id):
                seconds = {"seconds_open": 540 + 60 * occurrence, "seconds_active": 240 + 60 * occurrence}
                if int(person.code[1:]) % 2:
                    del seconds["seconds_active"]
                for part in ("seconds_open", "seconds_active", "characters"):
                    value = str(seconds.get(part, ""))
                    row = ItemRow(person.code, point.id, occurrence, one.id, f"{one.id}_{part}", value)
                    self.files.items.append(row)

    def contact(self, person: Person, point: Timepoint, occurrence: int, day: int, takes: bool) -> None:
        stream = self.protocol.message(str(point.invitation)).stream
        stopped = person.stopped_day is not None and person.stopped_day <= day
        state, reason = ("accepted", "") if takes else ("suppressed", "stopped" if stopped else "address_bounced")
        row = ContactRow(
            person.code, str(point.invitation), stream, point.id, occurrence, 0, day, state, reason, int(takes)
        )
        self.files.contacts.append(row)

    def questionnaire(self, person: Person, point: Timepoint) -> None:
        baseline = point.anchor == "consent"
        day = 0 if baseline else min(point.days)
        takes = baseline or self.takes(person, day, exercise=False)
        if not baseline:
            self.contact(person, point, 1, day, takes)
        if not (baseline or (takes and self.chance(0.8))):
            return
        answered = day + (0 if baseline else int(self.dice.integers(0, closing_day(point) - day)))
        row: list[Any] = [person.code, person.arm, point.id, answered, False]
        scores = {name: self.score(person, name, point) for name in self.scores}
        row += scores.values()
        self.answers(person, point, scores)
        row += [person.covariates[name] if baseline else "" for name in self.covariates]
        self.files.dataset.append(row)
        harms = self.protocol.harms
        if asked_at(self.folder, point, harms.instrument, person.arm):
            worse = "yes" if self.chance(0.15) else "no"
            column = f"{harms.instrument}_{harms.item}"
            self.files.items.append(ItemRow(person.code, point.id, 1, "measures", column, worse))
        self.files.events.append(EventRow(person.code, answered, "questionnaire_done", f"{point.id}:1"))

    def answers(self, person: Person, point: Timepoint, scores: Mapping[str, float | None]) -> None:
        """Scale items about as high on their scale as the score on its own, each with something of its own."""
        given: dict[str, ItemRow] = {}
        for tool in self.folder.instruments.values():
            asking = [one.id for one in self.protocol.activities_at(point, person.arm) if asks(one, tool.code)]
            for score in tool.scores:
                value, (low, high) = scores.get(score.id), possible_range(self.folder, score.id)
                wanted = tool.scored_items(score) if value is not None and asking else []
                for item in [one for one in tool.items if one.id in wanted and one.type == "scale"]:
                    column, (lowest, highest) = tool.column(item), span(tool, item)
                    middle = lowest + (highest - lowest) * ((value or 0) - low) / (high - low)
                    turned = lowest + highest - middle if item.id in score.reverse else middle
                    answer = int(np.clip(round(turned + 0.7 * self.other_dice.normal()), lowest, highest))
                    given.setdefault(column, ItemRow(person.code, point.id, 1, asking[0], column, str(answer)))
        self.files.items += given.values()

    def score(self, person: Person, name: str, point: Timepoint) -> float | None:
        if point.id not in [one.id for one in timepoints_of(self.folder, name)] or self.chance(0.02):
            return None
        low, high = possible_range(self.folder, name)
        better = -1 if name == self.scores[0] else 1
        gain = 0.0 if point.anchor == "consent" else 0.3 + 0.25 * (person.arm == self.protocol.arms[0].id)
        middle = 0.4 + 0.13 * (better * gain + person.latent + 0.6 * float(self.dice.normal()))
        step = 1 if high - low > 8 else 12
        return float(np.clip(round((low + (high - low) * middle) * step) / step, low, high))


def asks(activity: Activity, instrument: str) -> bool:
    """Whether this instrument is part of the activity."""
    return instrument in getattr(activity, "instruments", ())


def write_freeze(
    directory: Path, folder: ProtocolFolder, files: Files, header: list[str], *, seed: int, rehearsal: bool
) -> None:
    """The rows as the files of a freeze, with the digest over them."""
    directory.mkdir(parents=True, exist_ok=True)
    for path, text in folder.files.items():
        target = directory / "protocol" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    contents = {
        "dataset.csv": write_table(header, files.dataset),
        "items.csv": write_rows(files.items, ItemRow),
        "contacts.csv": write_rows(files.contacts, ContactRow),
        "events.csv": write_rows(files.events, EventRow),
        "harms.csv": write_rows(files.harms, HarmRow),
        "disposition.csv": write_rows(files.dispositions, Disposition),
        "codebook.csv": write_rows(
            [CodebookRow("dataset.csv", name, name, "text", "") for name in header], CodebookRow
        ),
    }
    for name, text in contents.items():
        (directory / name).write_bytes(text.encode())
    people = sum(one.stage == "randomized" for one in files.dispositions)
    (directory / "conduct.json").write_text(json.dumps(conduct(people)), encoding="utf-8")
    seal(directory, folder, seed=seed, rehearsal=rehearsal)


def conduct(people: int) -> dict[str, Any]:
    """Everybody came within four weeks, most in the second."""
    weeks = [people // 5, people // 2, 0]
    return {
        "opened": "2026-01-05",
        "recruitment_closed": "2026-02-02",
        "frozen": "2026-09-01",
        "randomised_by_week": [*weeks, people - sum(weeks)],
        "versions": [{"version": "1.0", "registered": "2026-01-05", "class": None}],
        "deviations": [{"kind": "timing", "n": 2, "important": 1}],
    }


def seal(directory: Path, folder: ProtocolFolder | None = None, *, seed: int = 11, rehearsal: bool = True) -> None:
    """Write freeze.json for the files as they stand; call it again after changing one on purpose."""
    folder = folder or read_folder(directory / "protocol")
    plan = folder.protocol.analysis.primary
    truth = {"outcome": plan.outcome, "timepoint": plan.timepoint, "contrast": list(plan.contrast), "effect": -0.9}
    record = {
        "trial": {"slug": "pretend", "kind": "rehearsal" if rehearsal else "live"},
        "protocol": {"id": folder.protocol.id, "version": folder.protocol.version, "digest": folder.digest},
        "randomization": {
            "rule_version": "1",
            "seed_digest": "5eed" * 16,
            "published": "before the first enrolment",
        },
        "recruitment": {"target": folder.protocol.sample_size.target, "weeks": 4},
        "software": {"name": "equipoise", "version": "0.1.0"},
        "digest": digest_of(directory),
        "rehearsal": {
            "participants": 60,
            "seed": seed,
            "effect": 0.3,
            "truth": [truth],
            "power": 0.31,
            "participants_needed": 420,
        }
        if rehearsal
        else None,
    }
    (directory / "freeze.json").write_text(json.dumps(record, indent=2), encoding="utf-8")


def digest_of(directory: Path) -> str:
    """The digest of the files as they stand."""
    names = [*FILES, *(name for name in PUBLISHED if (directory / name).is_file())]
    return data_digest({name: (directory / name).read_bytes() for name in names})


def resealed(directory: Path, files: Mapping[str, str]) -> Path:
    """These files written on purpose, and freeze.json with the digest over all."""
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    record = json.loads((directory / "freeze.json").read_text(encoding="utf-8"))
    record["digest"] = digest_of(directory)
    (directory / "freeze.json").write_text(json.dumps(record), encoding="utf-8")
    return directory
