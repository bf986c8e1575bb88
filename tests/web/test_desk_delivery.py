"""The desk's page about delivery, and the story of each mail of one person."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.web.desk_place import Team
from tests.web.methods_concealed import Concealed, concealed
from tests.web.place import OPERATOR, SLUG, Person, Place
from tests.web.test_desk_arm_swap import plain
from trial.core.access import BLINDED, Role, member_actor
from trial.core.delivery import WAITING
from trial.services import delivery_status, health, trials
from trial.services.overview import overview_of
from trial.storage import clock, deliveries, mail_counts
from trial.web.desk.delivery import HOURS_AHEAD, HOURS_BEHIND
from trial.web.desk.plots import Bar, hours_plot

R = Role
PAGE = f"/{SLUG}/delivery"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Concealed, Concealed]:
    """One arm has evenings that the other has not; everybody is in the other arm; a day's mails were not sent."""
    folder = tmp_path_factory.mktemp("delivery")
    both = [concealed(folder / str(swapped), "unequal arms", swapped=swapped) for swapped in (False, True)]
    for one in both:
        with one.place.store.open_work(OPERATOR) as work:
            clock.move(work, work.now + timedelta(days=1))
    return both[0], both[1]


def test_mails_that_one_arm_alone_has_are_late_and_a_blinded_member_cannot_see_it(
    pair: tuple[Concealed, Concealed],
) -> None:
    """The control: whoever is not blinded is told of more mails that are late."""
    for one in pair:
        blinded = member_actor(one.team.member(R.OWNER).id, frozenset({R.OWNER}), one.place.trial.id)
        told = []
        for by in (OPERATOR, blinded):
            with one.place.store.open_work(by, write=False) as work:
                told.append(delivery_status.sending_of(work, SLUG).late.number)
        with one.place.store.open_work(OPERATOR, write=False) as work:
            waiting = [mail for mail in deliveries.of_trial(work, one.place.trial.id) if mail.state in WAITING]
            late = [mail for mail in waiting if mail.due_at <= work.now]
        hidden = [mail for mail in late if mail.timepoint == "evening"]
        assert told[1] == told[0] - len(hidden) and hidden
        with one.place.store.open_work(blinded, write=False) as work:
            since = [overview_of(work, SLUG).late_since, trials.status(work, SLUG).oldest_due]
        seen_by_all = min((mail.due_at for mail in late if mail not in hidden), default=None)
        assert since == [seen_by_all, seen_by_all] and seen_by_all != min(mail.due_at for mail in late)
    for role in sorted(BLINDED):
        seen = [one.team.visitor(role).get(PAGE).text for one in pair]
        assert plain(seen[0]) == plain(seen[1]) and "counted nowhere here" in seen[0]
        assert not any(one.told(text) for one, text in zip(pair, seen, strict=True))


def test_the_page_says_since_when_mails_are_late_and_that_no_worker_lives(place: Place) -> None:
    Person(place, "robin@mailbox.example").to_allocation()
    team = Team(place)
    with place.store.open_work(OPERATOR) as work:
        clock.move(work, work.now + timedelta(days=1, hours=14))
    page = Team(place).visitor(R.OWNER).get(PAGE)
    assert re.search(r"mails? (is|are) due and (has|have) not left", page.words)
    assert "No worker has looked for mails yet." in page.words
    health.note_round(place.store.open_work)
    place.move(minutes=1)
    page = team.visitor(R.COORDINATOR).get(PAGE)
    assert (
        "Nothing is late." in page.words and "looked for mails that are due within the last two minutes" in page.words
    )
    assert "No pace is set" in page.words


def test_the_page_has_the_hours_and_messages_crossed_as_the_command_counts_them(place: Place) -> None:
    Person(place, "robin@mailbox.example").to_allocation()
    Person(place, "kim@mailbox.example").to_consent()
    with place.store.open_work(OPERATOR) as work:
        clock.move(work, work.now + timedelta(days=1, hours=14))
    with place.store.open_work(OPERATOR, write=False) as work:
        found = delivery_status.sending_of(work, SLUG, behind=HOURS_BEHIND, ahead=HOURS_AHEAD)
    counted = [
        (f"{line.hour:%Y-%m-%dT%H:%M:%SZ}", line.message, {name: n for name, n in line.numbers.items() if n})
        for line in found.lines
    ]
    assert len({hour for hour, _, _ in counted}) > 2 and len({message for _, message, _ in counted}) > 2
    assert crossed(Team(place).visitor(R.OWNER).get(PAGE).text) == counted


def crossed(html: str) -> list[tuple[str, str, dict[str, int]]]:
    """(hour, message, its numbers) as the tables by hour and message say them."""
    found = []
    for table in re.findall(r'<table class="rows sparse crossed">.*?</table>', html, re.DOTALL):
        for body in re.findall(r'<tbody>\s*<tr class="hour"><th scope="rowgroup".*?</tbody>', table, re.DOTALL):
            hour = re.findall(r'datetime="([^"]+)"', body)[0]
            for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL):
                message = unescape(re.findall(r'<th scope="row">(.*?)</th>', row)[0])
                cells = re.findall(r'data-label="([^"]+)">(\d+)</td>', row)
                found.append((hour, message, {name: int(number) for name, number in cells}))
    return found


def test_home_and_head_lead_to_the_page_and_the_page_leads_on(place: Place) -> None:
    team = Team(place)
    for role in (R.OWNER, R.STATISTICIAN):
        browser = team.visitor(role)
        assert browser.get(f"/{SLUG}").links.count(PAGE) >= 2
        links = [one for one in browser.get(PAGE).links if one.startswith(f"/{SLUG}/")]
        for link in dict.fromkeys(links):
            assert browser.get(link.partition("#")[0]).status == 200, (role, link)


def test_a_person_s_page_leads_to_the_story_of_their_mails_for_who_may_read_it(place: Place) -> None:
    person = Person(place, "robin@mailbox.example")
    person.to_allocation()
    place.move(days=1)
    team, code = Team(place), place.everyone()[-1].code
    path = f"/{SLUG}/participants/{code}/mails"
    assert path in team.visitor(R.COORDINATOR).get(f"/{SLUG}/participants/{code}").links
    assert path not in team.visitor(R.SAFETY_CONTACT).get(f"/{SLUG}/participants/{code}").links
    page = team.visitor(R.COORDINATOR).get(path)
    assert f"How each mail to {code} went" in page.words
    assert "The code that confirms the address sent" in page.words and "The mail server said 250 taken" in page.words
    assert "@" not in page.text and "mailbox.example" not in page.text
    assert team.visitor(R.SAFETY_CONTACT).get(path).status == 403
    assert team.visitor(R.OWNER).get(f"/{SLUG}/participants/EQ-NOBODY/mails").status == 404


def test_a_bar_of_the_plot_is_as_high_as_what_it_counts() -> None:
    assert hours_plot([Bar(hour, 0, 0, 0) for hour in range(-2, 3)]) is None
    drawn = str(hours_plot([Bar(-1, 6, 0, 3), Bar(0, 0, 0, 0), Bar(1, 0, 12, 0)]))
    heights = [float(one) for one in re.findall(r'width="[\d.]+" height="([\d.]+)" fill', drawn)]
    assert heights[0] == pytest.approx(heights[2] / 2, abs=0.11) and heights[1] == pytest.approx(
        heights[2] / 4, abs=0.11
    )
    assert drawn.count("<rect") == 4 and ">12<" in drawn and ">now<" in drawn
    assert 'aria-hidden="true"' in drawn and "style=" not in drawn


def test_the_page_counts_what_came_back_to_addresses_that_nobody_made(place: Place) -> None:
    team = Team(place)
    assert "nobody here made" not in team.visitor(R.COORDINATOR).get(PAGE).words
    for _ in range(2):
        with place.store.open_work(OPERATOR) as work:
            mail_counts.count(work, mail_counts.MADE_UP)
    assert "2 mails came back to return addresses that nobody here made" in team.visitor(R.COORDINATOR).get(PAGE).words
