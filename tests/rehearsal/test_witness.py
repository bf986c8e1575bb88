"""What is kept of the pages that pretend people are shown: one of each kind, and everybody who met it."""

from __future__ import annotations

import httpx
import pytest

from trial.rehearsal import witness
from trial.rehearsal.witness import About, Sitting, Witness

TOKEN = "t" * 43
PLANNED = {
    7: {1: About("measures", "week_1", 1, "kind"), 2: About("letter", "days", 2, "kind")},
    8: {3: About("measures", "week_1", 1, "plain"), 4: About("letter", "days", 3, "plain")},
}


def sitting(cookie: str) -> Sitting:
    person, _, occasion = cookie.partition("/")
    return Sitting(int(person), int(occasion)) if occasion else Sitting()


@pytest.fixture
def seen() -> Witness:
    return Witness("my-trial", frozenset({"letter"}), sitting, PLANNED.__getitem__)


def page(
    path: str, words: str = "Hello", *, cookie: str = "", status: int = 200, kind: str = "text/html"
) -> httpx.Response:
    html = f'<!doctype html>\n<html lang="de" dir="ltr"><body>\n<h1>{words}</h1></body></html>'
    request = httpx.Request("GET", f"http://127.0.0.1{path}", headers={"cookie": cookie})
    return httpx.Response(status, text=html, headers={"content-type": f"{kind}; charset=utf-8"}, request=request)


def kinds(seen: Witness) -> list[tuple[str, int, About, int]]:
    return [(one.kind.path, one.kind.status, one.kind.about, one.met.bit_count()) for one in seen.seen.values()]


def test_the_first_of_a_kind_is_kept_and_everybody_who_met_it_is_counted_once(seen: Witness) -> None:
    for who in (1, 2, 2, 400):
        seen.saw(who, page("/my-trial/notice?from=poster", f"Notice {who}"))
    (one,) = seen.seen.values()
    assert (one.kind.path, one.kind.language, one.kind.heading) == ("/{slug}/notice", "de", "Notice #")
    assert one.met.bit_count() == 3 and "Notice 1<" in one.html


def test_pages_of_one_address_with_other_headings_or_other_answers_are_kinds_of_their_own(seen: Witness) -> None:
    for words, status in (("Thank you", 200), ("Everything has stopped", 200), ("Thank you", 422)):
        seen.saw(1, page("/done", words, status=status))
    assert len(seen.seen) == 3


def test_personal_links_are_one_kind_for_each_place_that_they_lead_to(seen: Witness) -> None:
    for token in ("a" * 43, "b" * 43):
        seen.saw(1, page(f"/go/{token}"))
        seen.saw(1, page(f"/go/{token}?to=end"))
    assert [one[0] for one in kinds(seen)] == ["/go/{token}", "/go/{token}?to=end"]
    assert TOKEN not in str(kinds(seen))


def test_an_activity_is_known_by_the_occasion_of_the_sitting(seen: Witness) -> None:
    for cookie in ("7/1", "7/2", "8/3", "8/4"):
        seen.saw(1, page("/now", cookie=cookie))
        seen.saw(1, page("/stop", cookie=cookie))
    assert [one[2] for one in kinds(seen) if one[0] == "/now"] == [
        About("measures", "week_1", 0, "kind"),  # a questionnaire asks the same each time
        About("letter", "days", 2, "kind"),
        About("measures", "week_1", 0, "plain"),
        About("letter", "days", 3, "plain"),
    ]
    assert [one[2] for one in kinds(seen) if one[0] == "/stop"] == [About()]


def test_an_occasion_planned_later_is_found_then(seen: Witness) -> None:
    seen.saw(1, page("/now", cookie="7/1"))
    later = {**PLANNED[7], 9: About("measures", "week_9", 1, "kind")}
    seen._occasions = {7: later}.__getitem__
    seen.saw(1, page("/now", cookie="7/9"))
    assert [one[2].timepoint for one in kinds(seen)] == ["week_1", "week_9"]


def test_a_download_is_no_page(seen: Witness) -> None:
    seen.saw(1, page("/copy/pdf", kind="application/pdf"))
    assert not seen.seen


def test_memory_is_bounded_and_what_was_left_out_is_counted(seen: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "MOST_KINDS", 3)
    for number in range(8):
        seen.saw(1, page(f"/end/exercises/{number}"))
    assert len(seen.seen) == 3 and seen.beyond == 5


def test_what_a_form_led_to_first_is_kept_and_what_was_asked_again_is_not(seen: Witness) -> None:
    asked = seen.saw(1, page("/my-trial/notice", "Notice"))
    pressed = ("/my-trial/notice", "answer", "yes")
    again = seen.saw(1, page("/my-trial/notice", "Notice", status=422), asked, pressed)
    for who, (before, words) in enumerate([(again, "Questions"), (asked, "Questions"), (asked, "Full")], start=1):
        seen.saw(who, page("/my-trial/screening", words), before, pressed)
    seen.saw(4, page("/my-trial/privacy", "Your data"))  # by a link, and so of no form
    led = {(one.kind.path, one.kind.status): one.led for one in seen.seen.values() if one.led}
    assert led.keys() == {("/{slug}/notice", 200), ("/{slug}/notice", 422)}
    for one in led.values():
        assert {press: kind.heading for press, kind in one.items()} == {
            ("/{slug}/notice", "answer", "yes"): "Questions"
        }
