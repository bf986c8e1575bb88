"""Safety: each sheet is looked at in the transaction that keeps it, so no positive answer is without its row."""

from __future__ import annotations

from collections.abc import Mapping

from trial.core import safety
from trial.core.answers import Asked
from trial.core.events import Event
from trial.core.expressions import Value
from trial.core.instruments import Score
from trial.core.participant import Occasion
from trial.protocol_files import ProtocolFolder
from trial.services import alarms
from trial.services.scores import scores_of
from trial.stats.reliability import reliable_change_of
from trial.storage import alerts, answer_sheets, events, participants
from trial.storage.work import Work

called_for = alerts.called_for
sheets_of = alerts.sheets_of


def watch(
    work: Work,
    folder: ProtocolFolder,
    occasion: Occasion,
    sheet_id: int,
    asked: list[Asked],
    answers: Mapping[str, Value],
) -> bool:
    """Look at a sheet that was just kept; True where the resources page is to come next."""
    met = [*safety.items_met(asked, answers), *_rules_met(work, folder, occasion, answers)]
    if not met:
        return False
    rows = alerts.add(work, occasion, sheet_id, met)
    alarms.raise_alerts(work, folder.protocol, occasion, zip(rows, met, strict=True))
    for one in met:
        detail: dict[str, str | int] = {"rule": one.rule, "tier": one.tier, "sheet": sheet_id}
        events.write(
            work,
            Event.ALERT_RAISED,
            trial_id=occasion.trial_id,
            participant_id=occasion.participant_id,
            detail=detail,
        )
    return True


def choose_country(work: Work, participant_id: int, country: str) -> None:
    """Remember whose help lines a person wants to see."""
    person = participants.by_id(work, participant_id, lock=True)
    if person.country == country:
        return
    participants.set_country(work, person.id, country)
    detail = {"what": "country"}
    events.write(
        work, Event.PREFERENCES_CHANGED, trial_id=person.trial_id, participant_id=person.id, detail=detail
    )  # fmt: skip


def _rules_met(
    work: Work, folder: ProtocolFolder, occasion: Occasion, answers: Mapping[str, Value]
) -> list[safety.Met]:
    rules = folder.protocol.safety.rules if folder.protocol.safety else []
    if not rules:
        return []
    scores = scores_of(folder, answers)
    names = safety.names_of(rules)
    worse = _worse(work, folder, occasion, scores, names)
    own: dict[str, Value] = {**worse, **scores, **answers}
    elsewhere = names - own.keys()
    screened = participants.answers_at_screening(work, occasion.participant_id) if elsewhere else {}
    return safety.rules_met(rules, {**screened, **own}, own)


def _worse(
    work: Work,
    folder: ProtocolFolder,
    occasion: Occasion,
    scores: Mapping[str, float | None],
    names: frozenset[str],
) -> dict[str, Value]:
    """`<score>_worse` for each score of this sheet that a rule asks about, against the person's own baseline."""
    baseline = folder.protocol.baseline
    wanted = [one for one in scores if f"{one}{safety.WORSE}" in names]
    if not wanted or occasion.timepoint == baseline.id:
        return {}
    first = {one.id for one in folder.protocol.activities_at(baseline, None)}
    before: dict[str, float | None] = {}
    for sheet in answer_sheets.of_participant(work, occasion.participant_id):
        if sheet.activity in first and sheet.occasion_id != occasion.id:
            before = {**scores_of(folder, sheet.answers), **before}
    known = _scores(folder)
    return {
        f"{one}{safety.WORSE}": safety.has_worsened(
            known[one].better, before.get(one), scores[one], reliable_change_of(known[one])
        )
        for one in wanted
    }


def _scores(folder: ProtocolFolder) -> dict[str, Score]:
    return {score.id: score for instrument in folder.instruments.values() for score in instrument.scores}
