"""Applying an amendment: the new version is registered, and each person comes to it as its changes allow.

Corrections and urgent safety changes reach everybody at once who is on the version that ran before; of what is urgent
they are told by a mail. Of a substantial
change people are told on their next visit; who agrees moves, who does not stays and loses nothing.
Another rule of allocation begins an epoch: the digest of it is published at once, and whoever is allocated from then on
is allocated by it, whatever version they are on. Other hours and other days move the windows that have not opened and
the mails that were not sent, of each person when they come to the version. Another number of people that is sought
counts at once. What would ask or send something else is
refused: this version does not carry it out.
"""

from __future__ import annotations

from dataclasses import dataclass

from trial.core import access
from trial.core.access import Verb
from trial.core.amendment import Amendment, Change, ChangeClass, Chapter, compare
from trial.core.errors import Refused
from trial.core.events import Event
from trial.core.participant import ParticipantState
from trial.core.trial import Trial, TrialState
from trial.protocol_files import ProtocolFolder
from trial.services import designs, service_mails
from trial.services.amendments import version_of
from trial.services.randomization import last_allocation
from trial.services.replanning import follow_version
from trial.services.trials import close_recruitment, require_ready
from trial.storage import events, participants, stage_entries, trials
from trial.storage.work import Work

S = ParticipantState
ON_THE_WAY = (S.ADDRESS_GIVEN, S.CONFIRMED)
IN = (S.CONSENTED, S.HELD, S.RANDOMIZED)
# what decides who is planned which mail and asked which questions: only its texts may change, and how chance allocates
KEPT = (Chapter.DESIGN, Chapter.ALLOCATION, Chapter.TIMETABLE, Chapter.MEASURES, Chapter.INTERVENTIONS)
# of the timetable: the same mails at another hour, or worth sending for another while
OF_HOURS = ("timepoints.*.time", "timepoints.*.between", "timepoints.*.reminders.*.after", "messages.*.latest")
# the same mails on other days, on more of them or on fewer; and what is read when the protocol is checked alone
OF_DAYS = ("timepoints.*.days", "timepoints.*.weekly", "timepoints.*.closes_after", "calendar.blackout")
OF_CHECKS = ("calendar.most_mails_a_week",)
# as the comparison says it
AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: how many people moved at once, how many will be asked, and what chance goes by from now on."""

    version: str
    change_class: ChangeClass
    moved: int
    asked: int
    epoch: designs.Epoch | None = None


def asks(amendment: Amendment, new: ProtocolFolder) -> bool:
    """Whether those who take part are asked for consent again."""
    reconsent = new.protocol.consent.reconsent
    return reconsent == "every_version" or amendment.needs_consent


def apply(
    work: Work, slug: str, new: ProtocolFolder, *, raised: ChangeClass | None = None, placeholder_wording: bool = False
) -> Applied:
    """Register a version and move those whom it reaches at once. Whom it reaches is shown before."""
    access.require(work.by, Verb.AMEND)
    trial = _held(work, slug)
    if trial.is_locked:
        raise Refused(f"The data of {slug} are frozen: no amendment reaches it any more.")
    running = trials.folder_of(work, trial.protocol_id)
    amendment = compare(version_of(running), version_of(new), raised=raised)
    _require_possible(running, new, amendment)
    designs.require_possible(work, trial, running.protocol, new.protocol)
    if trials.has_protocol(work, trial.id, new.digest):
        raise Refused("This version was registered before. Give the new one a number and a content of its own.")
    require_ready(new, trial.kind, placeholder_wording=placeholder_wording)
    assert amendment.change_class is not None
    asked = asks(amendment, new)
    epoch = designs.ahead(work, trial, running.protocol, new.protocol) if trial.has_begun else None
    _seek(work, trial, running, new)
    newest = trials.add_protocol(work, trial.id, new)
    # whom it reaches at once: the record alone can say who went on by which version from when on
    detail = {"digest": new.digest, "class": amendment.change_class.value, "asks": int(asked)}
    events.write(work, Event.PROTOCOL_REGISTERED, trial_id=trial.id, detail=detail)
    if epoch is not None:
        designs.announce(work, trial, newest, epoch)
    moved = participants.move_to_version(work, trial.id, newest, states=ON_THE_WAY)
    if not asked:
        _replan(work, trial, running, new)
        if amendment.change_class is ChangeClass.URGENT_SAFETY or amendment.counts[ChangeClass.URGENT_SAFETY]:
            _tell(work, trial)
        moved += participants.move_to_version(work, trial.id, newest, states=IN, since=trial.protocol_id)
    staying = participants.count_on_other_versions(work, trial.id, newest, states=IN)
    return Applied(new.protocol.version, amendment.change_class, moved, staying, epoch)


def _held(work: Work, slug: str) -> Trial:
    """The trial, held to the end, and before it whoever may be sending in what allocates them, or allocates once more,
    and whose mails may move.

    Who sends that in holds their own row and then asks for the trial's: the other way round, both would wait for ever.
    """
    found = trials.by_slug(work, slug).id
    participants.hold(work, found, state=S.CONSENTED)
    stage_entries.hold_waiting(work, found)
    participants.hold(work, found, state=S.RANDOMIZED)
    return trials.by_id(work, found, lock=True)


def _seek(work: Work, trial: Trial, running: ProtocolFolder, new: ProtocolFolder) -> None:
    """From now on as many people are sought as the new version says; where they are here already, nobody more is."""
    wanted = new.protocol.sample_size.target
    if wanted == running.protocol.sample_size.target:
        return
    if trial.state is TrialState.CLOSED or trial.resume_to is TrialState.CLOSED:
        raise Refused(
            f"Recruitment of {trial.slug} has ended, so that {wanted} people cannot be sought any more. Leave "
            "`sample_size.target` as it was."
        )
    trials.seek(work, trial, wanted)
    last = last_allocation(work, trial)
    if last is not None and last.sequence >= wanted:
        close_recruitment(work, trial, "target_reached")


def _replan(work: Work, trial: Trial, running: ProtocolFolder, new: ProtocolFolder) -> None:
    """What is to come moves with the hours and days of the new version; of who consents again, then."""
    for person in participants.of_trial(work, trial.id):
        if person.state is S.RANDOMIZED and person.protocol_id == trial.protocol_id:
            follow_version(work, person, running.protocol, new.protocol)


def _tell(work: Work, trial: Trial) -> None:
    """Who takes part and is moved by what is urgent is told by one mail; their page says what is new."""
    for person in participants.of_trial(work, trial.id):
        if person.state in IN and person.protocol_id == trial.protocol_id and person.erased_at is None:
            service_mails.send(work, person, "changed")


def _require_possible(running: ProtocolFolder, new: ProtocolFolder, amendment: Amendment) -> None:
    one, two = running.protocol, new.protocol
    if one.id != two.id:
        raise Refused(f"The trial runs {one.id}; {two.id} is another protocol, not a new version of it.")
    if not amendment.changes:
        raise Refused("Nothing that the trial uses differs from the version that runs.")
    if one.version == two.version:
        raise Refused(f"Both are version {one.version}. Give the new one a number of its own.")
    if missing := [each for each in one.languages if each not in two.languages]:
        raise Refused(f"The new version no longer speaks {', '.join(missing)}, in which people may take part.")
    if kept := [each for each in amendment.changes if not _is_carried_out(each)]:
        parts = "; ".join(dict.fromkeys(each.part for each in kept[:5]))
        raise Refused(
            f"This version of the software does not carry out changes of the arms, or of what is planned or asked: "
            f"{parts}. Texts, hours, days, eligibility, consent, privacy, contacts, safety, how chance allocates and "
            "the arms' ratio can be amended; `ratio: 0` closes an arm to new people."
        )
    if asks(amendment, new) and two.consent.version == one.consent.version:
        raise Refused("People will be asked for consent again: give the consent form a new version.")
    if amendment.needs_consent and amendment.counts[ChangeClass.URGENT_SAFETY]:
        raise Refused("What is urgent may not wait for consent to the rest: make it a version of its own first.")


def _is_carried_out(change: Change) -> bool:
    if change.of_words or designs.is_of_design(change):
        return True
    if change.pattern in OF_HOURS and change.kind == "changed":
        return AT_ONCE not in (change.before, change.after)
    if change.pattern in OF_CHECKS or change.pattern.startswith(OF_DAYS):
        return True
    return change.chapter not in KEPT and change.change_class is not ChangeClass.RANDOMIZATION
