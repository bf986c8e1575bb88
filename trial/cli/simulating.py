"""`equipoise randomization simulate`: designs side by side on pretend people."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import typer

from reports.designs import COLUMNS, Simulated, designs_html, reasons, summary
from trial.cli.places import find_protocol
from trial.cli.tables import print_table
from trial.core.errors import BadInput, Problem
from trial.core.protocol import TrialProtocol
from trial.core.randomization import rule_of
from trial.core.randomization.minimisation import MinimisedFactor
from trial.stats.comparing import YARDSTICK, compare
from trial.stats.designs import Design, Setting, named
from trial.stats.dice import Dice
from trial.stats.error_rates import Bias, detectable
from trial.stats.sequences import Entry, drawn, given

OWN = "as declared"
MOST_DESIGNS, MOST_CELLS = 8, 60_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for."""

    n: int
    reps: int
    compare: str
    entry: Path | None
    seed: str
    trend: float
    eta: float
    correlation: float
    effect: float | None
    out: Path | None


def simulate_designs(name: str, wish: Wish) -> None:
    """Print the table and the recommendation, and write the report."""
    protocol = find_protocol(name).protocol
    if len(protocol.arms) < 2:
        raise BadInput.at(
            name, "the protocol has one arm: chance decides nothing.", "Name a protocol with two arms or more."
        )
    if protocol.allocation.cluster:
        mend = (
            "Try designs for the clusters with a protocol whose people are the units, and --n the number of clusters."
        )
        raise BadInput.at(
            name, "the protocol allocates clusters: the figures here are those of people one by one.", mend
        )
    if protocol.allocation.method == "listed":
        listed = "the protocol goes by an outside list, which says nothing of how it came about."
        raise BadInput.at(name, listed, "Name a copy of the protocol with the method by which the list was made.")
    setting = _setting(protocol)
    rows = _given(wish.entry, setting) if wish.entry else None
    n = len(rows) if rows is not None else wish.n
    if n * wish.reps > MOST_CELLS:
        raise BadInput.at("--reps", f"{n} people in {wish.reps} trials are too many at once.", "Use fewer.")
    designs = _designs(protocol, setting, wish.compare)
    sizes = [len(one.levels) for one in setting.factors]
    people = Dice("people", wish.seed)
    entry = (
        given(rows, sizes, wish.reps) if rows is not None else drawn(n, wish.reps, [[1] * one for one in sizes], people)
    )
    assumed, contrast = _assumed(protocol, setting, n, wish)
    with _progress(n) as show:
        compared = compare(designs, entry, assumed, wish.seed, show, _combine(protocol))
    factors = tuple((one.id, one.levels) for one in setting.factors)
    strata = _strata(entry, setting)
    given_people = rows is not None
    command = _command(name, wish)
    combined = tuple((one.id, tuple(one.levels)) for one in protocol.design.factors)
    what = Simulated(
        protocol.id, n, wish.reps, wish.seed, given_people, factors, strata, assumed, contrast, command, combined
    )
    print_table([COLUMNS, *summary(compared)])
    for line in ("", *reasons(compared, what)):
        typer.echo(line)
    if wish.out:
        wish.out.write_text(designs_html(compared, what), encoding="utf-8")
        typer.echo(f"\n{wish.out}")


def _setting(protocol: TrialProtocol) -> Setting:
    said = protocol.allocation
    factors = tuple(
        MinimisedFactor(one.id, tuple(level.id for level in one.levels), said.weights.get(one.id, 1))
        for one in said.strata
    )
    arms = protocol.open_arms
    return Setting(tuple(one.id for one in arms), tuple(one.ratio for one in arms), factors)


def _combine(protocol: TrialProtocol) -> list[list[int]]:
    """For each factor of a factorial design, the level of every arm."""
    return [[one.levels.index(arm.factors[one.id]) for arm in protocol.arms] for one in protocol.design.factors]


def _designs(protocol: TrialProtocol, setting: Setting, compared: str) -> list[Design]:
    """The protocol's own, those asked for, and simple randomisation as the yardstick; each once."""
    method = protocol.allocation.method
    own = Design(f"{OWN} ({method})", rule_of(protocol), setting.ratios)
    names = [one.strip() for one in compared.split(",") if one.strip()]
    names = list(dict.fromkeys([*names, YARDSTICK]))
    try:
        others = [named(one, setting) for one in names]
    except ValueError as error:
        raise BadInput.at("--compare", f"{error}.".replace("..", "."), "") from None
    found = [own, *(one for one in others if one.rule != own.rule or not one.strata or one.name == YARDSTICK)]
    if len(found) > MOST_DESIGNS:
        raise BadInput.at(
            "--compare", f"{len(found)} designs are too many to look at.", f"Name {MOST_DESIGNS - 2} or fewer."
        )
    return found


def _assumed(protocol: TrialProtocol, setting: Setting, n: int, wish: Wish) -> tuple[Bias, tuple[str, str]]:
    planned = protocol.analysis.primary.contrast
    one, other = planned if len(planned) == 2 and set(planned) <= set(setting.arms) else setting.arms[:2]
    places = setting.arms.index(one), setting.arms.index(other)
    alpha = 1 - protocol.analysis.level
    shares = [setting.ratios[place] / sum(setting.ratios) * n for place in places]
    per_arm = max(2.0, 2 / sum(1 / share for share in shares))
    effect = detectable(per_arm, wish.correlation, alpha=alpha) if wish.effect is None else wish.effect
    covariance = protocol.analysis.covariance
    return Bias(places, wish.correlation, effect, wish.trend, wish.eta, alpha, covariance), (one, other)


def _given(file: Path, setting: Setting) -> list[list[int]]:
    """The level of each factor of each person; every mistake with its line."""
    problems: list[Problem] = []
    rows: list[list[int]] = []
    with file.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened)
        missing = [one.id for one in setting.factors if one.id not in (reader.fieldnames or [])]
        if missing:
            raise BadInput.at(
                str(file), f"it has no column {', '.join(missing)}.", "Give each factor a column by its id."
            )
        for row in reader:
            levels = []
            for factor in setting.factors:
                if row[factor.id] in factor.levels:
                    levels.append(factor.levels.index(row[factor.id]))
                else:
                    what = f"{factor.id} has no level {row[factor.id]!r}."
                    mend = f"Its levels are {', '.join(factor.levels)}."
                    problems.append(Problem(str(file), reader.line_num, None, what, mend))
            rows.append(levels)
    if len(rows) < 4:
        problems.append(Problem(str(file), None, None, "it has fewer than 4 people.", "Give one line for each."))
    if problems:
        raise BadInput(problems)
    return rows


def _strata(entry: Entry, setting: Setting) -> tuple[str, ...]:
    """The strata that occur, in the order of their numbers."""
    names = ["/".join(levels) for levels in product(*(one.levels for one in setting.factors))]
    codes = np.zeros(entry.levels.shape[:2], np.int64)
    for place, size in enumerate(entry.sizes):
        codes = codes * size + entry.levels[:, :, place]
    return tuple(names[code] for code in np.unique(codes))


def _command(name: str, wish: Wish) -> str:
    words = ["equipoise", "randomization", "simulate", name, "--n", str(wish.n), "--reps", str(wish.reps)]
    words += ["--seed", wish.seed, "--trend", f"{wish.trend:g}", "--eta", f"{wish.eta:g}"]
    words += ["--correlation", f"{wish.correlation:g}"]
    for option, value in (("--compare", wish.compare), ("--effect", wish.effect), ("--entry", wish.entry)):
        if value not in ("", None):
            words += [option, str(value.name if isinstance(value, Path) else value)]
    return shlex.join(words)


@contextmanager
def _progress(n: int) -> Iterator[Callable[[str, int], None]]:
    """A line that says which design is in hand and how far, where somebody watches."""
    from rich.console import Console

    with Console(stderr=True).status("Simulating …") as status:

        def show(name: str, at: int) -> None:
            if at % 25 == 0 or at == n:
                status.update(f"Simulating {name}: {at} of {n} people …")

        yield show
