"""What a reader needs around a trial: registration, plan, data, money, interests, people, places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import methods
from reports.document import Block, Terms
from reports.labels import Labels
from reports.methods import UNSTATED, listed
from reports.protocol_document.sections import ROLES
from reports.variables import LANGUAGE
from trial.core.protocol import Person
from trial.core.protocol.administrative import Administrative, DataSharing
from trial.core.texts import say
from trial.pages import countries
from trial.pages.translations import name_in

_MADE = (
    "Codebook, study codes, relative days and the protocol folder lie beside the frozen data; digests stand under "
    "Provenance."
)
_MADE_OUTSIDE = "The data file was handed in; its digest and that of the protocol folder stand under Provenance."


def blocks(results: Mapping[str, Any], labels: Labels) -> list[Block]:
    """One line each, `not stated in the protocol` where the team has still to say it."""
    protocol = labels.folder.protocol
    office = protocol.administrative
    named = [name for _, name in countries.named(office.countries or (), LANGUAGE)]
    languages = listed([name_in(one, LANGUAGE) for one in protocol.languages])
    outside = results["trial"]["kind"] == "outside"
    where = f"Countries: {listed(named) if named else UNSTATED}."
    if not outside:
        met = methods.online(protocol)
        where = f"{met[0].upper()}{met[1:]}: mails and web pages, wherever people are. {where} Languages: {languages}."
    file = "One file holds the plan" if outside else "One file runs the trial and holds the plan"
    involved = say(office.patient_involvement, LANGUAGE).strip() if office.patient_involvement else UNSTATED
    items = [
        ("Registration", str(office.registration or UNSTATED)),
        ("Protocol and analysis plan", f"{file}: {results['protocol']['id']}, "
         f"version {results['protocol']['version']}; its digest stands under Provenance."),
        ("Ethics", str(office.ethics or UNSTATED)),
        ("Data and materials", _shared(office.data_sharing, _MADE_OUTSIDE if outside else _MADE)),
        ("Sponsor", office.sponsor or UNSTATED),
        ("Funding", office.funder or UNSTATED),
        ("People and their interests", _people(office)),
        ("Patients and the public", involved),
        ("Places", where),
    ]  # fmt: skip
    return [Terms(tuple(items))]


def _shared(shared: DataSharing | None, made: str) -> str:
    if shared is None:
        return f"What is shared, and where, is {UNSTATED}. {made}"
    more = [
        f"Where: {shared.where}." if shared.where else "",
        f"Licence: {shared.licence}." if shared.licence else "",
        f"From: {shared.from_date}." if shared.from_date else "",
    ]
    return " ".join([say(shared.statement, LANGUAGE).strip(), *filter(None, more), made])


def _people(office: Administrative) -> str:
    return " ".join(_person(one) for one in office.people) or UNSTATED


def _person(one: Person) -> str:
    where = f", {one.affiliation}" if one.affiliation else ""
    interests = one.interests.rstrip(".") if one.interests else UNSTATED
    return f"{one.name} ({ROLES[one.role].lower()}{where}): {interests}."
