"""What is asked only of some: activities by `only_if`, items by `show_if`, mails by the rule of their message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trial.core import branching, exercises
from trial.core.answers import Asked, read
from trial.core.expressions import Value, parse
from trial.core.participant import Occasion, Participant
from trial.core.protocol import Activity, Questionnaire, Recall, TrialProtocol
from trial.protocol_files import ProtocolFolder
from trial.services import earlier
from trial.services.scores import scores_of
from trial.storage import allocations, answer_sheets, participants
from trial.storage.work import Work


def is_asked(work: Work, folder: ProtocolFolder, person: Participant, occasion: Occasion) -> bool:
    """Whether the rule of this activity holds for this person now; without a rule everybody is asked."""
    activity = folder.protocol.activity(occasion.activity)
    if activity.only_if is None:
        return True
    return parse(activity.only_if).holds(_facts(work, folder, person, activity))


def is_sent(
    work: Work, folder: ProtocolFolder, person: Participant, message_id: str, occasion: Occasion | None
) -> bool:
    """Whether the rules of a mail and of the activity that it speaks of hold now."""
    message = next((one for one in folder.protocol.messages if one.id == message_id), None)
    if message is not None and message.only_if is not None:
        activity = folder.protocol.activity(occasion.activity) if occasion else None
        if not parse(message.only_if).holds(_facts(work, folder, person, activity)):
            return False
    return occasion is None or is_asked(work, folder, person, occasion)


def items_asked(
    work: Work,
    folder: ProtocolFolder,
    person: Participant,
    activity: Questionnaire,
    asked: Sequence[Asked],
    form: Mapping[str, str],
) -> list[Asked]:
    """The items that are asked where the form stands so, with what the person answered before."""
    if not any(one.column in activity.show_if for one in asked):
        return list(asked)
    certain = read((one for one in asked if one.column not in activity.show_if), form).closed
    known = _facts(work, folder, person, activity) | scores_of(folder, certain)
    return branching.asked_now(asked, activity.show_if, known, form)


def facts_of(work: Work, folder: ProtocolFolder, person: Participant) -> dict[str, Value]:
    """What is known of a person by now, for a rule that belongs to no activity."""
    return _facts(work, folder, person, None)


def _facts(work: Work, folder: ProtocolFolder, person: Participant, activity: Activity | None) -> dict[str, Value]:
    """Screening answers, the latest answers and scores, and what rules may count."""
    facts: dict[str, Value] = dict(participants.answers_at_screening(work, person.id))
    done = {True: 0, False: 0}
    for sheet in answer_sheets.of_participant(work, person.id):
        one = folder.protocol.activity(sheet.activity)
        facts |= sheet.answers
        if isinstance(one, Questionnaire):
            facts |= scores_of(folder, sheet.answers)
            done[False] += 1
        else:
            done[True] += exercises.practised(one, sheet.answers)
    counts = {"exercises_done": done[True], "questionnaires_done": done[False]}
    return facts | counts | {"cards_due": _cards_due(work, folder.protocol, person, activity)}


def _cards_due(work: Work, protocol: TrialProtocol, person: Participant, activity: Activity | None) -> int:
    """Of the cards that this activity has; elsewhere of all that the person's arm has."""
    if isinstance(activity, Recall):
        return len(earlier.cards_due(work, activity, person, work.now))
    decks = [one for one in protocol.activities if isinstance(one, Recall)]
    mine = {allocations.arm_of(work, person.id)} if decks else set()
    if decks and protocol.stages:
        mine |= set(allocations.options_of(work, person.id))
    own = [one for one in decks if not one.arms or mine & set(one.arms)]
    return sum(len(earlier.cards_due(work, one, person, work.now)) for one in own)
