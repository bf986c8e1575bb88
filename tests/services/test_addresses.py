"""Another address: the old one is told and can undo it for a week, by a code that is typed; then it is forgotten."""

from __future__ import annotations

import pytest

from tests.services.post import CODE, LINK, Post
from tests.services.scene import Scene
from tests.storage.stores import content, holding
from trial.core.errors import LinkInvalid
from trial.services import addresses, links, service_mails, withdrawal
from trial.services.links import Target
from trial.storage import participants, vault, wishes
from trial.storage.work import Store
from workers.timetable import tick

HER, NEW, THIRD = "her@mailbox.example", "new@mailbox.example", "third@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    person = scene.enrol(HER)
    post.deliver(scene)
    return person


def change(scene: Scene, post: Post, person: int, to: str = NEW) -> None:
    scene.move(minutes=1)
    with scene.work() as work:
        assert addresses.ask(work, person, to) is None
    post.deliver(scene)
    code = CODE.search(post.mails(to)[-1].text)
    assert code
    with scene.work() as work:
        assert addresses.confirm(work, person, code[0])
    post.deliver(scene)


def told(post: Post, address: str = HER) -> tuple[str, str]:
    """The link and the code in the last mail to an address."""
    text = post.mails(address)[-1].text
    link, code = LINK.search(text), CODE.search(LINK.sub("", text))
    assert link and code
    return link[1], code[0]


def follow(scene: Scene, token: str) -> Target:
    with scene.work(write=False) as work:
        return links.follow(work, token)


def undo(scene: Scene, token: str, typed: str) -> bool:
    wish = follow(scene, token).undo
    assert wish is not None
    with scene.work() as work:
        return addresses.undo(work, wish, typed)


def address(scene: Scene, person: int) -> str:
    with scene.work(write=False) as work:
        return vault.address_of(work, person)


def new_link(scene: Scene, post: Post, person: int, to: str) -> str:
    with scene.work() as work:
        service_mails.send(work, participants.by_id(work, person), "new_link")
    post.deliver(scene)
    found = LINK.search(post.mails(to)[-1].text)
    assert found
    return found[1]


def test_the_old_address_brings_itself_back_and_links_sent_to_the_new_one_die(
    scene: Scene, post: Post, her: int
) -> None:
    change(scene, post, her)
    before = content(scene.store)
    token, code = told(post)
    scene.move(minutes=1)
    elsewhere = new_link(scene, post, her, NEW)
    assert follow(scene, elsewhere).participant_id == her
    assert undo(scene, token, code)
    assert address(scene, her) == HER
    with pytest.raises(LinkInvalid):
        follow(scene, elsewhere)
    post.deliver(scene)
    assert post.subjects(NEW)[-1] == "Your address was changed back"
    assert scene.events(her)[-1] == "address_change_undone"
    assert follow(scene, new_link(scene, post, her, HER)).participant_id == her
    assert [row["arm"] for row in before["allocation"]] == [row["arm"] for row in content(scene.store)["allocation"]]
    with pytest.raises(LinkInvalid):  # once
        follow(scene, token)


def test_the_mail_to_the_old_address_leads_to_undoing_and_to_no_page_of_the_person(
    scene: Scene, post: Post, her: int
) -> None:
    change(scene, post, her)
    assert len(LINK.findall(post.mails(HER)[-1].text)) == 1
    assert LINK.findall(post.mails(NEW)[0].text) == []  # nor does the one that only confirms an address
    with scene.work(write=False) as work:
        assert links.follow(work, told(post)[0], lapsed_too=True).undo is not None


def test_a_wrong_code_changes_nothing_and_five_of_them_end_it(scene: Scene, post: Post, her: int) -> None:
    change(scene, post, her)
    token, code = told(post)
    other = f"{(int(code) + 1) % 1_000_000:06d}"
    for typed in ("", other, "abc", other, other):
        assert not undo(scene, token, typed)
        assert address(scene, her) == NEW
    assert not undo(scene, token, code)


def test_after_a_week_the_old_address_is_forgotten_and_cannot_come_back(scene: Scene, post: Post, her: int) -> None:
    change(scene, post, her)
    token, _ = told(post)
    assert "former_address" in {row["kind"] for row in content(scene.store)["words"]}
    scene.move(days=7)
    tick(scene.store.open_work, post.sender())
    assert "former_address" not in {row["kind"] for row in content(scene.store)["words"]}
    assert scene.events(her).count("former_address_forgotten") == 1
    with pytest.raises(LinkInvalid):
        follow(scene, token)
    tick(scene.store.open_work, post.sender())
    assert scene.events(her).count("former_address_forgotten") == 1


def test_the_first_address_can_undo_a_second_change_too_and_then_no_other_can(
    scene: Scene, post: Post, her: int
) -> None:
    change(scene, post, her)
    change(scene, post, her, THIRD)
    first, second = told(post), told(post, NEW)
    assert undo(scene, *first)
    assert address(scene, her) == HER
    with pytest.raises(LinkInvalid):
        follow(scene, second[0])
    assert "former_address" not in {row["kind"] for row in content(scene.store)["words"]}


def test_who_undoes_the_second_change_leaves_the_first_to_the_first_address(scene: Scene, post: Post, her: int) -> None:
    change(scene, post, her)
    change(scene, post, her, THIRD)
    assert undo(scene, *told(post, NEW))
    assert address(scene, her) == NEW
    assert undo(scene, *told(post))
    assert address(scene, her) == HER


def test_an_address_that_somebody_else_gave_meanwhile_does_not_come_back(scene: Scene, post: Post, her: int) -> None:
    change(scene, post, her)
    token, code = told(post)
    scene.enrol(HER)
    assert not undo(scene, token, code)
    assert address(scene, her) == NEW


def test_the_persons_own_page_cannot_end_the_right_of_the_old_address(scene: Scene, post: Post, her: int) -> None:
    change(scene, post, her)
    with scene.work(write=False) as work:
        (wish,) = wishes.former_addresses(work, her)
        assert wishes.waiting(work, her) == []
    with scene.work() as work:
        withdrawal.undo(work, her, wish.id)
    assert undo(scene, *told(post))


def test_an_old_address_lies_sealed_and_is_gone_with_everything_else(scene: Scene, post: Post, her: int) -> None:
    change(scene, post, her)
    token, code = told(post)
    assert holding(scene.store, HER, NEW) == []
    with scene.work() as work:
        withdrawal.ask(work, her, "erase")
    scene.move(days=6, hours=23)
    post.deliver(scene)
    scene.move(hours=2)
    tick(scene.store.open_work, post.sender())
    assert {row["kind"] for row in content(scene.store)["words"]} == {"proof"}
    with pytest.raises(LinkInvalid):
        follow(scene, token)
    assert code


def test_an_address_that_refuses_a_mail_meant_for_it_alone_says_nothing_of_the_one_on_file(
    scene: Scene, post: Post, her: int
) -> None:
    post.refuse(NEW)
    with scene.work() as work:
        addresses.ask(work, her, NEW)
    post.deliver(scene)
    assert scene.person(her).bounced_at is None
