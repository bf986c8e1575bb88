"""Where to find help: the team's text, the places to turn to in a person's country, and who reads what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trial.core import resources
from trial.core.resources import ANOTHER, Resource
from trial.core.texts import say
from trial.pages import countries
from trial.pages.environment import render
from trial.pages.frame import Frame


@dataclass(frozen=True, slots=True)
class Place:
    """One place to turn to, in one language; empty where the file says nothing."""

    name: str
    number: str
    url: str
    hours: str
    languages: tuple[str, ...]
    checked_on: str

    @property
    def dial(self) -> str:
        """What a telephone takes of the number: digits, and a plus before them."""
        return "".join(one for one in self.number if one.isdigit() or one == "+")


@dataclass(frozen=True, slots=True)
class HelpPage:
    """`text` is the team's Markdown, shown where it is the first time, or where somebody asks for all of it.

    `onward` is where the person was going: the page came up by itself. `choices` are countries as (code, name), and
    `country` is the one that was chosen; `missing` says that the button was pressed and none was.
    """

    text: str
    places: tuple[Place, ...]
    choices: tuple[tuple[str, str], ...]
    country: str = ""
    onward: str = ""
    again: bool = False
    missing: bool = False

    @property
    def elsewhere(self) -> bool:
        """Whether somebody said that their country is not in the list."""
        return self.country == ANOTHER


def help_page(frame: Frame, view: HelpPage) -> str:
    """The page that anybody can ask for, and that answers can call for."""
    return render("help.html", frame, view)


def places(found: Iterable[Resource], country: str, language: str) -> tuple[Place, ...]:
    """The entries for a country as the page shows them."""
    return tuple(
        Place(
            name=say(one.name, language),
            number=one.number or "",
            url=one.url or "",
            hours=say(one.hours, language) if one.hours else "",
            languages=tuple(one.languages),
            checked_on=one.checked_on,
        )
        for one in resources.for_country(found, country)
    )


def choices(found: Iterable[Resource], language: str) -> tuple[tuple[str, str], ...]:
    """The countries that have an entry, by name."""
    return countries.named(resources.countries(found), language)
