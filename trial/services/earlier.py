"""What a person did before, where an exercise goes on from it: their own words, and how they did with its cards.

Words come from the vault of the same person and go to that person's page only, never to a log, a mail or a data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trial.core import exercises
from trial.core.errors import NotFound
from trial.core.participant import Participant
from trial.core.protocol import Card, Questionnaire, Recall, TrialProtocol, Writing
from trial.core.recall import Judged, due
from trial.storage import answer_sheets, occasions, participants, trials, vault
from trial.storage.answer_sheets import AnswerSheet
from trial.storage.work import Work


@dataclass(frozen=True, slots=True)
class Earlier:
    """One text that the person wrote before, for which occasion, and the prompt that it answered; None without one."""

    prompt: Mapping[str, str] | None
    words: str = field(repr=False)
    occasion_id: int


@dataclass(frozen=True, slots=True)
class Went:
    """How one card went."""

    card: Card
    remembered: bool


def writing(work: Work, protocol: TrialProtocol, person: Participant, activity_id: str) -> tuple[Earlier, ...]:
    """What this person wrote last in an exercise; empty if they never did, or if their words were erased."""
    exercise = protocol.activity(activity_id)
    sheets = _sheets(work, person, activity_id)
    if not sheets or isinstance(exercise, Questionnaire):
        return ()
    found = []
    prompted = isinstance(exercise, Writing) and exercise.prompts
    for one in exercises.asked(exercise):
        try:
            about = vault.about_answer(sheets[-1].id, one.column)
            words = vault.words_of(work, person.id, vault.ANSWER, about)
        except NotFound:
            continue  # a field that was left empty, or words that are erased
        found.append(Earlier(one.item.topic if prompted else None, words, sheets[-1].occasion_id))
    return tuple(found)


def cards_due(work: Work, exercise: Recall, person: Participant, moment: datetime) -> list[Card]:
    """The cards that were due at this moment, by what had been answered before it."""
    judged = [one for sheet in _sheets(work, person, exercise.id) for one in _judged(exercise, sheet)]
    return due(exercise, [one for one in judged if one.at <= moment], moment, person.zone)


def went(work: Work, participant_id: int, occasion_id: int) -> list[Went]:
    """How the cards of a finished occasion went, in the order of the page; empty for anything else."""
    occasion = occasions.by_id(work, occasion_id, participant_id=participant_id)
    person = participants.by_id(work, participant_id)
    exercise = trials.folder_of(work, person.protocol_id).protocol.activity(occasion.activity)
    if not isinstance(exercise, Recall):
        return []
    sheets = [one for one in _sheets(work, person, exercise.id) if one.occasion_id == occasion_id]
    found = {one.card: one.remembered for sheet in sheets for one in _judged(exercise, sheet)}
    return [Went(card, found[card.id]) for card in exercise.cards if card.id in found]


def _sheets(work: Work, person: Participant, activity_id: str) -> list[AnswerSheet]:
    return [one for one in answer_sheets.of_participant(work, person.id) if one.activity == activity_id]


def _judged(exercise: Recall, sheet: AnswerSheet) -> list[Judged]:
    columns = {exercises.column(exercise, card.id): card.id for card in exercise.cards}
    return [
        Judged(columns[column], remembered, sheet.submitted_at)
        for column, remembered in sheet.answers.items()
        if column in columns and isinstance(remembered, bool)
    ]
