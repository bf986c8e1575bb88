"""The words of `equipoise lock` and `unlock`."""

from __future__ import annotations

from typing import Annotated

import typer

from trial.cli.options import Alone, Approve, Ask, Database, Home, TrialName


def lock(
    trial: TrialName,
    ask: Ask = None,
    approve: Approve = False,
    alone: Alone = False,
    with_open: Annotated[
        bool, typer.Option("--with-open", help="Although matters are open; WHY says why, the report lists them.")
    ] = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Lock the data: no answer is taken any more.

    It takes two members: one asks and says why, another approves; the protocol may let one person do it alone. Prints
    the digest of the data as they are then. The trial must have ended recruitment; open matters are closed, or listed.

    Examples:\n
      equipoise lock my-trial --ask "The last window has closed, every query is answered."\n
      equipoise lock my-trial --approve
    """
    from trial.cli.locking import Wish
    from trial.cli.locking import lock as run
    from trial.core.two_person import ActKind

    run(trial, ActKind.LOCK, Wish(ask, approve, alone, with_open), home=home, database_url=database_url)


def unlock(
    trial: TrialName,
    ask: Ask = None,
    approve: Approve = False,
    alone: Alone = False,
    home: Home = None,
    database_url: Database = None,
) -> None:
    """Unlock the data.

    With a reason and two members, as the lock; the next lock takes a digest of its own. The report lists both.

    Examples:\n
      equipoise unlock my-trial --ask "A batch of paper questionnaires was found."\n
      equipoise unlock my-trial --approve
    """
    from trial.cli.locking import Wish
    from trial.cli.locking import lock as run
    from trial.core.two_person import ActKind

    run(trial, ActKind.UNLOCK, Wish(ask, approve, alone), home=home, database_url=database_url)
