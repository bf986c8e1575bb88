"""The pages about help and those at the end, in every state. Every place in them is made up, and so is every number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trial.core.durations import Length
from trial.core.protocol import OnCall
from trial.core.resources import Resource
from trial.pages import ending, joining
from trial.pages import help as pages
from trial.pages.frame import Frame

FRAME = Frame(
    contact_name="The study team",
    contact_email="team@trial.example.org",
    home="/evening-writing",
    csrf="0" * 64,
    personal=True,
)
ON_CALL = OnCall(within=Length(days=2), can=["mail", "phone_asked_at_consent"], told_in_consent="understood")
TEXT = """Thank you for your answers. Some of them tell us that things may be hard for you now.

This page comes up by itself when answers are like that. It is no finding about you.

- **Someone you trust.** A friend or a relative can be a first step.
- **A doctor or a health service near you.** They can listen, and tell you what help there is.
"""
_CHECKED = {"source": "Made up.", "checked_on": "2026-10-01", "checked_by": "A. Tester"}
PLACES = [
    Resource.model_validate({"country": "NL", "name": {"en": "A made-up line"}, "number": "000-EXAMPLE",
                             "hours": {"en": "Day and night"}, "languages": ["nl", "en"], **_CHECKED}),
    Resource.model_validate({"country": "GB", "name": {"en": "Another line"}, "number": "000-EXAMPLE", **_CHECKED}),
    Resource.model_validate({"country": "everywhere", "name": {"en": "A made-up site"},
                             "url": "https://help.example.org", **_CHECKED}),
]  # fmt: skip


def _page(frame: Frame = FRAME, text: str = TEXT, country: str = "NL", **state: object) -> str:
    shown = pages.places(PLACES, country, "en") if text else ()
    choices = pages.choices(PLACES, "en") if text else ()
    return pages.help_page(frame, pages.HelpPage(text, shown, choices, country, **state))  # type: ignore[arg-type]


HELP: dict[str, Callable[[], str]] = {
    "help": _page,
    "address-country": lambda: joining.address_page(
        replace(FRAME, personal=False), joining.AddressPage(countries=pages.choices(PLACES, "en"), country="NL")
    ),
    "help-no-country": lambda: _page(country="", missing=True),
    "help-another-country": lambda: _page(replace(FRAME, on_call=ON_CALL), country="ZZ"),
    "help-without-a-trial": lambda: _page(Frame(csrf="0" * 64), "", ""),
    "resources": lambda: _page(replace(FRAME, on_call=ON_CALL), onward="/done"),
    "resources-again": lambda: _page(replace(FRAME, on_call=ON_CALL), onward="/now", again=True),
}

DEBRIEF = """## What we compared

There were two kinds of exercise. Chance decided which one you got. We hoped that one of them would lift people's mood.

## If things are hard

Please talk to someone you trust, or to a health service near you.
"""
PRACTICE = "Sit down where nobody disturbs you.\n\n1. Think of this day.\n2. Name three things that went well.\n"
END: dict[str, Callable[[], str]] = {
    "end": lambda: ending.end_page(FRAME, ending.EndPage(DEBRIEF)),
    "end-stopped": lambda: ending.end_page(replace(FRAME, personal=False), ending.EndPage(DEBRIEF, stopped=True)),
    "end-with-more": lambda: ending.end_page(FRAME, ending.EndPage(DEBRIEF, results=True, others=True)),
    "end-not-yet": lambda: ending.not_yet_page(FRAME),
    "end-results": lambda: ending.reading_page(FRAME, ending.ReadingPage("", "# What came out\n\nThank you.")),
    "end-exercises": lambda: ending.others_page(FRAME, (("list", "This evening"), ("letter", "A letter"))),
    "end-exercise": lambda: ending.reading_page(FRAME, ending.ReadingPage("This evening", PRACTICE, exercise=True)),
}
