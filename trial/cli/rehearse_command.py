"""The words of `equipoise rehearse`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trial.cli.options import AsJson, Broker, Database, MaybeProtocol
from trial.core.errors import BadInput

# what the time machine takes
WITH_STEP = ("protocol", "seed", "out", "step", "port")


def rehearse(
    context: typer.Context,
    protocol: MaybeProtocol = None,
    participants: Annotated[int, typer.Option(min=1, max=100_000, help="How many pretend people arrive.")] = 400,
    seed: Annotated[int, typer.Option(help="The same seed gives the same trial, byte for byte.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where everything is written. Default: rehearsal; with --step rehearsal-step.", show_default=False
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="realistic, optimistic, bad-case, or a YAML file.")] = "realistic",
    not_at_random: Annotated[
        float | None,
        typer.Option(
            min=0, max=0.9, help="Weight of doing badly in who is lost; default: the profile's.", show_default=False
        ),
    ] = None,
    effect: Annotated[float, typer.Option(help="True difference at the primary timepoint, in SD.")] = 0.3,
    report: Annotated[bool, typer.Option("--report", help="Write the report on the pretend data as well.")] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="Through the services alone: no pages, no mail server; the same dataset.")
    ] = False,
    step: Annotated[
        bool, typer.Option("--step", help="Live it yourself, as any of its people, on a clock that you move.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65533, help="With --step: participants' pages; desk and time machine follow.")
    ] = 8765,
    faults: Annotated[
        bool, typer.Option("--faults", help="Kill whoever sends, lose rings, hang up on mails: by the seed's plan.")
    ] = False,
    kills_a_minute: Annotated[
        float, typer.Option(min=0.1, max=600, help="With --faults: kills in a minute in which mails are sent.")
    ] = 20.0,
    model_only: Annotated[
        bool, typer.Option("--model-only", help="No people: trials from dataset to estimate, as `power` counts them.")
    ] = False,
    replicates: Annotated[int, typer.Option(min=20, max=1_000_000, help="With --model-only: how many trials.")] = 1000,
    database_url: Database = None,
    broker_url: Broker = None,
    workers: Annotated[
        bool, typer.Option(help="Start Celery worker and beat; --no-workers where you started them by hand.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Live a trial before anybody does, and read what would go wrong: a page with findings, the worst first.

    Exit code 0 also where something must be mended: a rehearsal that found it did its work.

    With --step it is served on this machine with a time machine: join, jump to "day 5, 19:05" of a person, open their
    mail and answer it as they would. The same command on the same folder goes on where it stopped.

    Examples:\n
      equipoise rehearse my-trial --participants 400 --seed 7 --report\n
      equipoise rehearse my-trial --participants 400 --effect 0.3 --model-only --replicates 1000\n
      equipoise rehearse my-trial --step\n
      equipoise rehearse --step --out rehearsal-step
    """
    if step:
        from trial.cli.stepping import DEFAULT_OUT, run_stepping

        _require_none_but(context, WITH_STEP)
        run_stepping(protocol, seed=seed, out=out or DEFAULT_OUT, port=port)
        return
    if protocol is None:
        raise BadInput.at(
            "PROTOCOL", "no protocol is named.", "Name a folder, or one that ships: equipoise rehearse PROTOCOL"
        )
    if model_only:
        from trial.cli.powering import of_model_alone

        of_model_alone(
            protocol, participants, effect, profile, replicates, seed, not_at_random,
            lived=fast or report or faults, as_json=as_json,
        )  # fmt: skip
        return
    from trial.cli.living import Wish
    from trial.cli.rehearsing import run_rehearsal
    from trial.cli.under_faults import plan_of
    from trial.rehearsal.profile import people_of

    where = out or Path("rehearsal")
    habits = people_of(profile, not_at_random)
    plan = plan_of(seed, kills_a_minute, fast=fast, workers=workers) if faults else None
    wish = Wish(protocol, participants, seed, where, effect, database_url, broker_url, workers, habits, fast, plan)
    run_rehearsal(wish, report=report, as_json=as_json)


def _require_none_but(context: typer.Context, names: tuple[str, ...]) -> None:
    """BadInput for an option that was given and would do nothing."""
    given = [name for name in context.params if _is_given(context, name) and name not in names]
    if given:
        option = f"--{given[0].removeprefix('as_').replace('_', '-')}"
        what = "this is of no use with --step, where the one who lives the trial is you."
        raise BadInput.at(option, what, f"Leave it out, or leave out --step. Beside it there are: {_options(names)}.")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _options(names: tuple[str, ...]) -> str:
    return ", ".join(f"--{one}" for one in names if one not in ("protocol", "step"))
