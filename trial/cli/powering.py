"""`equipoise power`: pretend trials from dataset to primary estimate, counted, and laid beside the closed formula."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from reports.power import COLUMNS, Case, power_html, power_json, sentences, summary, warnings
from trial.cli.places import find_protocol
from trial.cli.tables import print_table
from trial.core.errors import BadInput
from trial.protocol_files import ProtocolFolder
from trial.rehearsal.closed_form import closed_form
from trial.rehearsal.counted import PRIMARY, declared
from trial.rehearsal.in_words import rehearsed
from trial.rehearsal.joint_model import JointModel, joint_model
from trial.rehearsal.power import Asked, Job, Spread, jobs_of, nothing_there, over_processes, simulated
from trial.rehearsal.profile_file import ProfileFile, as_planned, names, read_profile
from trial.stats.power_of_plan import ClosedPower
from trial.stats.simulated_power import characteristics

AS_PLANNED = "as-planned"
FEWEST, MOST, MOST_CASES, LARGEST = 8, 20_000, 60, 3.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for."""

    n: str | None
    effect: str | None
    profile: str
    replicates: int
    seed: int
    processes: int
    broker_url: str | None
    not_at_random: float | None
    analysis: str
    out: Path | None
    as_json: bool


def know_power(name: str, wish: Wish) -> None:
    """Print the table and the sentences, and write the page."""
    folder = find_protocol(name)
    profile = _profile(folder, wish)
    model, planned = joint_model(folder, profile), declared(folder.protocol, wish.analysis)
    nothing = nothing_there(model)
    sizes = _sizes(folder, wish)
    # nothing to find is always run: what is found there is an error
    effects = list(dict.fromkeys([*_effects(folder, wish), nothing]))
    if len(sizes) * len(effects) > MOST_CASES:
        raise BadInput.at("--n", f"{len(sizes) * len(effects)} sizes and effects are too many at once.", "Name fewer.")
    cases = _cases(model, wish, sizes, effects)
    what = rehearsed(model, planned, nothing, _closed(model, wish, sizes[0], effects[0]), _about(name, wish))
    if wish.out:
        wish.out.write_text(power_html(cases, what), encoding="utf-8")
    if wish.as_json:
        typer.echo(json.dumps(power_json(cases, what), indent=2, ensure_ascii=False))
        return
    print_table([COLUMNS, *summary(cases, what)])
    for line in (*sentences(cases, what), *warnings(cases, what)):
        typer.echo(f"\n{line}")
    if wish.out:
        typer.echo(f"\n{wish.out}")


def of_model_alone(
    name: str,
    participants: int,
    effect: float,
    profile: str,
    replicates: int,
    seed: int,
    not_at_random: float | None,
    *,
    lived: bool,
    as_json: bool,
) -> None:
    """`equipoise rehearse --model-only`: what `equipoise power` counts, of the size and effect of the rehearsal."""
    if lived:
        what = "nobody lives the trial, so that --fast, --report and --faults have nothing to work on."
        raise BadInput.at("--model-only", what, "Leave it out, or leave them out.")
    wish = Wish(
        n=str(participants),
        effect=repr(effect),
        profile=profile,
        replicates=replicates,
        seed=seed,
        processes=0,
        broker_url=None,
        not_at_random=not_at_random,
        analysis=PRIMARY,
        out=None,
        as_json=as_json,
    )
    know_power(name, wish)


def _cases(model: JointModel, wish: Wish, sizes: Sequence[int], effects: Sequence[float]) -> list[Case]:
    jobs = jobs_of(sizes, effects, wish.replicates)
    # each process takes one processor, not all of them
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    processes = min(wish.processes or os.cpu_count() or 1, len(jobs))
    asked = Asked(model.folder, model.profile, wish.seed, wish.analysis)
    with _progress(len(jobs)) as show:
        tallies = simulated(asked, jobs, _spread(wish, processes), show)
    return [
        Case(n, effect, its.trials, its.refused, characteristics(its), _closed(model, wish, n, effect).power)
        for (n, effect), its in tallies.items()
    ]


def _closed(model: JointModel, wish: Wish, n: int, effect: float) -> ClosedPower:
    if wish.analysis == PRIMARY:
        return closed_form(model, n, effect)
    return ClosedPower(n, None, "it is that of the primary analysis, and this one fills in the missing.")


def _spread(wish: Wish, processes: int) -> Spread:
    """However it is spread, the figures are the same."""
    if wish.broker_url is None:
        return over_processes(processes)
    from workers.power import over_workers

    return over_workers(wish.broker_url)


def _profile(folder: ProtocolFolder, wish: Wish) -> ProfileFile:
    profile = read_profile(wish.profile) if wish.profile != AS_PLANNED else as_planned(folder.protocol)
    return profile if wish.not_at_random is None else profile.not_at_random(wish.not_at_random)


def _sizes(folder: ProtocolFolder, wish: Wish) -> list[int]:
    if wish.n is None:
        return [folder.protocol.sample_size.target]
    found = []
    for text in wish.n.split(","):
        value = int(text) if text.strip().isdecimal() else 0
        if not FEWEST <= value <= MOST:
            what = f"{text.strip()[:20]!r} is no number of people from {FEWEST} to {MOST:,}."
            raise BadInput.at("--n", what, "Write whole numbers with commas, as in 200,300,400.")
        found.append(value)
    return list(dict.fromkeys(found))


def _effects(folder: ProtocolFolder, wish: Wish) -> list[float]:
    if wish.effect is None:
        assumed = folder.protocol.sample_size.assumptions
        if assumed is None:
            what = "the protocol assumes no difference that could stand in for it."
            raise BadInput.at("--effect", what, "Name one in standard deviations, as in --effect 0.3.")
        spread = assumed.standard_deviation or 1.0
        return [assumed.difference / spread if assumed.in_units_of == "score" else assumed.difference]
    found = []
    for text in wish.effect.split(","):
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not abs(value) <= LARGEST:
            what = f"{text.strip()[:20]!r} is no effect in standard deviations, within {LARGEST:g} of none."
            raise BadInput.at("--effect", what, "Write numbers with commas, as in 0.2,0.3.")
        found.append(value + 0.0)  # -0 is 0
    return list(dict.fromkeys(found))


def _about(name: str, wish: Wish) -> tuple[int, int, str]:
    """(seed, replicates, the command that gives this again)."""
    words = ["equipoise", "power", name]
    wanted = (
        ("--n", wish.n), ("--effect", wish.effect), ("--not-at-random", wish.not_at_random),
        ("--analysis", wish.analysis or None),
    )  # fmt: skip
    for option, value in wanted:
        words += [option, str(value)] if value is not None else []
    words += ["--profile", wish.profile if wish.profile in (*names(), AS_PLANNED) else Path(wish.profile).name]
    words += ["--replicates", str(wish.replicates), "--seed", str(wish.seed)]
    return wish.seed, wish.replicates, shlex.join(words)


@contextmanager
def _progress(batches: int) -> Iterator[Callable[[Job], None]]:
    """On stderr which size and effect is in hand, and how far, where somebody watches."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Simulating …", total=batches)

        def show(job: Job) -> None:
            words = f"Simulating {job.n} people, effect {job.effect:g}: trial {job.last} …"
            progress.update(task, advance=1, description=words)

        yield show
