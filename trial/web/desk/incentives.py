"""Incentives: what was earned, which codes are there, what is sent in another way, and refusing one with a reason."""

from __future__ import annotations

from fastapi import Response

from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.texts import say
from trial.services import incentives, payees
from trial.web.desk.reading import wrong
from trial.web.desk.visit import DeskPage, Visit
from trial.web.forms import Form

# these answer with what identifies somebody
WITH_PAYEE = ("payee", "payment_list")


def _show(visit: Visit) -> Response:
    with visit.reading() as work:
        found = incentives.ledger(work, visit.slug)
    what = {name: say(words, "en") for name, words in found.what.items()}
    return visit.page("incentives.html", found=found, what=what, pays=_pays(visit))


def _pays(visit: Visit) -> bool:
    return visit.may(Verb.GIVE_INCENTIVES) and visit.may(Verb.READ_IDENTITY)


def _act(visit: Visit) -> Response:
    form, what = visit.form, visit.form.get("act", "")
    if what in WITH_PAYEE:
        return _payee(visit) if what == "payee" else _payment_list(visit)
    with visit.acting() as work:
        if what == "upload":
            codes = form.get("codes", "").splitlines()
            new, known = incentives.upload(work, visit.slug, form.get("incentive", ""), codes)
            said = "some_known" if known else "uploaded" if new else "none_new"
        elif what == "refuse":
            incentives.refuse(work, visit.picked("earning"), form.get("reason", ""))
            said = "refused"
        elif what == "explain":
            incentives.explain(work, visit.picked("refused"), form.get("words", ""))
            said = "explained"
        elif what == "paid":
            for number in _numbers(form):
                payees.paid(work, number)
            said = "paid"
        else:
            raise Refused("This form says nothing that could be done.")
    visit.site.ring()
    return visit.go(f"/{visit.slug}/incentives", said)


def _numbers(form: Form) -> list[int]:
    """The numbers of what was sent, as a list of payments has them; one mistake and none counts."""
    given = form.get("numbers", "").replace(",", " ").split()
    if not given or not all(one.isascii() and one.isdigit() and len(one) < 10 for one in given):
        raise wrong("numbers", "These are no numbers.", "Write them as they stand in the list, one a line.")
    return list(dict.fromkeys(int(one) for one in given))


def _payee(visit: Visit) -> Response:
    """Where one thing goes: an answer to this form alone, which no browser keeps."""
    with visit.acting() as work:
        found = payees.open_one(work, visit.picked("payee"), visit.form.get("look", ""))
    return visit.page("payee.html", found=found, what=say(found.what, "en"))


def _payment_list(visit: Visit) -> Response:
    with visit.acting() as work:
        text = payees.payment_list(work, visit.slug, visit.form.get("why", ""))
    named = {"content-disposition": f'attachment; filename="{visit.slug}-to-send.csv"'}
    return Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=named)


PAGES = (
    DeskPage(
        "/{slug}/incentives",
        _show,
        _act,
        verb=Verb.READ_INCENTIVES,
        proves=lambda form: form.get("act") in WITH_PAYEE,
    ),
)
