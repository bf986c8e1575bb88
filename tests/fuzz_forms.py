"""Wanders through the participants' pages for as long as it is told to, and sends what no page of ours would send.

    python -m tests.fuzz_forms --minutes 30

A wanderer opens links, fills in forms well, badly or not at all, presses every button, goes back, sends old forms
again and lets time pass. Looked for: an answer of 500 or above, an answer that is no page, a look that changes
something, and an answer sheet that holds what its item does not offer. Every wander is a number: `--seed` and that
number make it again.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urljoin, urlsplit

import numpy as np
from numpy.random import Generator

from tests.web.place import BASE, SLUG, Place, Reply, Visitor
from trial.core import answers as core_answers
from trial.core.eligibility import first_failed
from trial.protocol_files import shipped
from trial.rehearsal.forms import Field, Form
from trial.storage import answer_sheets

STEPS = 60
PROTOCOLS = ("larger-trial", "soothing-touch", "dawn-lesson", "emotion-focused-14-day", "examples/two-arm")
NASTY = (
    "", " ", "0", "-1", "1e309", "NaN", "٣", "9" * 400, "true", "yes", "\x00", "\ud800", "é" * 3_000, "a" * 30_000,
    "{{ 7 * 7 }}", "{% for x in range(9) %}", "<script>alert(1)</script>", "'; drop table participant; --",
    "=HYPERLINK(\"http://x\")", "a\r\nBcc: someone@example.org", "../../etc/passwd", "\u202egnp", "robin@example.org",
    "robin@example.org\nBcc: x@example.org", "Europe/Berlin", "UTC", "2026-02-30", "9999-12-31", "000000", "de", "xx",
)  # fmt: skip
PATHS = ("", "/notice", "/screening", "/address", "/code", "/consent", "/researchers", "/privacy", "/help")


@dataclass(slots=True)
class Found:
    """What was seen: how many answers of each status, and what was wrong."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    requests: int = 0


class Wanderer:
    """One person with one browser, who does anything that a browser can do."""

    def __init__(self, place: Place, dice: Generator, found: Found, name: str) -> None:
        self.place, self.dice, self.found, self.name = place, dice, found, name
        self.visitor = Visitor(place.app)
        self.old: list[tuple[str, dict[str, str]]] = []
        self.did: list[str] = []

    def wander(self) -> None:
        self.look(f"/{SLUG}")
        for _ in range(STEPS):
            ways: list[Callable[[], None]] = [self.submit] * 8 + [self.follow] * 3
            ways += [self.again, self.elsewhere, self.from_a_mail, self.wait, self.type_code]
            ways[int(self.dice.integers(len(ways)))]()

    # --- ways -------------------------------------------------------------------------------------------------

    def look(self, path: str) -> None:
        before = self.place.dump() if self.dice.random() < 0.05 else None
        self._heard("GET", path, self.visitor.get(path))
        if before is not None and self.place.dump() != before:
            self._wrong(f"GET {path} changed something")

    def submit(self) -> None:
        forms = [form for form in self.visitor.page.forms if form.method == "post"]
        if not forms:
            self.look(f"/{SLUG}{PATHS[int(self.dice.integers(len(PATHS)))]}")
            return
        form = forms[int(self.dice.integers(len(forms)))]
        fields = self._filled(form)
        target = urljoin(self.visitor.page.path, form.action or self.visitor.page.path)
        self.old.append((target, fields))
        self._heard("POST", target, self.visitor.post(target, {k: _sendable(v) for k, v in fields.items()}))

    def again(self) -> None:
        if self.old:
            target, fields = self.old[int(self.dice.integers(len(self.old)))]
            self._heard("POST", target, self.visitor.post(target, {k: _sendable(v) for k, v in fields.items()}))

    def follow(self) -> None:
        ours = urlsplit(BASE).netloc
        inside = [one for one in self.visitor.page.links if urlsplit(urljoin(BASE, one)).netloc == ours]
        if inside:
            self.look(urljoin(self.visitor.page.path, inside[int(self.dice.integers(len(inside)))]))

    def elsewhere(self) -> None:
        path = ("/now", "/done", "/stop", "/report", "/me", "/help", "/end", "/draft", "/nowhere",
                f"/{SLUG}{PATHS[int(self.dice.integers(len(PATHS)))]}", "/go/" + "x" * 43,
                "/" + quote(NASTY[int(self.dice.integers(len(NASTY)))][:80].encode("utf-8", "replace")))  # fmt: skip
        self.look(path[int(self.dice.integers(len(path)))])

    def from_a_mail(self) -> None:
        people = self.place.everyone()
        links = self.place.links(people[int(self.dice.integers(len(people)))].id) if people else []
        if links:
            self.look(links[int(self.dice.integers(len(links)))])

    def wait(self) -> None:
        self.place.move(hours=float(self.dice.choice([1, 7, 24, 80])))

    def type_code(self) -> None:
        people = self.place.everyone()
        forms = [form for form in self.visitor.page.forms if "code" in form.fields]
        if people and forms:
            target = urljoin(self.visitor.page.path, forms[0].action or self.visitor.page.path)
            code = self.place.code(people[-1].id)
            self._heard("POST", target, self.visitor.post(target, forms[0].filled() | {"code": code}))

    # --- forms ------------------------------------------------------------------------------------------------

    def _filled(self, form: Form) -> dict[str, str]:
        well = self.dice.random() < 0.7
        fields = dict(form.filled())
        for one in form.fields.values():
            if one.type != "hidden" or not (well or self.dice.random() < 0.7):
                fields[one.name] = self._well(one) if well else self._badly(one)
        if not well and self.dice.random() < 0.3:
            fields[str(NASTY[int(self.dice.integers(len(NASTY)))])[:40]] = "x"
        if form.buttons and self.dice.random() < 0.8:
            name, value = form.buttons[int(self.dice.integers(len(form.buttons)))]
            if name:
                fields[name] = value
        if well and str(self.place.folder.protocol.eligibility.questions[0].id) in fields:
            fields |= self._eligible(form)
        return {_sendable(name): value for name, value in fields.items() if well or self.dice.random() < 0.9}

    def _eligible(self, form: Form) -> dict[str, str]:
        """Answers to the screening questions that let somebody in, where chance finds any."""
        eligibility = self.place.folder.protocol.eligibility
        asked = [form.fields[str(one.id)] for one in eligibility.questions if str(one.id) in form.fields]
        answers = {one.name: self._well(one) for one in asked}
        for _ in range(200):
            read = core_answers.read(core_answers.asked_plainly(eligibility.questions), answers)
            if first_failed(self.place.folder.protocol, read.closed) is None:
                break
            answers = {one.name: self._well(one) for one in asked}
        return answers

    def _well(self, one: Field) -> str:
        if one.options:
            return one.options[int(self.dice.integers(len(one.options)))]
        known = {"email": f"{self.name}@mailbox.example", "age": "34", "zone": "Europe/Berlin"}
        return known.get(one.name, "7" if one.type == "number" else "A few words.")

    def _badly(self, one: Field) -> str:
        return NASTY[int(self.dice.integers(len(NASTY)))]

    # --- answers ----------------------------------------------------------------------------------------------

    def _heard(self, method: str, path: str, reply: Reply) -> None:
        self.found.requests += 1
        self.found.statuses[reply.status] += 1
        self.did.append(f"{method} {path[:80]} {reply.status}")
        if reply.status >= 500:
            self._wrong(f"{method} {path} answered {reply.status}")
        elif reply.text.startswith("<!DOCTYPE html>") and "<main" not in reply.text:
            self._wrong(f"{method} {path} answered with no page")

    def _wrong(self, what: str) -> None:
        self.found.wrong.append(what + "\n    after " + "\n    ".join(self.did[-6:]))


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def sheets_hold_only_what_is_offered(place: Place) -> list[str]:
    """Every closed answer that was kept is one of its item's values."""
    values = {one.column: one for one in core_answers.asked_by(place.folder.instruments.values())}
    wrong = []
    with place.store.open_work(place.operator, write=False) as work:
        for sheet in answer_sheets.of_trial(work, place.trial.id):
            for column, value in sheet.answers.items():
                one = values.get(column)
                if one is not None and one.values and value is not None and value not in one.values:
                    wrong.append(f"{column} holds {value!r}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_forms", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one wander, by its number")
    given = parser.parse_args()
    found, ends, number = Found(), time.monotonic() + given.minutes * 60, given.only or 0
    while time.monotonic() < ends:
        _once(given.seed, number, found)
        if given.only is not None:
            break
        number += 1
    for one in found.wrong[:20]:
        sys.stdout.write(one + "\n")
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    sys.stdout.write(
        f"{number} wanders, {found.requests} requests in {given.minutes:g} minutes, seed {given.seed}; "
        f"{statuses}; {len(found.wrong)} finds.\n"
    )
    sys.exit(bool(found.wrong))


def _once(seed: int, number: int, found: Found) -> None:
    dice = np.random.default_rng([seed, number])
    protocol = shipped(PROTOCOLS[number % len(PROTOCOLS)])
    with TemporaryDirectory() as folder:
        place = Place(Path(folder), protocol=protocol)
        try:
            for person in range(2):
                Wanderer(place, dice, found, f"p{number}-{person}").wander()
            found.wrong += [f"wander {number}: {one}" for one in sheets_hold_only_what_is_offered(place)]
        except Exception:
            found.wrong.append(f"wander {number}: {traceback.format_exc()}")
        finally:
            place.store.engine.dispose()


if __name__ == "__main__":
    main()
