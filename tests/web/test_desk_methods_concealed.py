"""Whatever the method of allocation: a blinded member meets nothing of how anybody was allocated, on no page, in no
refusal, no log, no mail and no command; and whoever guesses from all that they see is right as often as a coin.

Two trials stand beside each other whose arms are exchanged. What a blinded member sees is the same in both to the
letter, so any guess, by whatever strategy, is right in exactly one of the two.
"""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.cli.conftest import Shell, equipoise
from tests.cli.members import signed_in, signed_out
from tests.web.methods_concealed import ARMS, DESIGNS, PEOPLE, Concealed, concealed, over_the_pages, whole_record
from tests.web.place import OPERATOR, SLUG
from tests.web.test_desk_arm_swap import Keeping, at, plain
from trial.core.access import BLINDED, Role
from trial.core.randomization import STAGE
from trial.services import rehearsing
from trial.services.delivery import Sender, run_once
from trial.storage.tables import allocation

__all__ = ["equipoise"]
# minimisation where arms differ in their mails, a sealed list, and a second stage with a cross-over that one arm alone
# has; the others are the same tests once more
QUICK = ("unequal arms", "listed-1", "stages")
Pair = tuple[Concealed, Concealed]


@pytest.fixture(
    scope="module",
    params=[pytest.param(one, marks=() if one in QUICK else pytest.mark.long) for one in DESIGNS],
)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("concealed")
    one, other = (concealed(folder / str(swapped), request.param, swapped=swapped) for swapped in (False, True))
    return one, other


def test_everybody_is_in_the_other_arm_and_each_secret_is_found_where_it_stands(pair: Pair) -> None:
    """The control: without this the rest would say nothing."""
    one, other = pair
    assert all(mine != theirs for mine, theirs in zip(one.arms, other.arms, strict=True))
    assert set(one.arms) == {"letter", "list"} and len(one.arms) == PEOPLE
    assert all(mine != theirs for mine, theirs in zip(one.options, other.options, strict=True))
    for each in pair:
        assert set(each.told(whole_record(each))) == set(each.secrets)
        assert len(each.secrets) > PEOPLE + 6


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_no_page_or_refusal_tells_a_blinded_role_and_both_trials_look_alike(pair: Pair, role: Role) -> None:
    seen = []
    for each in pair:
        browser, said = each.team.visitor(role), []
        token = browser.get(f"/{SLUG}").forms[0].filled()["csrf"]
        for path in each.paths():
            replies = browser.get(path), browser.post(path, {"act": "open", "csrf": token})
            said.append((path, [f"{reply.status} {reply.headers} {reply.text}" for reply in replies]))
        assert [(path, each.told(one)) for path, texts in said for one in texts if each.told(one)] == []
        seen.append([(path, [plain(one) for one in texts]) for path, texts in said])
    assert len(seen[0]) > PEOPLE
    assert seen[0] == seen[1]


def test_no_mail_and_no_command_tells(pair: Pair, equipoise: Shell) -> None:
    for each in pair:
        each.place.move(hours=20)
        kept = Keeping()
        for hours in (*[2] * 12, 0):  # no mail leaves by night, and one for the evening is of no use after it
            while run_once(each.place.store.open_work, Sender(kept, "study@equipoise.example", "test")):
                pass
            with each.place.store.open_work(OPERATOR) as work:
                rehearsing.move_clock(work, work.now + timedelta(hours=hours))
        assert len(kept.mails) > 2
        assert [each.told(mail) for mail in kept.mails if each.told(mail)] == []
        signed_in(each.place.store, each.place.path.parent, each.team.member(Role.COORDINATOR).id)
        for words in ("status --json", "enrolment held --json", f"randomization verify {SLUG}"):
            done = equipoise(*words.replace("--json", f"{SLUG} --json").split(), **at(each))
            assert each.told(done.out + done.err) == [], words
        signed_out(each.place.path.parent)


def test_a_guess_from_all_that_a_blinded_recruiter_sees_is_right_in_one_of_the_two_trials_and_wrong_in_the_other(
    pair: Pair,
) -> None:
    """The convergence strategy needs to know who had which arm. All that it could learn that from is every page of the
    owner, who recruits: it takes whatever sets somebody's page apart from the others' for an arm, and finds nothing.
    """
    right = 0
    for each in pair:
        right += sum(guess == arm for guess, arm in zip(guesses(shown(each)), each.arms, strict=True))
    assert right == PEOPLE
    # the control: where an arm shows in any way, the same guesser goes by it, and differs between the two
    telling = [
        [f"{page} {'•' * ('letter', 'list').index(arm)}" for page, arm in zip(shown(each), each.arms, strict=True)]
        for each in pair
    ]
    one, other = (guesses(pages) for pages in telling)
    assert one != other and guesses(shown(pair[0])) == guesses(shown(pair[1]))


def shown(each: Concealed) -> list[str]:
    """The page of each person, in the order of entry, without what tells one person from another."""
    owner = each.team.visitor(Role.OWNER)
    return [plain(owner.get(f"/{SLUG}/participants/{code}").text).replace(code, "") for code in each.codes()]


def guesses(pages: list[str]) -> list[str]:
    """The convergence strategy on what sets pages apart: the kind seen less often so far comes next; else the arms in
    turn."""
    kinds = sorted(set(pages))
    found = []
    for number in range(PEOPLE):
        had = [pages[:number].count(kind) for kind in kinds]
        next_kind = had.index(min(had)) if len(kinds) > 1 and len(set(had)) > 1 else number % 2
        found.append(ARMS[next_kind % 2])
    return found


def test_the_servers_log_tells_nothing_while_people_are_allocated_nor_when_the_database_fails_at_it(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """One person is allocated over the pages; for another the database refuses the allocation, with all its values."""
    for each in pair:
        with caplog.at_level(logging.DEBUG):
            done = over_the_pages(each, "first@mailbox.example")
            with each.place.store.open_work(OPERATOR) as work:
                work.rows.execute(text(BROKEN))
            failed = over_the_pages(each, "second@mailbox.example")
            with each.place.store.open_work(OPERATOR) as work:
                work.rows.execute(text("drop trigger broken"))
        assert (done.page.status, failed.page.status) == (200, 500)
        logged = "\n".join(f"{line.name} {line.getMessage()} {line.exc_text or ''}" for line in caplog.records)
        caplog.clear()
        assert "unforeseen IntegrityError" in logged
        with each.place.store.open_work(OPERATOR, write=False) as work:
            of_all = select(allocation).where(allocation.c.stage == STAGE)
            last = work.rows.execute(of_all.order_by(allocation.c.sequence.desc()).limit(1)).one()
        assert last.sequence == PEOPLE + 1
        for page in (logged, done.page.text, failed.page.text):
            assert each.told(page) == []
            assert last.record["draw"] not in page and '"state_seen"' not in page and "[parameters" not in page


BROKEN = "create trigger broken before insert on allocation begin select raise(abort, 'refused'); end"
