"""The product's own words in a participant's language: gettext catalogues read with Babel, and locales.

A catalogue is `locale/<language>/pages.po`, plain text that a translator can edit; it is compiled in memory when first
used. English is the source and has none. What a researcher wrote comes in the protocol's own languages, not from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from gettext import NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE = "en"
DOMAIN = "pages"


def _folder() -> Traversable:
    return files("trial.pages") / "locale"


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that our own words come in."""
    found = [one.name for one in _folder().iterdir() if (one / f"{DOMAIN}.po").is_file()] if _folder().is_dir() else []
    return (SOURCE, *sorted(found))


@lru_cache(maxsize=64)
def translations(language: str) -> NullTranslations:
    """The catalogue of a language or of its base language; English where there is none."""
    for wanted in (language, language.split("-")[0]):
        catalogue = _folder() / wanted / f"{DOMAIN}.po"
        if wanted in languages() and catalogue.is_file():
            return compiled(catalogue.read_bytes(), wanted)
    return NullTranslations()


def compiled(catalogue: bytes, language: str) -> NullTranslations:
    """A .po file's text as translations; untranslated messages stay English."""
    target = BytesIO()
    write_mo(target, read_po(BytesIO(catalogue), locale=language.replace("-", "_")))
    target.seek(0)
    return Translations(target, domain=DOMAIN)


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The locale by which dates and numbers are written; English for a language that Babel does not know."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SOURCE)


def direction(language: str) -> str:
    """`ltr` or `rtl`."""
    return str(locale_of(language).text_direction)


def own_name(language: str) -> str:
    """A language's name in that language, for people who choose it."""
    locale = locale_of(language)
    return (locale.get_display_name(locale) or language).capitalize()


def name_in(language: str, reader: str) -> str:
    """A language's name in the language of a reader."""
    return locale_of(language).get_display_name(reader) or language


def choose(accepted: str, offered: Sequence[str]) -> str:
    """The offered language that an Accept-Language header likes best; the first offered otherwise."""
    wanted = [language for language, _ in sorted(_accepted(accepted[:400]), key=lambda pair: -pair[1])]
    return negotiate_locale(wanted, offered, sep="-") or offered[0]


def _accepted(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.split(","):
        language, _, weight = part.strip().partition(";q=")
        try:
            found.append((language.strip(), float(weight) if weight else 1.0))
        except ValueError:
            continue
    return [(language, weight) for language, weight in found if language and weight > 0]
