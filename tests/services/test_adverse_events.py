"""Adverse events at the desk: entered once, judged blind and again, serious on a clock of 24 hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import SENSITIVE
from tests.services.team import COORDINATOR, OWNER, SAFETY, STATISTICIAN, WITHIN, TeamScene, address
from tests.storage.stores import content, holding
from trial.core.access import participant_actor
from trial.core.errors import NotAllowed, NotFound, Refused
from trial.core.harms import Criterion, Expectedness, HarmOutcome, Judgement, Relatedness, Severity
from trial.core.matters import Matter, MatterAct, MatterKind, MatterState
from trial.services import adverse_events, harms, own_words, trials
from trial.services import matters as desk
from trial.services.calling import call_due
from trial.storage import events, matters, participants, vault
from trial.storage.work import Store

A, S = MatterAct, MatterState
MILD = Judgement(
    frozenset(),
    Severity.MILD,
    Relatedness.POSSIBLE,
    Expectedness.EXPECTED,
    HarmOutcome.RECOVERED,
    date(2041, 3, 2),
    "Headache",
)
IN_HOSPITAL = replace(MILD, criteria=frozenset({Criterion.HOSPITAL}), severity=Severity.SEVERE)
DAY = timedelta(hours=24)


@pytest.fixture
def scene(store: Store) -> TeamScene:
    return TeamScene(store)


def report(scene: TeamScene, *, text: str = SENSITIVE, wants_contact: bool = False) -> Matter:
    """A participant says that something is not right."""
    person = scene.enrol()
    with scene.work(participant_actor(person)) as work:
        harms.report(work, person, None, text, submission="one", wants_contact=wants_contact)
    with scene.work(scene.actor(OWNER), write=False) as work:
        (found,) = matters.of_participant(work, person)
    return found


def enter(scene: TeamScene, code: str, *, by: int = COORDINATOR, submission: str = "form", **said: object) -> Matter:
    with scene.work(scene.actor(by)) as work:
        return adverse_events.record(work, scene.slug, code, SENSITIVE, submission=submission, **said)  # type: ignore[arg-type]


def assess(scene: TeamScene, matter: Matter, judgement: Judgement, *, by: int = SAFETY) -> Matter:
    with scene.work(scene.actor(by)) as work:
        return adverse_events.assess(work, matter.id, judgement)


def shown(scene: TeamScene, matter: Matter, *, by: int = SAFETY) -> adverse_events.Shown:
    with scene.work(scene.actor(by), write=False) as work:
        return adverse_events.shown(work, matter.id)


def words(scene: TeamScene, matter: Matter, *, by: int = SAFETY) -> str | None:
    with scene.work(scene.actor(by)) as work:
        return own_words.open_for(work, matter.id).text


def test_a_report_opens_a_matter_that_is_urgent_only_where_somebody_wants_to_be_written_to(scene: TeamScene) -> None:
    quiet, asking = report(scene), report(scene, wants_contact=True)
    assert (quiet.kind, quiet.urgent, quiet.act_by) == (MatterKind.ADVERSE_EVENT, False, None)
    assert (asking.urgent, asking.act_by) == (True, scene.now + WITHIN)
    with scene.work(scene.actor(OWNER), write=False) as work:
        status = trials.status(work, scene.slug)
    assert (status.open_adverse_events, status.wanting_contact) == (2, 1)
    with scene.work(scene.actor(OWNER)) as work:
        desk.move(work, asking.id, A.ACKNOWLEDGED)
        status = trials.status(work, scene.slug)
    assert (status.open_adverse_events, status.wanting_contact) == (1, 0)


def test_who_is_on_duty_is_called_about_a_report_that_asks_for_it_and_about_no_other(
    scene: TeamScene, post: Post
) -> None:
    scene.on_duty(SAFETY)
    report(scene)
    call_due(scene.store.open_work, post.sender())
    assert post.mails(address(SAFETY)) == []
    report(scene, wants_contact=True)
    call_due(scene.store.open_work, post.sender())
    (mail,) = post.mails(address(SAFETY))
    assert SENSITIVE not in mail.text


def test_the_words_are_read_from_the_vault_by_those_who_may_and_by_nobody_else(scene: TeamScene) -> None:
    matter = report(scene)
    assert words(scene, matter) == SENSITIVE and not shown(scene, matter).by_team
    assert words(scene, matter, by=COORDINATOR) == SENSITIVE
    for read in (shown, words):
        with pytest.raises(NotAllowed):
            read(scene, matter, by=STATISTICIAN)
    with scene.work(scene.actor(OWNER), write=False) as work:
        lines = [(one.act, one.by) for one in desk.one(work, matter.id)[1]]
    assert lines[-2:] == [(A.WORDS_OPENED, f"member:{SAFETY}"), (A.WORDS_OPENED, f"member:{COORDINATOR}")]
    assert scene.events().count("words_opened") == 2
    assert holding(scene.store, SENSITIVE) == []


def test_what_was_erased_is_said_to_be_erased(scene: TeamScene) -> None:
    matter = report(scene)
    with scene.work() as work:
        assert matter.participant_id is not None
        vault.destroy(work, matter.participant_id)
        participants.change(work, matter.participant_id, erased_at=work.now)
    assert shown(scene, matter).erased and words(scene, matter) is None


def test_the_team_enters_what_it_learned_by_study_code_once_per_form(scene: TeamScene) -> None:
    code = scene.person(scene.enrol()).code
    spelled = f" {code[:4].lower()}-{code[4:]} "
    found = at_once(lambda _: enter(scene, spelled), range(6))
    assert len({one.id for one in found}) == 1
    assert len(content(scene.store)["adverse_event"]) == 1
    assert shown(scene, found[0]).by_team and words(scene, found[0]) == SENSITIVE
    assert enter(scene, code, submission="another").id != found[0].id
    assert scene.events().count("adverse_event_recorded") == 2
    assert holding(scene.store, SENSITIVE) == []


def test_what_the_team_entered_is_not_among_the_persons_own_words(scene: TeamScene) -> None:
    person = scene.enrol()
    enter(scene, scene.person(person).code)
    with scene.work(write=False) as work:
        assert vault.all_words(work, person, "adverse_event") == {}


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_nobody_learned_of_it_tomorrow_or_before_the_trial_began(scene: TeamScene, hours: int) -> None:
    code = scene.person(scene.enrol()).code
    with pytest.raises(Refused, match="learned"):
        enter(scene, code, learned_at=scene.now - timedelta(hours=hours))
    with pytest.raises(NotFound):
        enter(scene, "NOBODYHR")


def test_what_may_be_serious_is_due_a_day_after_the_team_learned_of_it_and_calls(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    code = scene.person(scene.enrol()).code
    learned = scene.now
    scene.move(hours=20)
    matter = enter(scene, code, learned_at=learned, may_be_serious=True)
    assert matter.urgent and matter.act_by == learned + DAY
    call_due(scene.store.open_work, post.sender())
    assert len(post.mails(address(SAFETY))) == 1
    scene.move(hours=4)
    call_due(scene.store.open_work, post.sender())
    assert len(post.mails(address(OWNER))) == 1


def test_what_the_team_learned_of_long_ago_does_not_call_everybody_in_a_rush(scene: TeamScene, post: Post) -> None:
    scene.on_duty(SAFETY)
    code, learned = scene.person(scene.enrol()).code, scene.now
    scene.move(days=3)
    enter(scene, code, learned_at=learned, may_be_serious=True)
    scene.move(minutes=59)
    call_due(scene.store.open_work, post.sender())
    assert [len(post.mails(address(one))) for one in (SAFETY, OWNER)] == [1, 0]


def test_serious_is_urgent_and_its_clock_runs_until_something_was_done(scene: TeamScene) -> None:
    matter = report(scene)
    reported = matter.opened_at
    scene.move(hours=2)
    serious = assess(scene, matter, IN_HOSPITAL)
    assert (serious.urgent, serious.act_by, serious.state) == (True, reported + DAY, S.ACKNOWLEDGED)
    assert serious.owner_id == SAFETY
    assert not serious.overdue(reported + DAY)
    assert serious.overdue(reported + DAY + timedelta(seconds=1))
    with scene.work(scene.actor(SAFETY)) as work:
        acted = desk.move(work, matter.id, A.ACTED, "Told the sponsor.")
    assert not acted.overdue(reported + 2 * DAY)


def test_a_later_assessment_is_a_new_row_and_the_one_before_it_stays(scene: TeamScene) -> None:
    matter = report(scene)
    assess(scene, matter, MILD)
    scene.move(days=1)
    assess(scene, matter, IN_HOSPITAL, by=OWNER)
    found = shown(scene, matter).assessments
    assert [one.judgement for one in found] == [MILD, IN_HOSPITAL]
    assert [one.by for one in found] == [f"member:{SAFETY}", f"member:{OWNER}"]
    assert found[1].at - found[0].at == timedelta(days=1)
    with scene.work(scene.actor(OWNER), write=False) as work:
        acts = [one.act for one in matters.history(work, matter.id)]
        (first, second) = [
            one.detail for one in events.of_trial(work, scene.id) if one.event == "adverse_event_assessed"
        ]
    assert acts == [A.OPENED, A.ACKNOWLEDGED, A.ASSESSED, A.ASSESSED]
    assert (first["serious"], second["serious"]) == (0, 1)


def test_only_the_safety_contact_and_the_owner_judge(scene: TeamScene) -> None:
    matter = report(scene)
    with pytest.raises(NotAllowed):
        assess(scene, matter, MILD, by=COORDINATOR)
    with pytest.raises(NotAllowed):
        enter(scene, "ABCDEFGH", by=STATISTICIAN)
    alert = scene.alert()
    with pytest.raises(NotFound):
        assess(scene, alert, MILD)


@pytest.mark.parametrize(
    "judgement",
    [
        replace(MILD, outcome=HarmOutcome.DEATH),
        replace(IN_HOSPITAL, criteria=frozenset({Criterion.DEATH})),
        replace(MILD, onset_on=date(2041, 3, 5)),
        replace(MILD, term=" "),
        replace(MILD, term="Two\nlines"),
        replace(MILD, term="x" * 81),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(scene: TeamScene, judgement: Judgement) -> None:
    matter = report(scene)
    with pytest.raises(Refused):
        assess(scene, matter, judgement)
    assert shown(scene, matter).assessments == []
    with scene.work(scene.actor(OWNER), write=False) as work:
        assert matters.by_id(work, matter.id).state is S.OPEN
