"""What a fault run is: one sentence that it claims, its forms, and a result that says whether the claim held.

A run is one module `tNN_*.py` of this folder with a `RUN`. `python -m tests.faults` finds them all, prints one JSON
line for each and writes the rows of docs/reliability.md; pytest runs the short forms (`tests/faults/test_runs_*.py`).
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

T = TypeVar("T")
Value = int | float | str
SHORT = "short"
_MODULE = re.compile(r"t(\d\d)_\w+\.py")


@dataclass(frozen=True, slots=True)
class Chance:
    """Dice of one run: the same seed gives the same faults. Each question is a key of its own."""

    seed: int

    def uniform(self, *key: object) -> float:
        """A number from 0 to just below 1."""
        return int.from_bytes(blake2b(f"{self.seed}|{key}".encode(), digest_size=7).digest(), "big") / 2**56

    def choice(self, values: Sequence[T], *key: object) -> T:
        return values[int(self.uniform(*key) * len(values))]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something done to a system `at` so many seconds after the load began; `which` of several, where there are."""

    at: float
    what: str
    which: int = 0

    def __str__(self) -> str:
        return f"{self.at:7.2f} s  {self.what} {self.which}"


@dataclass(slots=True)
class Watch:
    """What a run is given beside its parameters: dice, a place for its files, and where it says what it does."""

    chance: Chance
    folder: Path
    say: Callable[[str], object] = lambda _: None
    # whoever has servers already (pytest) lends them; a run that kills or restarts one starts its own
    lent: Mapping[str, Any] = field(default_factory=dict)
    schedule: list[Fault] = field(default_factory=list)
    done: list[Fault] = field(default_factory=list)

    def plan(
        self, what: str, *, every: float, seconds: float, among: int = 1, first: float | None = None
    ) -> list[Fault]:
        """A fault about every so many seconds (a quarter of it more or less), to one of several, for so long."""
        start = every if first is None else first
        width = 0.5 * min(every, start)
        moments = [start + number * every for number in range(int((seconds - start) / every) + 1)]
        planned = [
            Fault(
                round(moment + width * (self.chance.uniform(what, number, "when") - 0.5), 3),
                what,
                int(among * self.chance.uniform(what, number, "which")),
            )
            for number, moment in enumerate(moments)
        ]
        self.schedule = sorted([*self.schedule, *planned], key=lambda one: one.at)
        return planned

    def note(self, began: float, what: str, which: int = 0) -> None:
        """A fault was injected just now."""
        self.done.append(Fault(round(time.monotonic() - began, 3), what, which))


@dataclass(frozen=True, slots=True)
class Result:
    """What came out. `bounds` are sentences, each true or not; a figure that a run has no use for stays None.

    `lost`: planned in the ledger, and neither in the mailbox nor counted as unknown. `doubled`: copies above one, by
    Message-ID. Both are counted at the mailbox. `words` is what the table says; `more` further figures of this run.
    """

    load: str
    faults: Mapping[str, int]
    bounds: Mapping[str, bool]
    words: str
    lost: int | None = None
    doubled: int | None = None
    unknown: int | None = None
    late_p50_s: float | None = None
    late_p95_s: float | None = None
    drain_s: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        return bool(self.bounds) and all(self.bounds.values())

    @property
    def broken(self) -> list[str]:
        return [bound for bound, true in self.bounds.items() if not true]


@dataclass(frozen=True, slots=True)
class Run:
    """A fault run. Each form is one set of parameters with one row in the table; `short` is what CI runs."""

    name: str
    claim: str
    forms: Mapping[str, Mapping[str, Value]]
    do: Callable[[Any, Watch], Result]

    @property
    def long_forms(self) -> list[str]:
        return [form for form in self.forms if not form.startswith(SHORT)]

    @property
    def short_forms(self) -> list[str]:
        return [form for form in self.forms if form.startswith(SHORT)]

    def command(self, form: str, seed: int, changed: Mapping[str, Value]) -> str:
        """How to have the same again."""
        words = ["python", "-m", "tests.faults", self.name, "--form", form, "--seed", str(seed)]
        for name, value in changed.items():
            words += [f"--{name.replace('_', '-')}", str(value)]
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Finding:
    """A result with where it came from."""

    run: Run
    form: str
    seed: int
    command: str
    result: Result

    def line(self) -> dict[str, Any]:
        """What is printed as one line of JSON."""
        result = self.result
        names = ("load", "lost", "doubled", "unknown", "late_p50_s", "late_p95_s", "drain_s")
        figures = {name: getattr(result, name) for name in names}
        return {
            "test": self.run.name,
            "form": self.form,
            **figures,
            "faults": dict(result.faults),
            **result.more,
            "bounds": dict(result.bounds),
            "held": result.held,
            "seed": self.seed,
            "command": self.command,
        }


def perform(run: Run, form: str, watch: Watch, changed: Mapping[str, Value] | None = None) -> Finding:
    """Run one form, some of its parameters changed."""
    unknown = set(changed or {}) - set(run.forms[form])
    if unknown:
        raise ValueError(f"{run.name} has no {', '.join(sorted(unknown))}; it has {', '.join(run.forms[form])}")
    given = SimpleNamespace(**{**run.forms[form], **(changed or {})})
    command = run.command(form, watch.chance.seed, changed or {})
    watch.say(f"{run.name} {form}: {run.claim}")
    return Finding(run, form, watch.chance.seed, command, run.do(given, watch))


def all_runs() -> dict[str, Run]:
    """Every run of this folder, by name, in the order of their numbers."""
    found = sorted(path.stem for path in Path(__file__).parent.iterdir() if _MODULE.fullmatch(path.name))
    runs = [import_module(f"tests.faults.runs.{name}").RUN for name in found]
    return {run.name: run for run in runs}


def short_forms(*names: str) -> list[tuple[str, str]]:
    """(run, form) of what CI runs of these runs."""
    runs = all_runs()
    return [(name, form) for name in names for form in runs[name].short_forms]


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that this share does not exceed; None of nothing."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else None
