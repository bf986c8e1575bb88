"""A seed from two contributions: the system commits first, somebody outside gives, and neither can have chosen it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from reports.allocating import contributed
from reports.frozen import FrozenRandomization
from tests.core.protocols import FOLDER
from tests.core.published import laid_down, script
from tests.services.at_once import at_once
from tests.services.scene import BASE, CHANCE, MOODS, OPERATOR, START, Scene
from tests.services.test_verifying import PUBLISHED, UNBLINDED, after, unguarded, verdict
from tests.storage.stores import content, kept_store
from trial.core.access import Actor, Role
from trial.core.errors import EquipoiseError, NotAllowed, Refused
from trial.core.published_list import SEAL
from trial.core.randomization import commitment
from trial.core.randomization.contributions import combined, commitment_of, read_contribution, receipt
from trial.core.trial import TrialKind, TrialState
from trial.services import contributing, freeze, preparing, rehearsing, trials
from trial.storage import trials as stored
from trial.storage.tables import event, seal, trial
from trial.storage.tables_design import seed_part
from trial.storage.work import Store, Work

SHARE, SALT = bytes(range(32)), b"t" * 32
GIVEN, WHO = b"the forty-second number of tonight's draw", "Somebody outside"


def prepared(store: Store) -> None:
    with store.open_work(OPERATOR) as work:
        if not rehearsing.is_pretend(work):
            rehearsing.start_clock(work, START)
    with store.open_work(OPERATOR) as work:
        preparing.prepare(work, FOLDER, slug="evenings", base_url=BASE)


def share(store: Store, content: bytes = SHARE) -> str:
    with store.open_work(OPERATOR) as work:
        return contributing.share(work, "evenings", content, SALT)


def contribute(store: Store, given: bytes = GIVEN, who: str = WHO, by: Actor = OPERATOR) -> str:
    with store.open_work(by) as work:
        return contributing.contribute(work, "evenings", given, who)


def begin(store: Store) -> None:
    """Past the gate, whose lines are not the matter here."""
    with store.open_work(OPERATOR) as work:
        opened = stored.open_prepared(work, stored.by_slug(work, "evenings"))
        trials.seal_and_begin(work, opened, FOLDER, CHANCE)


class Opened(Scene):
    """A live trial whose seed was made of two contributions, with five people."""

    def __init__(self, store: Store) -> None:
        prepared(store)
        share(store)
        contribute(store)
        begin(store)
        with store.open_work(OPERATOR) as work:  # nobody here is held for a look
            work.rows.execute(update(trial).values(kind=TrialKind.REHEARSAL.value))
        self._found(store)
        for number in range(5):
            self.enrol(mood=number % 2)

    def _found(self, store: Store) -> None:
        self.store, self.folder, self.slug = store, FOLDER, "evenings"
        self.numbers = iter(range(1, 100))  # type: ignore[assignment]
        with store.open_work(OPERATOR, write=False) as work:
            self.id = stored.by_slug(work, self.slug).id


# --- the rule ----------------------------------------------------------------------------------------------------


def test_the_seed_is_the_hmac_of_the_contribution_under_the_share() -> None:
    """Figures from the command line: printf … | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f."""
    assert combined(SHARE, GIVEN).hex() == "4a15940cc5ca3e18ffaacddcfad859ae2fbd607f5815b1038bda652c5049e51b"
    assert commitment_of(SHARE, SALT) == "b6fe1afa462797a69adeb3466a229c6636f2f4e343228290b640ea94a0c71bf5"
    assert len({combined(SHARE, GIVEN), combined(SHARE, GIVEN + b"."), combined(SALT, GIVEN)}) == 3
    assert receipt(GIVEN) == hashlib.sha256(GIVEN).hexdigest()


def test_a_line_break_at_the_end_is_none_of_the_contribution_and_sixteen_bytes_are_the_least() -> None:
    assert read_contribution(b"sixteen letters!") == read_contribution(b"sixteen letters!\r\n") == b"sixteen letters!"
    assert read_contribution(b"\n" * 18) == b"\n" * 17
    for raw in (b"", b"fifteen letters\n", b"x" * 65_537):
        with pytest.raises(Refused, match="from 16 to 65536 bytes"):
            read_contribution(raw)


# --- in preparation ----------------------------------------------------------------------------------------------


def test_the_commitment_is_published_at_once_and_the_opening_waits_for_the_contribution(store: Store) -> None:
    prepared(store)
    commitment = share(store)
    with store.open_work(OPERATOR, write=False) as work:
        assert trials.status(work, "evenings").contributions == contributing.Told(commitment, None, None)
    before = content(store)
    with pytest.raises(Refused, match="waits for a contribution"):
        begin(store)
    assert content(store) == before
    told = contribute(store)
    with store.open_work(OPERATOR, write=False) as work:
        assert trials.status(work, "evenings").contributions == contributing.Told(commitment, WHO, told)
    begin(store)
    rows = content(store)
    acts = [(one["event"], one["detail"]) for one in rows["event"] if one["event"].startswith("seed")]
    seed = combined(SHARE, GIVEN)
    digest, name = commitment_of_trial(seed), hashlib.sha256(WHO.encode()).hexdigest()
    assert acts == [
        ("seed_shared", {"commitment": commitment}), ("seed_contributed", {"receipt": told, "name": name}),
        ("seed_sealed", {"digest": digest}),
    ]  # fmt: skip
    assert rows["seal"][0]["digest"] == digest
    kept = b"".join(one["sealed"] for one in rows["seed_part"])
    assert SHARE not in kept and GIVEN not in kept and GIVEN.decode() not in repr(rows["event"])


def commitment_of_trial(seed: bytes) -> str:
    return commitment(seed, SALT, FOLDER.protocol)


def test_each_is_given_once_in_this_order_and_before_the_opening(store: Store) -> None:
    prepared(store)
    with pytest.raises(Refused, match="share comes first"):
        contribute(store)
    share(store)
    with pytest.raises(Refused, match="cannot be drawn again"):
        share(store, b"x" * 32)
    for who in ("", "  ", "x" * 201, "a\x07b"):
        with pytest.raises(Refused, match="who gave it"):
            contribute(store, who=who)
    contribute(store)
    before = content(store)
    with pytest.raises(Refused, match="stays"):
        contribute(store, b"another one, which is later")
    assert content(store) == before
    begin(store)
    for act in (share, contribute):
        with pytest.raises(Refused, match="its seed is sealed"):
            act(store)


def test_two_contributions_at_once_leave_one(store: Store) -> None:
    prepared(store)
    share(store)

    def give(number: int) -> str:
        try:
            return contribute(store, f"contribution number {number}".encode())
        except EquipoiseError as error:
            return str(error)

    told = at_once(give, range(4))
    assert sum(len(one) == 64 for one in told) == 1
    assert len(content(store)["seed_part"]) == 2


def test_who_does_not_prepare_trials_gives_nothing(store: Store) -> None:
    prepared(store)
    for role in (Role.COORDINATOR, Role.STATISTICIAN, Role.UNBLINDED_STATISTICIAN):
        with pytest.raises(NotAllowed):
            contribute(store, by=Actor("member:7", role))


def test_a_trial_without_contributions_is_as_it_was(store: Store) -> None:
    prepared(store)
    begin(store)
    with store.open_work(OPERATOR, write=False) as work:
        assert trials.status(work, "evenings").contributions is None
    assert content(store)["seal"][0]["digest"] == commitment(CHANCE.seed, CHANCE.salt, FOLDER.protocol)


# --- proof -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """On one database for all that is tampered with; each test throws its transaction away."""
    with kept_store(request, "sqlite", tmp_path_factory.mktemp("contributed")) as store:
        found = Opened(store)
        unguarded(store)
        yield found


def _part(part: str, **values: object) -> Callable[[Work], object]:
    return lambda work: work.rows.execute(update(seed_part).where(seed_part.c.part == part).values(**values))


def _no_parts(work: Work) -> None:
    work.rows.execute(delete(seed_part))


def _no_acts(work: Work) -> None:
    work.rows.execute(delete(event).where(event.c.event.in_(["seed_shared", "seed_contributed"])))


def _other_order(work: Work) -> None:
    """The contribution was on record before the commitment: the share could have been chosen by it."""
    for old, new in (("seed_shared", "between"), ("seed_contributed", "seed_shared"), ("between", "seed_contributed")):
        work.rows.execute(update(event).where(event.c.event == old).values(event=new))


HARM: dict[str, tuple[Callable[[Work], object], str]] = {
    "the share under seal": (_part("share", sealed=b"x" * 60), "does not open"),
    "the contribution under seal": (_part("contribution", sealed=b"x" * 60), "does not open"),
    "the commitment": (_part("share", digest="0" * 64), "record of acts"),
    "the receipt": (_part("contribution", digest="0" * 64), "record of acts"),
    "who gave it": (_part("contribution", given_by="Somebody else"), "record of acts"),
    "the share's salt": (_part("share", salt=b"x" * 32), "committed to"),
    "no contributions any more": (_no_parts, "record of acts"),
    "no acts any more": (_no_acts, "record of acts"),
    "the order of the acts": (_other_order, "record of acts"),
    "the salt": (lambda work: work.rows.execute(update(seal).values(salt=b"x" * 32)), "committed to"),
}


@pytest.mark.parametrize("what", HARM)
def test_whatever_is_changed_of_the_contributions_is_named_by_the_command(lived: Opened, what: str) -> None:
    harm, named = HARM[what]
    assert verdict(lived).holds
    found = after(lived, harm)
    assert found.difference is not None and named in found.difference.what, found


@pytest.fixture(scope="module")
def files(lived: Opened) -> dict[str, str]:
    """What is published of it; the transaction is thrown away."""
    kept: dict[str, str] = {}

    def publish(work: Work) -> None:
        work.rows.execute(update(trial).values(state=TrialState.LOCKED.value))
        kept.update(freeze.freeze(replace(work, by=OPERATOR), lived.slug))

    after(lived, publish)
    return {name: kept[name] for name in PUBLISHED}


def test_both_are_published_with_the_frozen_data_and_the_script_follows(files: dict[str, str], tmp_path: Path) -> None:
    both = json.loads(files[SEAL])["contribution"]
    assert both == {
        "commitment": commitment_of(SHARE, SALT), "share": SHARE.hex(), "given": GIVEN.hex(), "given_by": WHO,
    }  # fmt: skip
    kept = FrozenRandomization.model_validate(json.loads(files["freeze.json"])["randomization"])
    assert kept.contribution is not None and kept.contribution.receipt == hashlib.sha256(GIVEN).hexdigest()
    told = contributed(kept.contribution.model_dump())
    assert WHO in told and both["commitment"] in told
    said = script().verify(laid_down(tmp_path, files))
    assert f"the share {both['commitment']} and what {WHO} gave" in said


@pytest.mark.parametrize("part", ["commitment", "share", "given", "another pair"])
def test_whatever_is_changed_of_the_contributions_is_named_by_the_script(
    files: dict[str, str], tmp_path: Path, part: str
) -> None:
    sealed = json.loads(files[SEAL])
    both = sealed["contribution"]
    if part == "another pair":
        both |= {"share": SALT.hex(), "commitment": commitment_of(SALT, SALT), "given": b"given afterwards".hex()}
    else:
        both[part] = "00" * 32
    check = script()
    with pytest.raises(check.Wrong, match="share"):
        check.verify(laid_down(tmp_path, files | {SEAL: json.dumps(sealed)}))


def test_the_database_itself_refuses_another_contribution(store: Store) -> None:
    prepared(store)
    share(store)
    contribute(store)
    for act in (_part("contribution", digest="0" * 64), _no_parts):
        with pytest.raises(DBAPIError, match="append-only"), store.open_work(OPERATOR) as work:
            act(work)


def test_the_unblinded_statistician_verifies_it_before_the_lock(store: Store) -> None:
    scene = Opened(store)
    assert verdict(scene, UNBLINDED).holds
    person, occasion = scene.to_baseline()
    assert scene.submit(person, occasion, MOODS[0]).allocated
