"""The opening gate of a live trial: one list, all green or refused, and the button that opens it."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.trial import TrialKind
from trial.services import contributing, gate
from trial.services.trials import Chance
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        trial = gate.trial_at(work, visit.slug)
        waits = trial.kind is TrialKind.LIVE and not trial.has_begun
        lines = gate.lines(work, visit.slug, mail_from=visit.site.mail_from) if waits else []
        told = contributing.told(work, trial.id)
    refused = [one for one in lines if not one.green]
    return visit.page("gate.html", trial=trial, lines=lines, refused=refused, waits=waits, seed_parts=told)


def _act(visit: Visit) -> Response:
    with visit.acting() as work:
        folder = gate.folder_at(work, visit.slug)
        trial, lines = gate.open_prepared(
            work, visit.slug, folder, mail_from=visit.site.mail_from, chance=Chance.from_system()
        )
    if not trial.has_begun:
        count = sum(not one.green for one in lines)
        raise Refused(f"The trial does not open: {count} of {len(lines)} lines are refused. Nothing was changed.")
    return visit.go(f"/{visit.slug}/gate", "opened")


PAGES = (DeskPage("/{slug}/gate", _show, _act, verb=Verb.READ_GATE, proves=True),)
