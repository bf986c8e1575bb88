"""The pages of a book: those that pretend people were shown, alike ones as one sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reports.book.values import Sheet
from reports.variables import LANGUAGE
from trial.core.protocol import TrialProtocol
from trial.core.texts import say
from trial.pages.activities import AFTER, Allocated, after_page, allocated_page
from trial.pages.frame import Frame
from trial.rehearsal.book.material import (
    ALWAYS,
    END,
    JOINING,
    PROTOCOL,
    Material,
    chapter_of_point,
    lasting,
    numbers_in_words,
    slug,
)
from trial.rehearsal.forms import Page
from trial.rehearsal.witness import ACTIVITY, Kind, Press, Seen, heading_of

# in the order in which people meet them
_JOINING = {
    "/{slug}": "The trial's public page",
    "/{slug}/": "The trial's public page",
    "/{slug}/researchers": "For researchers",
    "/{slug}/privacy": "What happens to your data",
    "/{slug}/notice": "Notice before the first questions",
    "/{slug}/screening": "Questions about eligibility",
    "/{slug}/address": "E-mail address",
    "/{slug}/code": "Confirming the address",
    "/{slug}/consent": "Information and consent",
}
ELSEWHERE = {
    "/go/{token}": "Landing page of a mail's link",
    "/go/{token}?to=stop": "Landing page of “Stop or change”",
    "/go/{token}?to=me": "Landing page of “My study page”",
    "/go/{token}?to=end": "Landing page of the last mail",
    "/go/{token}?to=report": "Landing page of “Something is not right”",
    "/go/{token}?to=changed": "Landing page of a mail about what is new",
    "/go/{token}?to=results": "Landing page of the mail with the results",
    "/now": "What is to be done now",
    "/done": "After a step",
    "/not-today": "Not today",
    "/upset": "After an exercise that upset somebody",
    "/resources": "Where to find help, after answers that call for it",
    "/help": "Where to find help",
    "/{slug}/help": "Where to find help",
    "/stop": "Stopping or changing",
    "/report": "Telling the team that something is not right",
    "/me": "My study page",
    "/me/pause": "My study page: a pause",
    "/me/mails": "My study page: the mails",
    "/me/data": "My study page: my data",
    "/me/address": "My study page: another address",
    "/me/code": "My study page: a code",
    "/me/payee": "My study page: where thanks are sent to",
    "/copy/named": "What you agreed to, after a code",
    "/copy": "What you agreed to",
    "/again": "What is new in the study",
    "/changed": "What is new in the study, answered",
    "/end": "The end of the study",
    "/end/results": "What came out",
    "/end/exercises": "The exercises of the other arms",
}
_ENDINGS = (
    "not_eligible", "declined", "recruitment_closed", "enrolment_held", "enrolment_refused", "form_not_valid",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """A sheet with where it belongs: the chapter, and its order there."""

    chapter: str
    order: tuple[int, ...]
    sheet: Sheet


class Pages:
    """All pages that were shown; `of` finds the sheet of an activity."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self.placed: list[Placed] = []
        self._of: dict[tuple[str, str, int, str, str], str] = {}
        self._of_path: dict[tuple[str, str], str] = {}
        self._of_kind: dict[Kind, str] = {}
        self._led: dict[str, dict[Press, Kind]] = {}
        for number, (kinds, page) in enumerate(self._alike(), start=1):
            self._add(number, kinds, page)

    def of(self, activity: str, timepoint: str, occurrence: int, arm: str, language: str) -> str:
        """The id of the first page of an activity, of this occasion or of the one most like it; empty for none."""
        for key in ((occurrence, arm), (0, arm), (occurrence, ""), (0, "")):
            if found := self._of.get((activity, timepoint, *key, language)):
                return found
        return next((id for key, id in self._of.items() if key[:2] + key[4:] == (activity, timepoint, language)), "")

    def at(self, path: str, language: str) -> str:
        """The id of the first sheet of an address."""
        return self._of_path.get((path, language), "")

    def after(self, sheet: str) -> dict[Press, str]:
        """The sheets that the forms of one led to, by what was pressed."""
        led = self._led.get(sheet, {})
        return {press: self._of_kind[kind] for press, kind in led.items() if kind in self._of_kind}

    def met(self, path: str) -> bool:
        """Whether anybody was shown a page of this address."""
        return any(one == path for one, _ in self._of_path)

    def _alike(self) -> list[tuple[list[Kind], Seen]]:
        """Kinds that look the same but for numbers and days, with one page and all who met it."""
        found: dict[tuple[object, ...], tuple[list[Kind], Seen]] = {}
        for one in self._material.seen or ():
            kind, about = one.kind, one.kind.about
            same = lasting(Page(200, "", one.html).words, kind.language) if kind.status == 200 else kind.alert
            key: tuple[object, ...] = (
                kind.path, kind.language, kind.status, kind.place, about.activity, about.timepoint, same,
            )  # fmt: skip
            if kind.path != ACTIVITY:
                key = (kind.path, kind.language, kind.status, kind.heading, kind.alert)
            kinds, page = found.setdefault(key, ([], Seen(kind, one.html)))
            kinds.append(kind)
            page.met |= one.met
            page.led = one.led | page.led
        return list(found.values())

    def _add(self, number: int, kinds: list[Kind], page: Seen) -> None:
        kind, material = page.kind, self._material
        about = kind.about
        chapter, order = self._place(kind)
        title = _title(kind, material.protocol)
        id = f"page-{number:04d}-{slug(title)}-{kind.language}"
        occurrences = [one.about.occurrence for one in kinds if one.about.occurrence]
        point = material.protocol.timepoint(about.timepoint) if about.timepoint else None
        several = point is not None and len(material.protocol.occurrences(point)) > 1
        sheet = Sheet(
            id=id,
            look="page",
            title=title,
            language=kind.language,
            html=page.html,
            arms=material.labels({one.about.arm for one in kinds}) if about.arm else (),
            when=f"occurrence {numbers_in_words(occurrences)} of this timepoint" if occurrences and several else "",
            met=page.met.bit_count(),
            of=material.came,
            sources=self._sources(kind),
            remarks=tuple(self._remarks(kind)),
            address=kind.path if kind.status == 200 and not kind.place else "",
        )
        self.placed.append(Placed(chapter, (*order, kind.status, kind.place, min(occurrences, default=0)), sheet))
        self._of_path.setdefault((kind.path, kind.language), id)
        self._of_kind |= dict.fromkeys(kinds, id)
        self._led[id] = page.led
        if kind.path == ACTIVITY and kind.status == 200 and kind.place == 0:
            for one in kinds:
                key = (one.about.activity, one.about.timepoint, one.about.occurrence, one.about.arm, kind.language)
                self._of.setdefault(key, id)

    def _place(self, kind: Kind) -> tuple[str, tuple[int, ...]]:
        """(chapter, order in it)."""
        protocol = self._material.protocol
        if kind.path == ACTIVITY and kind.about.timepoint:
            point = protocol.timepoint(kind.about.timepoint)
            places = [one.id for one in protocol.activities]
            return chapter_of_point(point.id), (1, places.index(kind.about.activity))
        if kind.path in _JOINING:
            return JOINING, (1, list(_JOINING).index(kind.path))
        if kind.path == "/done":
            after = _after(kind)
            if after == "allocated":
                return chapter_of_point(protocol.baseline.id), (3, 0)
            return (JOINING, (2, _ENDINGS.index(after))) if after in _ENDINGS else (ALWAYS, (1, 0))
        if kind.path.startswith("/end"):
            return END, (1, 0)
        known = list(ELSEWHERE)
        return ALWAYS, (1, known.index(kind.path) if kind.path in known else len(known))

    def _sources(self, kind: Kind) -> tuple[str, ...]:
        protocol, file = self._material.protocol, self._material.text_file
        if kind.about.activity:
            return self._material.activity_files(kind.about.activity, kind.language)
        texts = {
            "/{slug}": [protocol.trial_page],
            "/{slug}/notice": [protocol.eligibility.notice],
            "/{slug}/consent": [protocol.consent.information],
            "/resources": [protocol.safety.resources] if protocol.safety else [],
            "/end": [protocol.debrief],
            "/end/results": [protocol.results] if protocol.results else [],
        }
        found = [file(one, kind.language) for one in texts.get(kind.path, [])]
        if kind.path in ("/{slug}", "/{slug}/screening", "/{slug}/consent", "/{slug}/privacy"):
            found.append(PROTOCOL)
        return tuple(found)

    def _remarks(self, kind: Kind) -> Iterator[str]:
        if kind.status == 422:
            yield "What the page says after something was left out or cannot be taken in; it is asked again."
        elif kind.status != 200:
            yield f"The answer's status is {kind.status}."


def called(path: str) -> str:
    """What the page of an address is called."""
    return _JOINING.get(path) or ELSEWHERE.get(path) or path


def _title(kind: Kind, protocol: TrialProtocol) -> str:
    if kind.about.activity:
        label = say(protocol.activity(kind.about.activity).title, LANGUAGE)
    elif kind.path == "/done":
        label = f"After a step: {_WORDS.get(_after(kind), kind.heading)}"
    elif kind.path.startswith("/end/exercises/"):
        label = "An exercise of another arm, after the end"
    else:
        label = _JOINING.get(kind.path) or ELSEWHERE.get(kind.path) or kind.heading or kind.path
    place = f", page {kind.place + 1}" if kind.place else ""
    again = ", asked again" if kind.status == 422 else ""
    return f"{label}{place}{again}"


_WORDS = {
    "kept": "thanks", "already": "it was done already", "closed": "the time is over", "not_open": "it is not open yet",
    "nothing": "nothing to do", "not_eligible": "not eligible", "declined": "declined",
    "recruitment_closed": "no place left", "enrolment_held": "held until somebody has looked",
    "enrolment_refused": "refused", "form_not_valid": "a form that is not valid", "allocated": "chance has decided",
    "stopped_exercises": "the exercises have stopped", "stopped_questionnaires": "the questions have stopped",
    "stopped_everything": "everything has stopped", "reported": "told the team", "later": "later",
    "nothing_yet": "nothing yet", "passed_over": "not today", "later_today": "later today", "upset": "upset",
    "muted": "left out from now on", "address_back": "the old address is back",
}  # fmt: skip


def _after(kind: Kind) -> str:
    """Which of the pages after a step it is; empty for none of them."""
    return _afters(kind.language).get(kind.heading, "")


@lru_cache(maxsize=32)
def _afters(language: str) -> dict[str, str]:
    """Heading to name, the first of each."""
    frame = Frame(language=language)
    found: dict[str, str] = {}
    for one in AFTER:
        found.setdefault(heading_of(after_page(frame, one)), one)
    found.setdefault(heading_of(allocated_page(frame, Allocated(None, "UTC"))), "allocated")
    return found


def not_met(shown: Iterable[Seen], language: str) -> list[str]:
    """The pages after a step that nobody was shown in this language."""
    met = {_after(one.kind) for one in shown if one.kind.path == "/done" and one.kind.language == language}
    return [name for name in _afters(language).values() if name not in met and name != "allocated"]


def words_of_after(name: str) -> str:
    """What a page after a step is called."""
    return _WORDS.get(name, name)
