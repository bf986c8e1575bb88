"""What pretend people are shown: the first page of each kind, kept as it came, and who met that kind.

Memory is bounded by the kinds of pages and not by people: one example of each kind, and one bit for each browser that
met it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Protocol

import httpx

# more kinds than any protocol has; beyond them kinds are counted and not kept
MOST_KINDS = 5_000
MOST_PEOPLE = 1_000
_LANGUAGE = re.compile(r'<html[^>]*\blang="([A-Za-z-]+)"')
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_ALERT = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)
_PLACE = re.compile(r'name="page" value="(\d{1,4})"')
_LINK = re.compile(r"/go/[A-Za-z0-9_-]{43}")
_TAG = re.compile(r"<[^>]*>")
_DIGITS = re.compile(r"\d+")
ALERT = 'class="box alert"'
# where questionnaires and exercises are asked: the one address whose page hangs on the occasion
ACTIVITY = "/now"


@dataclass(frozen=True, slots=True)
class Sitting:
    """Whose page it is and about which occasion, as the browser's cookie says."""

    participant: int | None = None
    occasion: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What an occasion is about, and the arm of the person who has it."""

    activity: str = ""
    timepoint: str = ""
    occurrence: int = 0
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes two pages one of a kind. Of two sittings alike but for numbers, such as a count of gaps, one is kept.

    `path` is a template such as `/go/{token}`; `place` is the page of a questionnaire, from 0; `alert` is the heading
    of what was wrong with the form that was sent.
    """

    path: str
    language: str
    status: int
    heading: str
    alert: str
    place: int
    about: About


# a form's address as it is written, and the name and value of the button that sent it
Press = tuple[str, str, str]


@dataclass(slots=True)
class Seen:
    """A page as it was shown first. `met` has one bit for each person who was shown one of its kind.

    `led` has the kind of page that its forms led to, by what was pressed: the first that had nothing to ask again.
    """

    kind: Kind
    html: str
    met: int = 0
    led: dict[Press, Kind] = field(default_factory=dict)


class Onlooker(Protocol):
    """Whoever looks over the shoulders of pretend people."""

    def saw(
        self, who: int, response: httpx.Response, before: Kind | None = None, press: Press | None = None
    ) -> Kind | None: ...


class Witness:
    """Keeps the first of each kind of page.

    `sitting` reads a browser's cookies; `occasions` gives what is planned for a person, by occasion; `exercises` are
    the activities that differ from one occurrence to the next.
    """

    def __init__(
        self,
        slug: str,
        exercises: frozenset[str],
        sitting: Callable[[str], Sitting],
        occasions: Callable[[int], Mapping[int, About]],
    ) -> None:
        self.seen: dict[Kind, Seen] = {}
        self.beyond = 0
        self._home = f"/{slug}"
        self._exercises = exercises
        self._sitting = sitting
        self._occasions = occasions
        self._known: OrderedDict[int, Mapping[int, About]] = OrderedDict()

    def saw(
        self, who: int, response: httpx.Response, before: Kind | None = None, press: Press | None = None
    ) -> Kind | None:
        """One page that person number `who` was shown, or somebody who is none of them (0); downloads are no pages.

        Gives its kind. Where it came of a form, `press` says of which, on a page of the kind `before`.
        """
        if not response.headers.get("content-type", "").startswith("text/html"):
            return None
        kind = self._kind(response)
        origin = self.seen.get(before) if before is not None else None
        if press is not None and origin is not None and kind.status == 200:
            origin.led.setdefault(self._templated(press), kind)
        seen = self.seen.get(kind)
        if seen is None:
            if len(self.seen) >= MOST_KINDS:
                self.beyond += 1
                return kind
            seen = self.seen[kind] = Seen(kind, response.text)
        if who:
            seen.met |= 1 << who
        return kind

    def _templated(self, press: Press) -> Press:
        action, name, value = press
        return template(action, "", self._home), name, value

    def _kind(self, response: httpx.Response) -> Kind:
        html, url = response.text, response.request.url
        cookie = response.request.headers.get("cookie", "")
        language = _LANGUAGE.search(html)
        place = _PLACE.search(html)
        alert = html.find(ALERT)
        return Kind(
            path=template(url.path, url.params.get("to", ""), self._home),
            language=language[1] if language else "",
            status=response.status_code,
            heading=heading_of(html),
            alert=_plain(_ALERT.search(html, alert)) if alert >= 0 else "",
            place=int(place[1]) if place else 0,
            about=self._about(self._sitting(cookie)) if url.path == ACTIVITY else About(),
        )

    def _about(self, sitting: Sitting) -> About:
        if sitting.participant is None or sitting.occasion is None:
            return About()
        known = self._known.get(sitting.participant, {})
        if sitting.occasion not in known:  # planned since this person was looked at last
            known = self._known[sitting.participant] = self._occasions(sitting.participant)
            if len(self._known) > MOST_PEOPLE:
                self._known.popitem(last=False)
        found = known.get(sitting.occasion, About())
        if found.activity in self._exercises:
            return found
        return About(found.activity, found.timepoint, 0, found.arm)


def template(path: str, goal: str, home: str) -> str:
    """An address as a template: `/go/{token}?to=stop`, `/{slug}/consent`; `goal` is what it says after `to=`."""
    if _LINK.fullmatch(path):
        return "/go/{token}" + (f"?to={goal}" if goal else "")
    if path == home or path.startswith(f"{home}/"):
        return "/{slug}" + path[len(home) :]
    return path


def heading_of(html: str) -> str:
    """The words of a page's first heading, with a sign for each number."""
    return _plain(_HEADING.search(html))


def _plain(found: re.Match[str] | None) -> str:
    """The words of a heading, without markup and with a sign for each number."""
    return _DIGITS.sub("#", unescape(_TAG.sub("", found[1])).strip()) if found else ""
