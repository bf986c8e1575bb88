"""Acts of two people: asking, deciding, going on alone where the protocol allows it, opening an arm once approved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Response

from trial.core import two_person as rules
from trial.core.access import Verb
from trial.core.errors import Refused
from trial.core.texts import say
from trial.core.two_person import ActKind, TwoPersonAct
from trial.services import resuming, two_person
from trial.storage import members, participants, trials
from trial.storage.work import Work
from trial.web.desk.visit import DeskPage, Visit

ASKING = {
    ActKind.UNBLINDING: "Tell me one person's arm, in an emergency",
    ActKind.LOCK: "Lock the data: no answer is taken any more",
    ActKind.UNLOCK: "Unlock the data",
    ActKind.RELEASE: "Send again after a stop",
    ActKind.RESTORED: "Release the mails that a restore holds",
}

# what is asked for beside a preview, on a page of its own; who decides sees it here as it is then
WITH_PREVIEW: dict[ActKind, Callable[[Work, str], resuming.Preview | resuming.RestoredPreview]] = {
    ActKind.RELEASE: resuming.preview,
    ActKind.RESTORED: resuming.of_restored,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One request as the page shows it, and what this member may do about it."""

    act: TwoPersonAct
    asking: str
    code: str
    asked_by: str
    decided_by: str
    may: tuple[str, ...]
    preview: resuming.Preview | resuming.RestoredPreview | None


def _show(visit: Visit, told: tuple[int, str] | None = None) -> Response:
    with visit.reading() as work:
        lines = [_line(visit, work, one) for one in two_person.listed(work, visit.slug)]
    mine = [
        (kind.value, words)
        for kind, words in ASKING.items()
        if kind not in WITH_PREVIEW and visit.may(rules.ASKS[kind])
    ]
    return visit.page("acts.html", lines=lines, asking=mine, told=told)


def _line(visit: Visit, work: Work, act: TwoPersonAct) -> Line:
    person = participants.by_id(work, act.participant_id) if act.participant_id else None
    mine = act.asked_by == str(work.by)
    may = []
    if act.is_open and not mine and visit.may(rules.APPROVES[act.kind]):
        may += ["approve", "refuse"]
    if act.is_open and mine:
        may += ["withdraw", *(["alone"] if two_person.can_be_alone(work, act) else [])]
    if act.kind is ActKind.UNBLINDING and act.can_be_used(str(work.by), work.now):
        may.append("open")
    who = {one: members.name_of(work, one) for one in (act.asked_by, act.decided_by) if one}
    code = person.code if person else ""
    preview = WITH_PREVIEW[act.kind](work, visit.slug) if act.is_open and act.kind in WITH_PREVIEW else None
    return Line(act, ASKING[act.kind], code, who[act.asked_by], who.get(act.decided_by or "", ""), tuple(may), preview)


def _act(visit: Visit) -> Response:
    what = visit.form.get("act", "")
    if what == "ask":
        _ask(visit)
        return visit.go(f"/{visit.slug}/acts", "asked")
    with visit.acting() as work:
        if what == "open":
            arm = two_person.arm_of(work, visit.picked("request"))
            protocol = trials.folder_of(work, visit.here.protocol_id).protocol
            names = protocol.labels_of(arm, *two_person.options_of(work, visit.picked("request")))
            label = ", then ".join(say(one, "en") for one in names)
        else:
            _decide(work, what, visit.picked("request"))
    visit.site.ring()
    return _show(visit, (visit.picked("request"), label)) if what == "open" else visit.go(f"/{visit.slug}/acts", what)


def _ask(visit: Visit) -> None:
    kind = visit.form.get("kind", "")
    if kind not in [one.value for one in ActKind]:
        raise Refused("Choose what you ask for.")
    if ActKind(kind) in WITH_PREVIEW:
        raise Refused("Ask for this on the page that shows what would go out.")
    code = visit.form.get("code", "").strip() or None
    with visit.acting() as work:
        with_open = bool(visit.form.get("with_open"))
        two_person.ask(work, visit.slug, ActKind(kind), visit.form.get("reason", ""), code=code, with_open=with_open)


def _decide(work: Work, what: str, act_id: int) -> None:
    decisions: dict[str, Callable[[], TwoPersonAct]] = {
        "approve": lambda: two_person.decide(work, act_id, approve=True),
        "refuse": lambda: two_person.decide(work, act_id, approve=False),
        "alone": lambda: two_person.do_alone(work, act_id),
        "withdraw": lambda: two_person.withdraw(work, act_id),
    }
    if what not in decisions:
        raise Refused("This form says nothing that could be done.")
    decisions[what]()


PAGES = (DeskPage("/{slug}/acts", _show, _act, verb=Verb.READ_ACTS, proves=True),)
