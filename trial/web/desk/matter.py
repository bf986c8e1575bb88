"""One matter: what it is about, what was done, and the acts that this member may do now.

A kind of matter that has more to show or to do than every other has an `About`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from trial.core.errors import NotFound, Refused
from trial.core.harms import Criterion, Expectedness, HarmOutcome, Judgement, Relatedness, Severity, Stopping
from trial.core.matters import Matter, MatterAct, MatterKind
from trial.services import adverse_events, identities, matter_views, matters, own_words
from trial.services.own_words import OwnWords
from trial.storage import alerts, trials
from trial.storage.work import Work
from trial.web.desk import about_contacts
from trial.web.desk.about import About
from trial.web.desk.navigation import LISTS
from trial.web.desk.reading import day, one_of, whole, wrong
from trial.web.desk.visit import DeskPage, Visit
from trial.web.forms import Form

IDENTITY = "identity"
WORDS = "words"


def _alert(work: Work, matter: Matter) -> Mapping[str, Any]:
    found = alerts.by_id(work, matter.about)
    safety = trials.folder_of(work, trials.by_id(work, matter.trial_id).protocol_id).protocol.safety
    rule = next((one for one in safety.rules if one.id == found.rule), None) if safety else None
    return {"alert": found, "rule": rule, "on_call": safety.on_call if safety else None}


def _adverse_event(work: Work, matter: Matter) -> Mapping[str, Any]:
    return {
        "shown": adverse_events.shown(work, matter.id),
        "criteria": list(Criterion),
        "choices": {"severity": Severity, "relatedness": Relatedness, "expectedness": Expectedness},
        "outcomes": list(HarmOutcome),
        "stops": list(Stopping),
    }


def _assess(work: Work, matter: Matter, form: Form) -> None:
    adverse_events.assess(
        work,
        matter.id,
        Judgement(
            criteria=frozenset(one for one in Criterion if f"criterion_{one.value}" in form),
            severity=one_of(Severity, form, "severity"),
            relatedness=one_of(Relatedness, form, "relatedness"),
            expectedness=one_of(Expectedness, form, "expectedness"),
            outcome=one_of(HarmOutcome, form, "outcome"),
            onset_on=day(form, "onset_on"),
            term=_term(form),
            stopped=one_of(Stopping, form, "stopped"),
        ),
    )


def _term(form: Form) -> str:
    if not (term := " ".join(form.get("term", "").split())):
        raise wrong("term", "Nothing was written.", "Name it in a few words, such as “Headache”.")
    return term


ABOUT: dict[MatterKind, About] = {
    MatterKind.ALERT: About("about_alert.html", _alert),
    MatterKind.ADVERSE_EVENT: About("about_adverse_event.html", _adverse_event, {"assess": _assess}),
    **about_contacts.ABOUT,
}


def _show(visit: Visit, words: OwnWords | None = None) -> Response:
    with visit.reading() as work:
        view = matter_views.view(work, visit.number("number"))
        kind = view.row.matter.kind
        about = ABOUT.get(kind)
        values = about.values(work, view.row.matter) if about else {}
    end, label = LISTS[kind]
    return visit.page(
        "matter.html",
        view=view,
        end=end,
        label=label,
        about=about.template if about else None,
        said=words,
        **values,
    )


def _act(visit: Visit) -> Response:
    act, number = visit.form.get("act", ""), visit.number("number")
    if act == IDENTITY:
        return _identity(visit, number)
    if act == WORDS:
        with visit.acting() as work:
            words = own_words.open_for(work, number)
        return _show(visit, words)
    with visit.acting() as work:
        matter, _ = matters.one(work, number)
        about = ABOUT.get(matter.kind)
        if about and act in about.acts:
            about.acts[act](work, matter, visit.form)
        elif act == "hand_over":
            matters.hand_over(work, number, whole(visit.form, "member"))
        elif act == MatterAct.NOTED:
            matters.note(work, number, visit.form.get("note", ""))
        elif act in (MatterAct.ACKNOWLEDGED, MatterAct.ACTED, MatterAct.CLOSED, MatterAct.REOPENED):
            matters.move(work, number, MatterAct(act), visit.form.get(f"words_{act}", ""))
        else:
            raise Refused("This form says nothing that could be done.")
    visit.site.ring()
    return visit.go(f"/{visit.slug}/matters/{number}", act)


def _identity(visit: Visit, number: int) -> Response:
    """The one page that says who somebody is: an answer to this form alone, which no browser keeps."""
    with visit.acting() as work:
        matter, _ = matters.one(work, number)
        try:
            found = identities.open_for_matter(work, number, visit.form.get("reason", ""))
        except NotFound:
            found = None
    return visit.page("identity.html", identity=found, matter=matter)


PAGES = (DeskPage("/{slug}/matters/{number}", _show, _act, proves=lambda form: form.get("act") == IDENTITY),)
