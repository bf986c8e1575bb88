"""One's own data, after a fresh code: save them, take them back, be erased, be written to at another address."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from fastapi import Response

from trial.pages.my_page import AddressPage, CodePage, DataPage, address_page, code_page, data_page
from trial.services import addresses, own_data, withdrawal
from trial.web.participant.my_page import mine_of, waiting_of
from trial.web.participant.proof import with_code
from trial.web.participant.visit import Page, Visit
from trial.web.rates import a_code, a_mail

Form = Literal["download", "withdraw", "erase"]


def _person(visit: Visit) -> int:
    assert visit.session.participant is not None  # with_code let nobody else in
    return visit.session.participant


@with_code
def show_data(visit: Visit) -> Response:
    return _data(visit)


def _data(visit: Visit, fault: str = "") -> Response:
    frame, mine = mine_of(visit, _person(visit))
    with visit.site.open_work(visit.actor, write=False) as work:
        owed = withdrawal.owed_until(work, mine.person, mine.folder.protocol)
    view = DataPage(
        zone=mine.person.zone,
        free_from=withdrawal.takes_effect_at(mine.now),
        owed_until=owed,
        kept=mine.folder.protocol.withdrawal.data_until_then == "kept",
        frozen=mine.trial.is_locked,
        waiting=waiting_of(mine),
        withdrawn=mine.person.data_withdrawn_at is not None,
        fault=fault,
    )
    return visit.page(data_page(frame, view), 422 if fault else 200)


@with_code
def download(visit: Visit) -> Response:
    if visit.form.get("download") != "yes":
        return _data(visit, "download")
    with visit.site.open_work(visit.actor) as work:
        content = own_data.download(work, _person(visit))
    named = {"content-disposition": 'attachment; filename="my-data.zip"'}
    return Response(content, media_type="application/zip", headers=named)


@with_code
def withdraw(visit: Visit) -> Response:
    if visit.form.get("withdraw") != "yes":
        return _data(visit, "withdraw")
    with visit.site.open_work(visit.actor) as work:
        withdrawal.ask(work, _person(visit), "withdraw_data")
    visit.site.ring()
    return visit.go("/me?said=wish")


@with_code
def erase(visit: Visit) -> Response:
    when = visit.form.get("erase", "")
    if when not in ("after", "now"):
        return _data(visit, "erase")
    with visit.site.open_work(visit.actor) as work:
        withdrawal.ask(work, _person(visit), "erase", soon=when == "now")
    visit.site.ring()
    return visit.go("/me?said=wish")


@with_code
def show_address(visit: Visit) -> Response:
    return _address(visit)


def _address(visit: Visit, fault: str = "") -> Response:
    frame, _ = mine_of(visit, _person(visit))
    view = AddressPage(visit.form.get("email", ""), fault)
    return visit.page(address_page(frame, view), 422 if fault else 200)


@with_code
def change_address(visit: Visit) -> Response:
    with visit.site.open_work(visit.actor) as work:
        fault = addresses.ask(work, _person(visit), visit.form.get("email", "").strip())
    if fault:
        return _address(visit, fault)
    visit.site.ring()
    return visit.go("/me/address/code")


@with_code
def show_new_code(visit: Visit) -> Response:
    frame, _ = mine_of(visit, _person(visit))
    wrong = "wrong" in visit.request.query_params
    view = CodePage(fault="wrong" if wrong else "", to_new=True)
    return visit.page(code_page(frame, view), 422 if wrong else 200)


@with_code
def confirm_address(visit: Visit) -> Response:
    typed = visit.form.get("code", "").strip()
    if not typed:
        return visit.go("/me/address/code?wrong")
    with visit.site.open_work(visit.actor) as work:
        changed = addresses.confirm(work, _person(visit), typed)
    if not changed:
        return visit.go("/me/address/code?wrong")
    visit.site.ring()
    return visit.go("/me?said=address", replace(visit.session, proved=""))


def _to_data(visit: Visit) -> Response:
    return visit.go("/me/data")


PAGES = (
    Page("/me/data", show_data),
    Page("/me/data/download", _to_data, download),
    Page("/me/data/withdraw", _to_data, withdraw),
    Page("/me/data/erase", _to_data, erase),
    Page("/me/address", show_address, change_address, spends=a_mail),
    Page("/me/address/code", show_new_code, confirm_address, spends=a_code),
)
