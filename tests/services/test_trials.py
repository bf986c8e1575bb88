"""Opening, pausing, resuming and closing a trial: who may, what follows from what, and what is on record."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.core.protocols import FOLDER
from tests.services.at_once import at_once
from tests.services.post import Post
from tests.services.scene import BASE, CHANCE, MOODS, OPERATOR, START, Scene
from tests.storage.stores import content
from trial.core.access import MAY, SYSTEM, Actor, Role, Verb, participant_actor
from trial.core.delivery import ContactState
from trial.core.errors import BadInput, NotAllowed, NotFound, Refused
from trial.core.participant import StopLevel
from trial.core.randomization import commitment
from trial.core.trial import MOVES, RESERVED, Trial, TrialKind, TrialState
from trial.protocol_files import read_folder, shipped
from trial.services import trials
from trial.services.trials import Chance
from trial.storage.work import Store, Work

T = TrialState
ACTS = {"pause": trials.pause, "resume": trials.resume, "close": trials.close}


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


def act(scene: Scene, name: str, by: Actor = OPERATOR) -> Trial:
    with scene.work(by) as work:
        return ACTS[name](work, scene.slug)


def opened(work: Work, slug: str, *, kind: TrialKind = TrialKind.TEST, target: int | None = None) -> Trial:
    return trials.open_trial(work, FOLDER, slug=slug, kind=kind, base_url=BASE, chance=CHANCE, target=target)


def test_opening_stores_the_protocol_and_publishes_the_digest_of_the_sealed_seed(scene: Scene) -> None:
    rows = content(scene.store)
    (version,) = rows["protocol_version"]
    assert (version["digest"], version["files"]) == (FOLDER.digest, FOLDER.files)
    (seal,) = rows["seal"]
    assert seal["digest"] == commitment(CHANCE.seed, CHANCE.salt, FOLDER.protocol)
    assert (seal["published_at"], scene.events()) == (START, ["protocol_registered", "seed_sealed", "trial_opened"])
    told = [one["detail"].get("digest") for one in rows["event"]]
    assert told == [FOLDER.digest, seal["digest"], None]


def test_the_stored_protocol_is_followed_whatever_becomes_of_the_folder(scene: Scene) -> None:
    with scene.work(write=False) as work:
        assert trials.folder(work, scene.trial.protocol_id) == FOLDER


def test_a_trial_without_a_target_of_its_own_takes_the_protocols(store: Store) -> None:
    with store.open_work(OPERATOR) as work:
        assert opened(work, "by-protocol").target == 40
        assert opened(work, "by-hand", target=7).target == 7


def test_two_trials_have_two_names(scene: Scene) -> None:
    before = content(scene.store)
    with pytest.raises(Refused, match="already"), scene.work(OPERATOR) as work:
        opened(work, scene.slug)
    assert content(scene.store) == before


@pytest.mark.parametrize(
    "name", [*sorted(RESERVED), "", "A", "x", "UPPER", "a b", "../up", "a/b", "é-trial", "x" * 61, "ok\n"]
)
def test_a_name_that_could_not_stand_in_an_address_is_refused(store: Store, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a trial's name"), store.open_work(OPERATOR) as work:
        opened(work, name)
    assert content(store)["trial"] == []


def test_chance_of_a_real_trial_is_never_the_same_twice() -> None:
    one, other = Chance.from_system(), Chance.from_system()
    parts = [one.seed, one.salt, one.code_key, other.seed, other.salt, other.code_key]
    assert len(set(parts)) == 6
    assert {len(part) for part in parts} == {32}


# --- who may ---------------------------------------------------------------------------------------------------

NEEDS = {"pause": Verb.PAUSE_TRIAL, "resume": Verb.RESUME_TRIAL, "close": Verb.CLOSE_RECRUITMENT}


def test_only_roles_that_may_open_look_and_add_members_do(scene: Scene) -> None:
    steps: dict[Verb, Callable[[Work, Role], object]] = {
        Verb.OPEN_TRIAL: lambda work, role: opened(work, f"of-{role.value.replace('_', '-')}"),
        Verb.READ_STATUS: lambda work, _: trials.status(work, scene.slug),
        Verb.ADD_MEMBER: lambda work, role: trials.add_member(work, scene.slug, role.value, Role.COORDINATOR),
    }
    for role, (verb, step) in product(Role, steps.items()):
        allowed = True
        try:
            with scene.work(Actor(f"member:{role.value}", role)) as work:
                step(work, role)
        except NotAllowed:
            allowed = False
        assert allowed is (verb in MAY[role]), (role, verb)


@pytest.mark.parametrize("name", ACTS)
def test_neither_participants_nor_the_system_nor_a_role_without_the_right_moves_a_trial(
    scene: Scene, name: str
) -> None:
    if name == "resume":
        act(scene, "pause")
    before = content(scene.store)
    without = [Actor("member:9", role) for role in Role if NEEDS[name] not in MAY[role]]
    for actor in [SYSTEM, participant_actor(1), Actor("member:3"), *without]:
        with pytest.raises(NotAllowed):
            act(scene, name, actor)
    assert content(scene.store) == before


def test_who_acted_is_on_record(scene: Scene) -> None:
    act(scene, "pause", Actor("member:3", Role.SAFETY_CONTACT))
    assert content(scene.store)["event"][-1]["by"] == "member:3"


def test_no_trial_of_that_name_is_told_as_such(scene: Scene) -> None:
    for step in (trials.pause, trials.resume, trials.close, trials.status, trials.list_members):
        with pytest.raises(NotFound, match="nowhere"), scene.work(OPERATOR) as work:
            step(work, "nowhere")


# --- what follows from what ------------------------------------------------------------------------------------

WAYS = {
    T.OPEN: {T.PAUSED, T.CLOSED},
    T.PAUSED: {T.OPEN, T.CLOSED},
    T.PREPARING: {T.OPEN},
    T.CLOSED: {T.PAUSED, T.LOCKED, T.FROZEN},
    T.LOCKED: {T.FROZEN, T.CLOSED},
    T.FROZEN: {T.FROZEN, T.CLOSED},
}


@pytest.mark.parametrize(("before", "after"), list(product(T, T)), ids=lambda one: str(one))
def test_a_trial_moves_only_so(before: T, after: T) -> None:
    assert (after in MOVES[before]) is (after in WAYS[before])


@pytest.mark.parametrize(
    ("steps", "state", "recruits", "sends"),
    [
        ([], T.OPEN, True, True),
        (["pause"], T.PAUSED, False, False),
        (["pause", "resume"], T.OPEN, True, True),
        (["close"], T.CLOSED, False, True),
        (["close", "pause"], T.PAUSED, False, False),
        (["close", "pause", "resume"], T.CLOSED, False, True),
        # closing while paused ends recruitment and leaves the pause
        (["pause", "close"], T.PAUSED, False, False),
        (["pause", "close", "resume"], T.CLOSED, False, True),
    ],
)
def test_after_these_steps_a_trial(scene: Scene, steps: list[str], state: T, recruits: bool, sends: bool) -> None:
    for name in steps:
        act(scene, name)
    trial = scene.trial
    assert (trial.state, trial.recruits, trial.sends) == (state, recruits, sends)


@pytest.mark.parametrize(
    ("steps", "refused"),
    [
        ([], "resume"),
        (["close"], "resume"),
        (["close"], "close"),
        (["pause"], "pause"),
        (["close", "pause"], "close"),
        (["pause", "close"], "close"),
    ],
)
def test_a_step_that_does_not_follow_is_refused_and_changes_nothing(
    scene: Scene, steps: list[str], refused: str
) -> None:
    for name in steps:
        act(scene, name)
    before = content(scene.store)
    with pytest.raises(Refused):
        act(scene, refused)
    assert content(scene.store) == before


def test_what_was_held_is_sent_also_where_recruitment_ended_during_the_pause(scene: Scene, post: Post) -> None:
    person = scene.enrol("her@mailbox.example")
    post.deliver(scene)
    act(scene, "pause")
    scene.move_to(scene.occasions(person)[0].opens_at)
    post.deliver(scene)
    act(scene, "close")
    act(scene, "resume")
    post.deliver(scene)
    assert len(post.mails("her@mailbox.example")) == 2
    assert ContactState.HELD not in {one.state for one in scene.contacts()}


def test_somebody_in_the_middle_of_the_baseline_when_recruitment_ends_is_thanked_and_not_randomized(
    scene: Scene,
) -> None:
    person, occasion = scene.to_baseline()
    act(scene, "close")
    assert scene.submit(person, occasion, MOODS[0]).state == "closed"
    assert scene.person(person).state.value == "recruitment_closed"
    assert content(scene.store)["allocation"] == []


def test_a_pause_and_the_last_place_do_not_cross(store: Store) -> None:
    """Whichever comes first, recruitment has ended once the last place is taken."""
    for number in range(4):
        scene = Scene(store, slug=f"trial-{number}", target=1)
        person, occasion = scene.to_baseline()

        def step(one: int, scene: Scene = scene, person: int = person, occasion: int = occasion) -> None:
            if one:
                scene.submit(person, occasion, MOODS[0])
                return
            try:
                act(scene, "pause")
            except Refused:
                return

        at_once(step, range(2))
        if scene.trial.state is T.PAUSED:
            act(scene, "resume")
        taken = any(one["trial_id"] == scene.id for one in content(store)["allocation"])
        assert scene.trial.recruits is not taken


# --- looking ---------------------------------------------------------------------------------------------------


def test_the_status_counts_people_and_mails_without_telling_arms(scene: Scene, post: Post) -> None:
    scene.screen(age="12")
    scene.eligible()
    scene.to_consent()
    scene.to_baseline()
    person = scene.enrol()
    scene.stop(person, StopLevel.EXERCISES)
    post.deliver(scene)
    with scene.work(OPERATOR, write=False) as work:
        found = trials.status(work, scene.slug)
    counted = (found.assessed, found.eligible, found.consented, found.randomized, found.stopped)
    assert counted == (5, 4, 2, 1, 1)
    assert found.contacts == {"accepted": 3, "planned": 10}
    assert (found.oldest_due, found.open_adverse_events, found.now) == (None, 0, START)
    assert not {arm.id for arm in FOLDER.protocol.arms} & set(str(found).replace("'", " ").split())


def test_a_mail_that_is_late_shows_in_the_status(scene: Scene) -> None:
    scene.to_code()
    scene.move(hours=3)
    with scene.work(OPERATOR, write=False) as work:
        assert trials.status(work, scene.slug).oldest_due == START


def test_a_member_may_have_several_roles_and_each_only_once(scene: Scene) -> None:
    for role in (Role.OWNER, Role.SAFETY_CONTACT):
        with scene.work(OPERATOR) as work:
            trials.add_member(work, scene.slug, "Robin Example", role)
    with pytest.raises(Exception, match=r"(?i)unique|already"), scene.work(OPERATOR) as work:
        trials.add_member(work, scene.slug, "Robin Example", Role.OWNER)
    with scene.work(OPERATOR, write=False) as work:
        found = trials.list_members(work, scene.slug)
    assert [(one.name, one.role) for one in found] == [
        ("Robin Example", Role.OWNER),
        ("Robin Example", Role.SAFETY_CONTACT),
    ]
    assert scene.events().count("member_added") == 2


def test_two_trials_of_one_installation_do_not_mix(scene: Scene, post: Post) -> None:
    other = Scene(scene.store, slug="other-trial", target=1)
    scene.enrol("her@mailbox.example")
    other.enrol("her@mailbox.example")
    post.deliver(scene)
    with scene.work(OPERATOR, write=False) as work:
        statuses = [trials.status(work, one.slug) for one in (scene, other)]
        assert [one.slug for one in trials.all_trials(work)] == ["evenings", "other-trial"]
    assert [one.randomized for one in statuses] == [1, 1]
    assert [one.trial.state for one in statuses] == [T.OPEN, T.CLOSED]
    rows = content(scene.store)
    assert [one["sequence"] for one in rows["allocation"]] == [1, 1]
    assert [one["number"] for one in rows["participant"]] == [1, 1]
    assert rows["participant"][0]["code"] != rows["participant"][1]["code"]


@pytest.mark.parametrize(
    ("kind", "said", "opens"),
    [
        (TrialKind.REHEARSAL, False, True),
        (TrialKind.TEST, False, False),
        (TrialKind.TEST, True, True),
    ],
)
def test_what_people_answer_in_earnest_is_the_scale_itself(
    store: Store, kind: TrialKind, said: bool, opens: bool
) -> None:
    shown = read_folder(shipped("shapira-mongrain-2010"))
    before = content(store)

    def act(work: Work) -> Trial:
        return trials.open_trial(
            work, shown, slug="evenings", kind=kind, base_url=BASE, chance=CHANCE, target=None, placeholder_wording=said
        )

    if opens:
        with store.open_work(OPERATOR) as work:
            assert act(work).kind is kind
        return
    with pytest.raises(Refused, match="equipoise instruments fill cesd") as refused, store.open_work(OPERATOR) as work:
        act(work)
    assert ("--placeholder-wording" in str(refused.value)) is (kind is TrialKind.TEST)
    assert content(store) == before
