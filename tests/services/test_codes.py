"""A fresh code proves who asks now: once, for one purpose, for an hour, five tries, five mails a day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.services.post import CODE, Post
from tests.services.scene import Scene
from trial.services import codes
from trial.services.codes import Purpose
from trial.storage.work import Store

HER = "her@mailbox.example"


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    person = scene.enrol(HER)
    post.deliver(scene)
    return person


def ask(scene: Scene, person: int, purpose: Purpose = "me", to: str | None = None) -> None:
    with scene.work() as work:
        codes.ask(work, person, purpose, to=to)


def check(scene: Scene, person: int, typed: str, purpose: Purpose = "me") -> bool:
    with scene.work() as work:
        return codes.check(work, person, purpose, typed)


def mailed(scene: Scene, post: Post, to: str = HER) -> str:
    post.deliver(scene)
    found = CODE.search(post.mails(to)[-1].text)
    assert found
    return found[0]


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_of_the_mail_fits_once(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her)
    code = mailed(scene, post)
    assert post.subjects(HER)[-1] == "Your code"
    assert check(scene, her, f" {code[:3]} {code[3:]} ")
    assert not check(scene, her, code)


def test_a_code_is_for_one_person_and_one_purpose(scene: Scene, post: Post, her: int) -> None:
    him = scene.enrol("him@mailbox.example")
    for purpose in ("me", "address"):
        ask(scene, her, purpose)  # type: ignore[arg-type]
        ask(scene, him, purpose)  # type: ignore[arg-type]
    post.deliver(scene)
    me, address = (re.findall(CODE, one.text)[0] for one in post.mails(HER)[-2:])
    assert me != address
    assert not check(scene, him, me)
    assert not check(scene, her, me, "address")
    assert check(scene, her, address, "address")
    assert check(scene, her, me)


@pytest.mark.parametrize("typed", ["", "00000", "abcdef", "0000000", "\ud800", "１２３４５６"])
def test_anything_else_is_no_code(scene: Scene, her: int, typed: str) -> None:
    ask(scene, her)
    assert not check(scene, her, typed)


def test_a_code_nobody_asked_for_fits_nothing(scene: Scene, her: int) -> None:
    assert not check(scene, her, "123456")


def test_a_code_lapses_after_an_hour(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her)
    code = mailed(scene, post)
    scene.move_to(scene.now + codes.LIVES - timedelta(seconds=1))
    ask(scene, her, "address")  # another purpose changes nothing
    scene.move_to(scene.now + timedelta(seconds=1))
    assert not check(scene, her, code)


def test_after_five_wrong_tries_the_right_code_does_not_fit_either(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her)
    code = mailed(scene, post)
    for _ in range(codes.TRIES):
        assert not check(scene, her, other(code))
    assert not check(scene, her, code)
    ask(scene, her)
    assert check(scene, her, mailed(scene, post))


def test_four_wrong_tries_leave_a_fifth(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her)
    code = mailed(scene, post)
    for _ in range(codes.TRIES - 1):
        check(scene, her, other(code))
    assert check(scene, her, code)


def test_no_more_than_five_codes_are_mailed_in_a_day_to_whichever_address(scene: Scene, post: Post, her: int) -> None:
    for number in range(8):
        ask(scene, her, "address" if number % 2 else "me", "new@mailbox.example" if number % 2 else None)
    post.deliver(scene)
    assert len(post.mails(HER)) - 1 + len(post.mails("new@mailbox.example")) == codes.MAILS_A_DAY
    scene.move(days=1, minutes=1)
    ask(scene, her)
    assert check(scene, her, mailed(scene, post))


def test_a_newer_code_takes_the_place_of_the_one_before(scene: Scene, post: Post, her: int) -> None:
    ask(scene, her)
    first = mailed(scene, post)
    ask(scene, her)
    second = mailed(scene, post)
    assert not check(scene, her, first)
    assert check(scene, her, second)
