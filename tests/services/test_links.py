"""Personal links: whoever holds the right one comes in, anything else is refused alike, and looking changes nothing."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from tests.services.post import Post
from tests.services.scene import Scene
from tests.storage.stores import KEYS, content, holding
from trial.core.access import SYSTEM
from trial.core.delivery import Contact
from trial.core.errors import LinkInvalid
from trial.core.links import hash_token, make_token
from trial.services import links
from trial.services.links import Target
from trial.storage import deliveries
from trial.storage.keys import Keys
from trial.storage.work import Store


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def evening(scene: Scene) -> Contact:
    """The mail of the first evening, which is open."""
    person = scene.enrol()
    scene.move_to(scene.occasions(person)[0].opens_at)
    return scene.contacts(person, "evening")[0]


def token(contact: Contact, *, keys: Keys = KEYS) -> str:
    return make_token(keys, contact.id, contact.generation)


def follow(scene: Scene, text: str) -> Target:
    with scene.work(write=False) as work:
        return links.follow(work, text)


def test_the_link_of_a_mail_leads_to_its_person_and_occasion(scene: Scene, evening: Contact) -> None:
    target = follow(scene, token(evening))
    assert (target.trial.slug, target.participant_id, target.occasion_id) == (
        "evenings", evening.participant_id, evening.occasion_id,
    )  # fmt: skip


def forged(right: str) -> dict[str, str]:
    other = "A" if right[0] != "A" else "B"
    return {
        "one letter changed": other + right[1:],
        "the last letter changed": right[:-1] + ("A" if right[-1] not in "AQgw" else "E"),
        "truncated": right[:-1],
        "one letter more": right + "A",
        "a line break more": right + "\n",
        "a blank more": right + " ",
        "small letters": right.swapcase(),
        "its hash": hash_token(right),
        "the hash's start": hash_token(right)[:43],
        "nothing": "",
        "a guess": "x" * 43,
        "a path": "../../../../etc/passwd/../../../../etc/pass",
        "a query": "' or 1=1 --".ljust(43, "-"),
        "very much": "A" * 100_000,
        "no letters of ours": "é" * 43,
        "half a character": "\ud800" * 43,
    }


def test_whatever_is_not_the_link_is_refused_alike(scene: Scene, evening: Contact) -> None:
    said = set()
    for text in forged(token(evening)).values():
        with pytest.raises(LinkInvalid) as refused:
            follow(scene, text)
        said.add(str(refused.value))
    assert len(said) == 1


def test_no_flipped_bit_makes_another_link_that_works(scene: Scene, evening: Contact) -> None:
    raw = base64.urlsafe_b64decode(token(evening) + "=")
    for bit in range(256):
        flipped = (int.from_bytes(raw, "big") ^ (1 << bit)).to_bytes(32, "big")
        with pytest.raises(LinkInvalid):
            follow(scene, base64.urlsafe_b64encode(flipped).rstrip(b"=").decode())


def test_another_installations_link_does_not_work_here(scene: Scene, evening: Contact) -> None:
    with pytest.raises(LinkInvalid):
        follow(scene, token(evening, keys=replace(KEYS, link=b"x" * 32)))
    with pytest.raises(LinkInvalid):
        follow(scene, token(evening, keys=replace(KEYS, index=b"x" * 32)))


def test_nor_does_a_link_of_a_mail_that_was_never_planned(scene: Scene, evening: Contact) -> None:
    with pytest.raises(LinkInvalid):
        follow(scene, token(replace(evening, id=9999)))


def test_a_link_lapses_with_its_window(scene: Scene, evening: Contact) -> None:
    closes = scene.occasions(evening.participant_id)[0].closes_at
    scene.move_to(closes.replace(microsecond=0))
    with pytest.raises(LinkInvalid) as lapsed:
        follow(scene, token(evening))
    with pytest.raises(LinkInvalid) as forged_one:
        follow(scene, "x" * 43)
    assert str(lapsed.value) == str(forged_one.value)


def test_a_lapsed_link_still_leads_out_of_the_trial(scene: Scene, evening: Contact) -> None:
    scene.move(days=300)
    with scene.work(write=False) as work:
        assert links.follow(work, token(evening), lapsed_too=True).participant_id == evening.participant_id


def test_a_link_that_was_revoked_does_not_work_and_its_successor_does(scene: Scene, evening: Contact) -> None:
    successor = replace(evening, generation=2)
    with scene.work() as work:
        deliveries.renew_links(work, evening.participant_id, since=work.now)
    with pytest.raises(LinkInvalid):
        follow(scene, token(evening))
    assert follow(scene, token(successor)).occasion_id == evening.occasion_id


def test_following_changes_nothing_however_often(scene: Scene, evening: Contact) -> None:
    before = content(scene.store)
    for _ in range(3):
        follow(scene, token(evening))
    with pytest.raises(LinkInvalid):
        follow(scene, "x" * 43)
    assert content(scene.store) == before


def test_no_link_can_be_read_in_the_database(scene: Scene, evening: Contact, post: Post) -> None:
    assert holding(scene.store, hash_token(token(evening))) == [], "nothing of it stands there before it leaves"
    assert follow(scene, token(evening)).occasion_id == evening.occasion_id
    post.deliver(scene)
    assert holding(scene.store, token(evening)) == []
    assert holding(scene.store, hash_token(token(evening))) == ["delivery.token_hash"]


def test_every_mail_has_a_link_of_its_own(scene: Scene, evening: Contact) -> None:
    scene.enrol()
    made = [token(contact) for contact in scene.contacts()]
    assert len(set(made)) == len(made) == 20


def test_a_link_that_is_out_opens_under_another_key_as_well(scene: Scene, evening: Contact, post: Post) -> None:
    """As after a restore, which gives a new one."""
    post.deliver(scene)
    other = replace(KEYS, link=b"x" * 32)
    with Store(scene.store.engine, other).open_work(SYSTEM, write=False) as work:
        assert links.follow(work, token(evening)).occasion_id == evening.occasion_id
        with pytest.raises(LinkInvalid):
            links.follow(work, token(evening, keys=other))
