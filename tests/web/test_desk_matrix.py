"""Every page of the desk for every role, in one's own trial and in another's, with what must never stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.desk_tour import ADDRESSES, WORDS, Toured, toured
from tests.web.place import SLUG, Visitor
from trial.core.access import BLINDED, MAY, READS, SYSTEM, Privacy, Role, Verb
from trial.core.events import Event
from trial.core.matters import MatterKind
from trial.core.texts import say
from trial.services.matters import READS as LISTS
from trial.storage import events, matters
from trial.web.desk.visit import DeskPage

TEAM = [role for role in Role if role is not Role.OPERATOR]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Toured:
    found = toured(tmp_path_factory.mktemp("tour"))
    for role in TEAM:
        found.team.member(role)
    return found


def seen_by(lived: Toured, role: Role) -> Iterator[tuple[DeskPage, str, int, str]]:
    """(page, address, status, text) of every page of the trial in the browser of this role."""
    browser = lived.team.visitor(role)
    for page, path in lived.addresses():
        reply = browser.get(path)
        yield page, path, reply.status, reply.text


def test_the_tour_has_something_on_every_page(lived: Toured) -> None:
    paths = [path for _, path in lived.addresses()]
    assert len(paths) > 3 and len(set(paths)) == len(paths)


@pytest.mark.parametrize("role", TEAM)
def test_a_role_finds_the_pages_of_its_verbs_and_no_other(lived: Toured, role: Role) -> None:
    for page, path, status, _ in seen_by(lived, role):
        if page.verb is not None:
            expected = {200} if page.verb in MAY[role] else {403}
            assert status in expected, (path, status)
        else:
            assert status in (200, 303, 403, 404), (path, status)


@pytest.mark.parametrize("role", TEAM)
def test_a_page_of_another_trial_is_not_there_for_anybody(lived: Toured, role: Role) -> None:
    browser = lived.team.visitor(role)
    for _, path in lived.addresses():
        other = path.replace(f"/{SLUG}", "/another-trial", 1)
        assert browser.get(other).status == 404, other


def test_a_stranger_is_led_to_the_door_from_every_page(lived: Toured) -> None:
    stranger = Visitor(lived.team.app, lived.team.url)
    for _, path in lived.addresses():
        reply = stranger.get(path)
        assert "/sign-in?" in reply.path or reply.status == 404, (path, reply.path)
        told = reply.text.replace(path, "")  # what was asked for comes back, as where to go on to
        assert not any(one in told for one in lived.codes())


@pytest.mark.parametrize("role", TEAM)
def test_no_form_is_taken_without_its_token(lived: Toured, role: Role) -> None:
    browser, before = lived.team.visitor(role), _without_visits(lived)
    for page, path in lived.addresses():
        if page.act is not None:
            for form in ({"act": "end"}, {"act": "approve", "request": "1", "csrf": "0" * 64}):
                assert browser.post(path, form).status in (403, 404, 409), path
    assert _without_visits(lived) == before


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_no_page_of_a_blinded_role_names_an_arm(lived: Toured, role: Role) -> None:
    names = [say(one.label, "en") for one in lived.place.folder.protocol.arms]
    assert len(names) > 2
    for _, path, status, text in seen_by(lived, role):
        told = [one for one in names if one in text]
        assert status != 200 or not told, (path, told)


@pytest.mark.parametrize("role", TEAM)
def test_no_page_shows_an_address_unasked_nor_words_to_who_may_not_read_them(lived: Toured, role: Role) -> None:
    for _, path, _, text in seen_by(lived, role):
        assert not any(one in text for one in ADDRESSES), path
        assert WORDS not in text, path


@pytest.mark.parametrize("role", TEAM)
def test_people_s_own_words_are_opened_by_who_may_and_each_opening_is_on_record(lived: Toured, role: Role) -> None:
    number = _report(lived)
    browser, before = lived.team.visitor(role), _openings(lived)
    shown = browser.get(f"/{SLUG}/matters/{number}")
    may = Verb.READ_WORDS in MAY[role]
    assert ("Read what was written" in shown.words) is may
    token = browser.get(f"/{SLUG}").forms[0].filled()["csrf"]
    page = browser.post(f"/{SLUG}/matters/{number}", {"csrf": token, "act": "words"})
    assert (page.status, WORDS in page.words) == ((200, True) if may else (403, False))
    assert _openings(lived) - before == int(may), "to look is on record, and nothing else writes there"
    assert WORDS not in browser.get(f"/{SLUG}/matters/{number}").words, "it is shown once"


def _report(lived: Toured) -> int:
    with lived.place.store.open_work(SYSTEM, write=False) as work:
        return matters.listed(work, lived.place.trial.id, MatterKind.ADVERSE_EVENT)[0].id


def _openings(lived: Toured) -> int:
    with lived.place.store.open_work(SYSTEM, write=False) as work:
        return sum(one.event is Event.WORDS_OPENED for one in events.of_trial(work, lived.place.trial.id))


@pytest.mark.parametrize("role", TEAM)
def test_a_count_of_a_list_is_told_only_to_who_may_read_the_list(lived: Toured, role: Role) -> None:
    home = lived.team.visitor(role).get(f"/{SLUG}").text
    for kind in MatterKind:
        end = {"adverse_event": "adverse-events", "reply": "replies", "held_enrolment": "held"}.get(kind.value)
        end = end or {"alert": "alerts", "missing_mail": "mails", "deviation": "deviations"}[kind.value]
        assert (f'href="/{SLUG}/{end}"' in home) is (LISTS[kind] in MAY[role]), (role, kind)


def test_every_page_asks_for_a_verb_whose_data_the_role_may_see(lived: Toured) -> None:
    for page, path in lived.addresses():
        if page.verb is not None and Privacy.ALLOCATION in READS.get(page.verb, frozenset()):
            assert not any(page.verb in MAY[role] for role in BLINDED), path


def _without_visits(lived: Toured) -> list[str]:
    """The whole database but for when a member was last seen, and sessions that began."""
    return [line for line in lived.place.dump() if 'INTO "member_session"' not in line]


def test_a_tour_in_another_folder_is_another_trial(tmp_path: Path, lived: Toured) -> None:
    assert toured(tmp_path).codes() == lived.codes(), "the tour is the same each time, or the swap of arms says nothing"
