"""Incentives: what was earned, which codes are there, and refusing one with a reason."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.texts import say
from trial.services import incentives
from trial.web.desk.visit import DeskPage, Visit


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = incentives.ledger(work, visit.slug)
    what = {name: say(words, "en") for name, words in found.what.items()}
    return visit.page("incentives.html", found=found, what=what)


def _act(visit: Visit) -> Response:
    form, what = visit.form, visit.form.get("act", "")
    if what == "upload":
        with visit.acting() as work:
            new, known = incentives.upload(
                work, visit.slug, form.get("incentive", ""), form.get("codes", "").splitlines()
            )  # fmt: skip
        visit.site.ring()
        return visit.go(f"/{visit.slug}/incentives", "some_known" if known else "uploaded" if new else "none_new")
    if what == "refuse":
        with visit.acting() as work:
            incentives.refuse(work, visit.picked("earning"), form.get("reason", ""))
        return visit.go(f"/{visit.slug}/incentives", "refused")
    raise Refused("This form says nothing that could be done.")


PAGES = (DeskPage("/{slug}/incentives", _show, _act, verb=Verb.READ_INCENTIVES),)
