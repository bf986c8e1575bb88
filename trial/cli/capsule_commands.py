"""The words of `equipoise capsule`: what others check a trial by and build on, and that check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from trial.cli.options import AsJson, Database, Home


class _MakeUnlessNamed(TyperGroup):
    """`equipoise capsule TRIAL` is `equipoise capsule make TRIAL`; a trial named verify takes the long form."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["make", *args]
        return super().parse_args(ctx, args)


capsule = typer.Typer(
    cls=_MakeUnlessNamed,
    no_args_is_help=True,
    help="A trial's data, protocol, software versions and results as one folder: equipoise capsule TRIAL --out DIR",
)


@capsule.command("make")
def make(
    source: Annotated[
        str, typer.Argument(metavar="TRIAL", help="A frozen trial's name, or a folder that freeze made.")
    ],
    out: Annotated[Path | None, typer.Option(help="A new folder; not with --dry-run.", show_default=False)] = None,
    public: Annotated[
        bool, typer.Option("--public/--restricted", help="Those who agreed to sharing, or everybody.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be in it, and write nothing.")] = False,
    k: Annotated[int, typer.Option("-k", "--k", min=2, max=100, help="People whom each class should have.")] = 5,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="A baseline fact that stays out of a public one; may be repeated.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="The date it bears, as 2031-05-20; default: today.", show_default=False)
    ] = None,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Make a capsule of a frozen trial.

    Restricted: everybody, as frozen, and what builds the report again. Public: those who agreed that their answers are
    shared, under new ids and coarse, with numbers of its own; refused where too few agreed.

    Examples:

      equipoise capsule make frozen --public --dry-run

      equipoise capsule make my-trial --home my-home --public --out public
    """
    from trial.cli.capsules import Asked, make_capsule

    make_capsule(
        source,
        Asked(out, public, dry_run, k, tuple(leave_out or ()), date),
        home=home,
        database_url=database_url,
    )


@capsule.command("verify")
def verify(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A capsule.")],
    as_json: AsJson = False,
) -> None:
    """Check a capsule's files, and make its results again.

    From the capsule alone: each file against its checksum, results.json byte for byte, and in a restricted one every
    allocation.

    Example:  equipoise capsule verify public
    """
    from trial.cli.capsules import verify_capsule

    verify_capsule(directory, as_json=as_json)
