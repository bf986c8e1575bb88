"""Each kind of finding comes out of a trial that has the mistake, and not of one that does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.rehearsal import morning_walks, troubled_walks
from tests.system.commands import in_this_process
from trial.cli.places import operator, settings_of
from trial.core.delivery import Contact, ContactState
from trial.core.participant import ParticipantState
from trial.core.rehearsed import Finding, Weight
from trial.rehearsal.findings import (
    alike,
    answering,
    at_night,
    between_steps,
    burden,
    desk,
    dropping_out,
    mails_a_day,
    not_sent,
    pace,
    recruiting,
    reminders,
    silent_rules,
    size,
    unreached,
    waiting,
)
from trial.rehearsal.findings.gathered import Facts
from trial.rehearsal.profile_file import read_profile
from trial.services.lived_through import LivedThrough, lived_through
from trial.services.record import Person

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PEOPLE = 30
Find = Callable[[Facts], Iterator[Finding]]


@dataclass(frozen=True)
class Lived:
    """One rehearsal: what the command printed, its folder, and its trial as the findings read it."""

    out: Path
    told: str
    read: LivedThrough

    def facts(self, *, pace: int = 600, **changes: Any) -> Facts:
        return Facts(replace(self.read, **changes), read_profile("realistic"), pace)

    @property
    def page(self) -> str:
        return (self.out / "index.html").read_text(encoding="utf-8")


def lived(place: Path, protocol: Path, *more: str) -> Lived:
    words = ("rehearse", protocol, "--participants", str(PEOPLE), "--seed", "2", "--fast", "--out", "lived", *more)
    done = in_this_process(*words, cwd=place)
    assert done.code == 0, done.err
    store = settings_of(home=place / "lived").store()
    with store.open_work(operator(), write=False) as work:
        return Lived(place / "lived", done.out, lived_through(work, morning_walks.SLUG))


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    place = tmp_path_factory.mktemp("walks")
    return lived(place, morning_walks.written(place), "--json")


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    place = tmp_path_factory.mktemp("troubled")
    return lived(place, troubled_walks.written(place))


def said(find: Find, facts: Facts, *words: str) -> list[Finding]:
    """The findings in whose sentence all these words stand."""
    return [one for one in find(facts) if all(word in one.what for word in words)]


def people(walks: Lived, change: Callable[[Person], Person]) -> Facts:
    return walks.facts(people=tuple(change(one) for one in walks.read.people))


def mails(walks: Lived, change: Callable[[Contact], Contact]) -> Facts:
    return walks.facts(mails=tuple(change(one) for one in walks.read.mails))


IN_THE_PLAN = (
    (mails_a_day.find, ("3 mails on one day", "noon_three"), Weight.MEND, "timepoints.noon_three.days"),
    (at_night.find, ("never left", "plan_it"), Weight.MEND, "timepoints.weekly.time"),
    (at_night.find, ("between 22:00 and 07:00", "tell_us"), Weight.LOOK, "timepoints.finish.time"),
    (unreached.find, ("Nobody was ever asked", "Forgotten"), Weight.MEND, "activities.forgotten"),
    (unreached.find, ("came up for nobody", "lately_thought"), Weight.LOOK, "activities.last.show_if"),
    (silent_rules.find, ("safety rule", "More than there is"), Weight.LOOK, "safety.rules.never"),
    (silent_rules.find, ("Lives on the moon",), Weight.KNOW, "eligibility.criteria.earth"),
    (silent_rules.find, ("of_some", "questionnaires_done >= 90"), Weight.MEND, "messages.of_some.only_if"),
    (desk.find, ("alerts came to the desk", "a week", "open at once"), Weight.LOOK, "safety.rules.often"),
    (desk.find, ("Saturday or Sunday",), Weight.LOOK, "safety.on_call.within"),
    (burden.find, ("90 minutes on the longest day",), Weight.LOOK, "arms.walks"),
    (size.find, ("counts on 99%", "has a power of"), None, "sample_size.assumptions"),
)  # fmt: skip


@pytest.mark.parametrize(("find", "words", "weight", "path"), IN_THE_PLAN)
def test_a_mistake_of_the_plan_is_found_where_it_stands_and_nowhere_else(
    walks: Lived, troubled: Lived, find: Find, words: tuple[str, ...], weight: Weight | None, path: str
) -> None:
    found = said(find, troubled.facts(), *words)
    assert path in [one.place.path for one in found if one.place], [one.what for one in find(troubled.facts())]
    one = next(each for each in found if each.place and each.place.path == path)
    assert weight in (None, one.weight) and one.mend
    assert one.place and path.split(".")[-2 if path.split(".")[-1].islower() else -1]
    line = (troubled.out / "protocol" / "protocol.yaml").read_text().splitlines()[one.place.line - 1]
    assert any(part in line for part in path.split(".")), line
    assert not said(find, walks.facts(), *words)


def test_two_mails_of_one_day_name_a_person_and_the_hours(troubled: Lived) -> None:
    found = said(mails_a_day.find, troubled.facts(), "noon_three", "3 mails")
    assert "noon at 12:00, noon_too at 12:30, noon_three at 13:00" in found[0].example
    codes = {one.record.code for one in troubled.read.people}
    assert found[0].example.split()[0] in codes


def test_mails_that_waited_for_the_morning_are_told_of(walks: Lived) -> None:
    calendar = walks.read.folder.protocol.calendar.model_copy(update={"quiet_until": "08:00"})
    protocol = walks.read.folder.protocol.model_copy(update={"calendar": calendar})
    later = {row: at + timedelta(minutes=45) for row, at in walks.read.sent_at.items()}
    facts = walks.facts(folder=replace(walks.read.folder, protocol=protocol), sent_at=later)
    assert said(at_night.find, facts, "waited for the end of the quiet hours", "plan_it")
    assert not list(at_night.find(walks.facts()))


def test_mails_whose_window_was_closed_or_that_came_too_late_must_be_seen(walks: Lived) -> None:
    for reason, weight in (("window_closed", Weight.MEND), ("past_latest_useful_time", Weight.LOOK)):
        facts = mails(walks, lambda one: replace(one, reason=reason) if one.message == "tell_us_still" else one)  # noqa: B023
        assert [one.weight for one in said(not_sent.find, facts, "never left", "tell_us_still")] == [weight]
    failed = mails(walks, lambda one: replace(one, state=ContactState.FAILED))
    assert said(not_sent.find, failed, "failed after every attempt")
    assert not said(not_sent.find, walks.facts(), "mail")[1:]


def test_addresses_that_stop_taking_mails(walks: Lived) -> None:
    gone = people(walks, lambda one: replace(one, record=replace(one.record, bounced_at=one.record.created_at)))
    assert [one.weight for one in said(not_sent.find, gone, "stopped taking mails")] == [Weight.LOOK]
    fine = people(walks, lambda one: replace(one, record=replace(one.record, bounced_at=None)))
    assert not said(not_sent.find, fine, "stopped taking mails")


def answered_with(walks: Lived, value: object, column: str) -> Facts:
    """Everybody gives this answer to this question."""

    def same(one: Person) -> Person:
        sheets = [replace(sheet, answers={**sheet.answers, column: value}) for sheet in one.sheets]
        return replace(one, sheets=tuple(sheets))

    return people(walks, same)


def test_a_question_that_many_leave_out(walks: Lived) -> None:
    assert said(unreached.find, answered_with(walks, None, "tired_naps"), "More than a fifth left out", "tired_naps")
    assert not said(unreached.find, walks.facts(), "left out")


def test_a_question_that_everybody_answers_alike(walks: Lived) -> None:
    assert said(alike.find, answered_with(walks, 3, "tired_naps"), "same answer", "tired_naps")
    assert not list(alike.find(walks.facts()))


def without(walks: Lived, timepoint: str, arm: str | None = None) -> Facts:
    """Nobody (of an arm) answered at a timepoint."""

    def silent(one: Person) -> Person:
        if arm is not None and (one.allocation is None or one.allocation.arm != arm):
            return one
        at = {occasion.id for occasion in one.occasions if occasion.timepoint == timepoint}
        return replace(one, sheets=tuple(sheet for sheet in one.sheets if sheet.occasion_id not in at))

    return people(walks, silent)


def kept(walks: Lived) -> Facts:
    """Only people who did everything that they were asked."""
    done = [one for one in walks.read.people if len(one.sheets) == len(one.occasions) and one.allocation]
    rows = {one.record.id for one in done}
    left = tuple(one for one in walks.read.mails if one.participant_id in rows)
    return walks.facts(people=tuple(done * 6), mails=left)


def test_a_window_of_the_primary_that_most_let_pass(walks: Lived) -> None:
    found = said(answering.find, without(walks, "finish"), "0%", "the primary timepoint")
    assert [(one.weight, one.place and one.place.path) for one in found] == [
        (Weight.LOOK, "timepoints.finish.closes_after")
    ]
    assert not said(answering.find, kept(walks), "before they closed")


def test_answers_that_nearly_came_too_late(walks: Lived) -> None:
    def at_the_end(one: Person) -> Person:
        closes = {occasion.id: occasion.closes_at for occasion in one.occasions}
        late = timedelta(minutes=10)
        sheets = [replace(sheet, submitted_at=closes[sheet.occasion_id] - late) for sheet in one.sheets]
        return replace(one, sheets=tuple(sheets))

    assert said(answering.find, people(walks, at_the_end), "in the last tenth of its window")
    assert not said(answering.find, walks.facts(), "in the last tenth")


def test_the_time_that_answers_take(walks: Lived) -> None:
    assert said(answering.find, walks.facts(), "Half of the answers came within", "minutes")
    assert not said(answering.find, people(walks, lambda one: replace(one, sheets=())), "Half of the answers")


def test_arms_that_lose_unlike_shares_are_told_with_an_interval(walks: Lived) -> None:
    apart = next(iter(dropping_out.find(without(walks, "finish", "walks"))))
    assert apart.weight is Weight.LOOK and "95% interval" in apart.what
    alike_ = next(iter(dropping_out.find(kept(walks))))
    assert alike_.weight is Weight.KNOW and "The interval holds no difference" in alike_.what


def test_enrolments_that_were_held_and_that_nobody_looked_at(walks: Lived) -> None:
    held = people(walks, lambda one: replace(one, record=replace(one.record, state=ParticipantState.HELD)))
    assert said(waiting.find, held, "held for somebody to look at")
    assert not list(waiting.find(walks.facts()))


def test_mails_that_were_held_to_the_end(walks: Lived) -> None:
    assert said(waiting.find, mails(walks, lambda one: replace(one, state=ContactState.HELD)), "held to the end")


def test_a_reminder_that_nobody_needed_and_one_that_brought_nothing(walks: Lived) -> None:
    still = {one.id for one in walks.read.mails if one.message == "tell_us_still"}
    sent = walks.read.sent_at
    none_left = {row: at for row, at in sent.items() if row not in still}
    assert said(reminders.find, walks.facts(sent_at=none_left), "tell_us_still", "nobody needed it")
    at_night_ = mails(walks, lambda one: replace(one, reason="quiet_hours") if one.id in still else one).lived.mails
    assert not said(reminders.find, walks.facts(sent_at=none_left, mails=at_night_), "nobody needed it")
    assert not said(reminders.find, walks.facts(), "nobody needed it")
    first = next(iter(sent.values()))
    silent = people(walks, lambda one: replace(one, sheets=())).lived.people
    twice = (*walks.read.mails, *(replace(one, id=one.id + 100_000) for one in walks.read.mails))
    for ledger, found in ((walks.read.mails[:20], 0), (twice, 2)):  # few that bring nothing may be chance
        every = {one.id: first for one in ledger if one.reminder}
        useless = walks.facts(people=silent, mails=ledger, sent_at=every)
        assert len(said(reminders.find, useless, "brought 0% of those an answer")) == found
    assert not said(reminders.find, walks.facts(), "brought 0% of those")


def test_arms_that_are_asked_for_unlike_amounts(walks: Lived, troubled: Lived) -> None:
    assert said(burden.find, walks.facts(), "is asked for 17 minutes in all", "for 2")
    assert not said(burden.find, troubled.facts(), "minutes in all and")


def test_people_who_fell_between_two_steps_are_counted_by_step(walks: Lived) -> None:
    waits = people(walks, lambda one: replace(one, record=replace(one.record, state=ParticipantState.CONSENTED)))
    found = said(between_steps.find, waits, "consented and never finished the baseline")
    assert [one.weight for one in found] == [Weight.LOOK] and found[0].share == 1
    in_ = people(walks, lambda one: replace(one, record=replace(one.record, state=ParticipantState.RANDOMIZED)))
    assert not said(between_steps.find, in_, "never finished the baseline")


def test_a_minute_that_the_account_cannot_take(walks: Lived) -> None:
    first = next(iter(walks.read.sent_at.values()))
    together = walks.facts(pace=1, sent_at=dict.fromkeys(walks.read.sent_at, first))
    assert [one.weight for one in pace.find(together)] == [Weight.LOOK]
    assert [one.weight for one in pace.find(walks.facts())] == [Weight.KNOW]
    assert not list(pace.find(walks.facts(sent_at={})))


def test_the_weeks_that_recruitment_takes(walks: Lived) -> None:
    assert said(recruiting.find, walks.facts(), "the planned 200 need about", "the protocol gives no dates")
    assert not list(recruiting.find(walks.facts(screenings=())))


def test_a_size_that_few_people_can_tell_nothing_about_is_not_judged(walks: Lived) -> None:
    assert said(size.find, walks.facts(), "the protocol states no assumptions")
    assert not list(size.find(walks.facts(people=walks.read.people[:5])))


def few(walks: Lived) -> Facts:
    """The first nine people who were randomised, and nobody else."""
    nine = tuple(one for one in walks.read.people if one.allocation)[:9]
    rows = {one.record.id for one in nine}
    ledger = tuple(one for one in walks.read.mails if one.participant_id in rows)
    return walks.facts(people=nine, mails=ledger)


@pytest.mark.parametrize("find", [dropping_out.find, recruiting.find, size.find])
def test_fewer_than_ten_people_say_nothing_of_the_planned_size_or_of_arms_apart(walks: Lived, find: Find) -> None:
    assert list(find(walks.facts())) and not list(find(few(walks)))


def test_a_peak_of_fewer_than_ten_people_is_not_carried_over_to_the_planned_size(walks: Lived) -> None:
    assert said(pace.find, walks.facts(), "At the planned")
    assert said(pace.find, few(walks), "The fullest hour held") and not said(pace.find, few(walks), "At the planned")


def test_a_reminder_that_was_planned_for_few_is_not_one_that_nobody_needed(walks: Lived) -> None:
    still = {one.id for one in few(walks).lived.mails if one.message == "tell_us_still"}
    none_left = {row: at for row, at in walks.read.sent_at.items() if row not in still}
    facts = Facts(replace(few(walks).lived, sent_at=none_left), read_profile("realistic"), 600)
    assert still and not said(reminders.find, facts, "nobody needed it")


def test_what_few_people_did_not_do_is_no_mistake_of_the_protocol(walks: Lived) -> None:
    def idle(times: int, most: int | None) -> Facts:
        several = [
            replace(one, record=replace(one.record, id=one.record.id + 1_000_000 * more), sheets=())
            for one in walks.read.people
            if one.allocation and one.allocation.arm == "walks"
            for more in range(times)
        ]
        return walks.facts(people=tuple(several[:most]))

    some, many = said(unreached.find, idle(1, 5), "`walk`"), said(unreached.find, idle(5, None), "`walk`")
    assert [one.weight for one in (*some, *many)] == [Weight.KNOW, Weight.LOOK]
    assert "was open to 5 people and nobody did it" in some[0].what


def test_what_comes_from_the_dice_of_the_profile_names_its_numbers(walks: Lived, troubled: Lived) -> None:
    never = said(silent_rules.find, troubled.facts(), "safety rule", "More than there is")
    assert [one.key for one in never[0].rests_on] == ["reliability"]
    alerts = said(desk.find, troubled.facts(), "alerts came to the desk")
    assert "reliability" in [one.key for one in alerts[0].rests_on]
    held = people(walks, lambda one: replace(one, record=replace(one.record, state=ParticipantState.HELD)))
    assert "habits.robots" in [one.key for one in next(iter(waiting.find(held))).rests_on]
    planned = said(mails_a_day.find, troubled.facts(), "3 mails on one day", "noon_three")
    assert not planned[0].rests_on and "No number of the profile is behind this" in troubled.page


# --- what the command says and writes --------------------------------------------------------------------------------


def test_the_command_ends_with_few_lines_and_the_three_worst(troubled: Lived) -> None:
    lines = troubled.told.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    assert sum(line.startswith("Must be mended (protocol.yaml:") for line in lines) == 3
    assert any("index.html" in line for line in lines) and any("equipoise power" in line for line in lines)


def test_as_json_it_gives_counts_and_findings(walks: Lived) -> None:
    told = json.loads(walks.told)
    assert told["counts"]["people"] == PEOPLE and told["counts"]["mails"] == len(walks.read.sent_at)
    assert told["counts"]["randomised"] == sum(one.allocation is not None for one in walks.read.people)
    order = [weight.value for weight in Weight]
    places = [order.index(one["weight"]) for one in told["findings"]]
    assert places == sorted(places) and len(places) > 5
    assert all({"kind", "what", "mend", "place", "rests_on"} <= one.keys() for one in told["findings"])


def test_hostile_texts_of_a_protocol_are_escaped(troubled: Lived) -> None:
    assert "<script" not in troubled.page
    assert "&lt;script&gt;alert(&#39;walks&#39;)&lt;/script&gt; &amp;" in troubled.page


def test_each_number_of_the_profile_that_a_finding_names_stands_on_the_page(walks: Lived) -> None:
    import re

    named = set(re.findall(r'href="#(assumed-[^"]+)"', walks.page))
    assert named and all(f'id="{one}"' in walks.page for one in named)
    assert "Assumed." in walks.page


def test_the_page_says_how_to_run_it_again_and_links_to_what_lies_beside_it(walks: Lived) -> None:
    assert "equipoise rehearse" in walks.page and "--participants 30 --seed 2 --fast --out lived" in walks.page
    assert ('href="oracle.json"' in walks.page) == (walks.out / "oracle.json").is_file()
    assert 'href="report.html"' not in walks.page


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_the_page_never_scrolls_sideways_and_axe_finds_nothing(browser: Browser, troubled: Lived, width: int) -> None:
    from tests.servers.browser import axe_violations

    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((troubled.out / "index.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    assert axe_violations(page) == []
    page.close()
