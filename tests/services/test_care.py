"""What the team does for one person by study code, what they see of them, and what did not arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.protocols import rewritten
from tests.services.members import join
from tests.services.post import LINK, Post
from tests.services.scene import OPERATOR, Scene
from tests.storage.stores import ON_SQLITE, content
from trial.core.access import Actor, Role
from trial.core.delivery import ContactState
from trial.core.errors import BadInput, NotAllowed, NotFound, Refused
from trial.core.links import make_mark
from trial.core.matters import Matter, MatterKind, MatterState
from trial.core.participant import StopLevel
from trial.services import care, deviations, matters, missing_mails, participant_page, resuming, trials
from trial.services.overview import overview_of
from trial.storage.work import Store

HER, NEW = "her@mailbox.example", "new@mailbox.example"
pytestmark = ON_SQLITE


@pytest.fixture
def scene(store: Store) -> Scene:
    return Scene(store)


@pytest.fixture
def team(scene: Scene) -> dict[Role, Actor]:
    return join(scene)


@pytest.fixture
def her(scene: Scene, post: Post) -> int:
    person = scene.enrol(HER)
    post.deliver(scene)
    scene.move_to(scene.occasions(person)[0].opens_at)
    return person


def missing(scene: Scene, by: Actor) -> list[Matter]:
    with scene.work(by, write=False) as work:
        return matters.listed(work, scene.slug, MatterKind.MISSING_MAIL)


def acts(scene: Scene, by: Actor, matter: Matter) -> list[str]:
    with scene.work(by, write=False) as work:
        return [one.act.value for one in matters.one(work, matter.id)[1]]


# --- what did not arrive --------------------------------------------------------------------------------------------


def test_several_mails_that_fail_for_one_cause_are_one_matter(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    post.refuse(f"{HER} 554 5.6.0 no")
    post.deliver(scene)
    scene.move(hours=2)
    post.deliver(scene)
    (matter,) = missing(scene, team[Role.COORDINATOR])
    assert acts(scene, team[Role.COORDINATOR], matter) == ["opened", "noted"]
    with scene.work(team[Role.COORDINATOR], write=False) as work:
        assert [one.message for one in missing_mails.mails_of(work, matter)] == ["evening", "evening_reminder"]


def test_a_dead_address_is_corrected_and_what_asked_for_it_says_so(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    post.refuse(HER)
    post.deliver(scene)
    post.accept_all()
    (matter,) = missing(scene, team[Role.OWNER])
    code = scene.person(her).code
    with scene.work(team[Role.COORDINATOR]) as work:
        with pytest.raises(Refused, match="Correct it first"):
            missing_mails.send_again(work, matter.id, may_be_double=False)
        with pytest.raises(BadInput):
            care.correct_address(work, scene.slug, code, NEW, "nwe@mailbox.example")
        care.correct_address(work, scene.slug, code, NEW, f" {NEW}")
        missing_mails.send_again(work, matter.id, may_be_double=False)
    post.deliver(scene)
    assert scene.person(her).bounced_at is None
    assert post.subjects(NEW) == ["A mail from us may not have reached you"]
    assert "Your address was changed" in post.subjects(HER)
    assert missing(scene, team[Role.OWNER])[0].state is MatterState.ACTED
    assert {"address_corrected", "mail_sent_again"} <= set(scene.events(her))


def test_a_mail_in_doubt_is_sent_again_only_by_who_says_that_it_may_be_a_second_one(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    contact = scene.contacts(her, "evening")[0]
    with scene.work() as work:
        missing_mails.note(work, contact, missing_mails.Cause.UNKNOWN)
    (matter,) = missing(scene, team[Role.OWNER])
    with scene.work(team[Role.COORDINATOR]) as work:
        with pytest.raises(Refused, match="may have arrived"):
            missing_mails.send_again(work, matter.id, may_be_double=False)
        missing_mails.send_again(work, matter.id, may_be_double=True)
    post.deliver(scene)
    assert "A mail from us may not have reached you" in post.subjects(HER)


def test_an_address_that_is_on_file_already_is_not_given_to_a_second_person(
    scene: Scene, her: int, team: dict[Role, Actor]
) -> None:
    scene.enrol(NEW)
    with scene.work(team[Role.COORDINATOR]) as work, pytest.raises(Refused, match="already"):
        care.correct_address(work, scene.slug, scene.person(her).code, NEW, NEW)


# --- a note, a pause, a search --------------------------------------------------------------------------------------


def test_a_note_is_kept_in_the_vault_and_shown_to_the_team(scene: Scene, her: int, team: dict[Role, Actor]) -> None:
    code = scene.person(her).code
    with scene.work(team[Role.COORDINATOR]) as work:
        care.write_note(work, scene.slug, code, "Called about the hour.")
        found = participant_page.page(work, scene.slug, code).notes
    assert [one.words for one in found] == ["Called about the hour."]
    assert "Called about" not in str(content(scene.store))


def test_the_team_pauses_for_a_person_and_ends_the_pause(scene: Scene, her: int, team: dict[Role, Actor]) -> None:
    code = scene.person(her).code
    with scene.work(team[Role.COORDINATOR]) as work:
        care.pause(work, scene.slug, code, 7)
    assert scene.person(her).paused_until == scene.now + timedelta(days=7)
    with scene.work(team[Role.COORDINATOR]) as work:
        care.end_pause(work, scene.slug, code)
    assert scene.person(her).paused_until is None


def test_a_search_by_address_gives_a_code_to_who_may_read_identities_and_is_on_record(
    scene: Scene, her: int, team: dict[Role, Actor]
) -> None:
    with scene.work(team[Role.OWNER]) as work:
        assert care.find_by_address(work, scene.slug, HER.upper()) == scene.person(her).code
        assert care.find_by_address(work, scene.slug, "nobody@mailbox.example") is None
    assert scene.events().count("identity_searched") == 2
    with scene.work(team[Role.COORDINATOR]) as work, pytest.raises(NotAllowed):
        care.find_by_address(work, scene.slug, HER)


def test_who_only_reads_cares_for_nobody(scene: Scene, her: int, team: dict[Role, Actor]) -> None:
    code = scene.person(her).code
    with scene.work(team[Role.SAFETY_CONTACT]) as work:
        assert participant_page.page(work, scene.slug, code).person.id == her
        for act in (
            lambda: care.pause(work, scene.slug, code, 1),
            lambda: care.end_pause(work, scene.slug, code),
            lambda: care.new_link(work, scene.slug, code),
            lambda: care.correct_address(work, scene.slug, code, NEW, NEW),
            lambda: care.write_note(work, scene.slug, code, "x"),
        ):
            with pytest.raises(NotAllowed):
                act()
    with scene.work(team[Role.STATISTICIAN]) as work, pytest.raises(NotAllowed):
        participant_page.page(work, scene.slug, code)


# --- the page -------------------------------------------------------------------------------------------------------


def test_a_mail_is_drawn_as_it_was_sent_with_its_link_masked(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    post.deliver(scene)
    sent, code = post.mails(HER)[-1], scene.person(her).code
    scene.move(days=9)
    with scene.work(team[Role.OWNER], write=False) as work:
        lines = participant_page.page(work, scene.slug, code).lines
        (line,) = [one for one in lines if one.state == "sent" and one.about.startswith("Evenings")]
        drawn = participant_page.mail(work, scene.slug, code, line.mark)
    assert drawn.subject == sent.subject
    assert drawn.text.strip() == LINK.sub("http://127.0.0.1:8765/go/…", sent.text).strip()


def test_the_code_in_a_mail_is_masked(scene: Scene, post: Post, her: int, team: dict[Role, Actor]) -> None:
    code = scene.person(her).code
    with scene.work(team[Role.OWNER], write=False) as work:
        first = participant_page.page(work, scene.slug, code).lines[0]
        drawn = participant_page.mail(work, scene.slug, code, first.mark)
    assert scene.code(her) in f"{post.mails(HER)[0].subject} {post.mails(HER)[0].text}"
    assert scene.code(her) not in f"{drawn.subject} {drawn.text}"


def test_answers_are_shown_by_how_many_and_never_by_value(scene: Scene, her: int, team: dict[Role, Actor]) -> None:
    with scene.work(team[Role.OWNER], write=False) as work:
        found = participant_page.page(work, scene.slug, scene.person(her).code)
    before = found.windows[0]
    assert (before.about, before.state, before.answered) == ("Before", "done", 3)
    assert "feeling" not in str(found) and "answers" not in str(found)


def test_the_page_of_one_arm_is_the_page_of_the_other(scene: Scene, post: Post, team: dict[Role, Actor]) -> None:
    """People who do alike look alike, whatever they were given."""
    people = [scene.enrol() for _ in range(8)]
    post.deliver(scene)
    scene.move(days=3)
    post.deliver(scene)
    shown = set()
    with scene.work(team[Role.OWNER], write=False) as work:
        for one in people:
            found = participant_page.page(work, scene.slug, scene.person(one).code)
            lines = [(line.about, line.due_at, line.state, line.reason) for line in found.lines]
            shown.add(str([*lines, *found.windows]))
    arms = {row["arm"] for row in content(scene.store)["allocation"]}
    assert len(arms) == 2
    assert len(shown) == 1
    assert not any(f"'{arm}'" in text or arm.title() in text for arm in arms for text in shown)


ONE_ARMS_OWN = rewritten(("activities: [letter, list]", "activities: [letter]"))


def test_what_one_arm_alone_has_is_left_out_and_everybodys_page_says_so(store: Store, post: Post) -> None:
    scene = Scene(store, folder=ONE_ARMS_OWN)
    team = join(scene)
    people = [scene.enrol() for _ in range(8)]
    scene.move(days=3)
    post.deliver(scene)
    mails = {row["participant_id"] for row in content(store)["delivery"] if row["message"] == "evening"}
    assert 0 < len(mails) < len(people)
    with scene.work(team[Role.OWNER], write=False) as work:
        pages = [participant_page.page(work, scene.slug, scene.person(one).code) for one in people]
        hidden = next(one for one in scene.contacts(message="evening"))
        mark = make_mark(work.keys.link, hidden.id)
        for name in (mark, mark[::-1], str(hidden.id), "x" * 32):
            with pytest.raises(NotFound):
                participant_page.mail(work, scene.slug, scene.person(hidden.participant_id).code, name)
    assert all(one.leaves_out for one in pages)
    assert len({str([line.about for line in one.lines]) + str([x.about for x in one.windows]) for one in pages}) == 1
    # nor do sums tell: on a day that opens one window, they would say whose arm it was
    with scene.work(team[Role.OWNER], write=False) as work:
        home, would_go = overview_of(work, scene.slug), resuming.preview(work, scene.slug)
        told = trials.status(work, scene.slug)
    assert [(one.stream, one.due) for one in home.mails] == [("service", len(people))] and home.leaves_out
    assert [count.timepoint for _, count in home.timepoints] == ["baseline"]
    assert "exercises" not in {one.stream for one in would_go.streams} and would_go.leaves_out
    with scene.work(OPERATOR, write=False) as work:
        everything = trials.status(work, scene.slug)
    evenings = len([one for one in scene.contacts() if one.timepoint == "evening"])
    assert sum(everything.contacts.values()) - sum(told.contacts.values()) == evenings > 0


# --- deviations, and going on after a stop --------------------------------------------------------------------------


def deviate(scene: Scene, by: Actor, **changed: object) -> int:
    given = {
        "kind": "timing", "important": True, "happened_on": scene.now.date().isoformat(),
        "description": "A questionnaire was open a day too long.", "code": "",
    } | changed  # fmt: skip
    with scene.work(by) as work:
        return deviations.record(work, scene.slug, **given)


def test_a_deviation_is_recorded_once_and_stands_on_the_list(scene: Scene, her: int, team: dict[Role, Actor]) -> None:
    deviate(scene, team[Role.COORDINATOR], code=scene.person(her).code)
    with scene.work(team[Role.STATISTICIAN], write=False) as work:
        (matter,) = matters.listed(work, scene.slug, MatterKind.DEVIATION)
        found = deviations.one(work, matter.id)
    assert (found.kind, found.important, found.code) == ("timing", True, scene.person(her).code)
    assert matter.urgent and matter.participant_id == her


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "gossip"), ("happened_on", "2099-01-01"), ("happened_on", "soon"), ("description", " "),
        ("description", "her@mailbox.example was told"), ("code", "NOBODY"),
    ],
)  # fmt: skip
def test_a_deviation_that_is_not_filled_in_rightly_says_which_field(
    scene: Scene, team: dict[Role, Actor], field: str, value: str
) -> None:
    with pytest.raises(BadInput) as found:
        deviate(scene, team[Role.OWNER], **{field: value})
    assert [one.file for one in found.value.problems] == [field]


def test_the_preview_says_exactly_what_then_goes_out(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    other = scene.enrol("other@mailbox.example")
    post.deliver(scene)
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    scene.move(days=1, hours=2)
    post.deliver(scene)
    scene.stop(other, StopLevel.EVERYTHING)
    with scene.work(team[Role.OWNER], write=False) as work:
        told = resuming.preview(work, scene.slug)
    before = {one.id: one.state for one in scene.contacts()}
    with scene.work(team[Role.OWNER]) as work:
        trials.resume(work, scene.slug)
    post.deliver(scene)
    after = [one for one in scene.contacts() if one.state is not before[one.id] and one.due_at <= scene.now]
    sent = [one for one in after if one.state is ContactState.ACCEPTED]
    assert told.go_out == len(sent) > 0
    assert told.too_late == sum(one.state is ContactState.SKIPPED_LATE for one in after)
    assert sum(one.not_wanted for one in told.streams) == sum(one.state is ContactState.SUPPRESSED for one in after) > 0
    assert {one.stream for one in told.streams if one.go_out} == {one.stream for one in sent}


def test_after_a_long_stop_the_preview_says_what_is_too_late(
    scene: Scene, post: Post, her: int, team: dict[Role, Actor]
) -> None:
    with scene.work(OPERATOR) as work:
        trials.pause(work, scene.slug)
    scene.move(hours=6)
    post.deliver(scene)
    with scene.work(team[Role.SAFETY_CONTACT], write=False) as work:
        told = resuming.preview(work, scene.slug)
    assert (told.go_out, told.too_late) == (0, 2)
