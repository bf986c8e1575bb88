"""Brings the catalogues of our own words up to date with templates and code, or starts one for a new language.

    python -m tests.catalogues          every catalogue gets what is new and loses what no page says any more
    python -m tests.catalogues nl       starts trial/pages/locale/nl/pages.po

A translator fills in the empty `msgstr` lines; `tests/pages/test_catalogues.py` fails until none is left.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import trial
from trial.core.trial import MARKS

ROOT = Path(trial.__file__).parent
LOCALE = ROOT / "pages" / "locale"
# the staff's pages come in English alone so far
FOREIGN = (ROOT / "web" / "desk", ROOT / "web" / "machine")
_CALLS = ("_", "gettext", "ngettext", "N_")
_HEAD = "Equipoise's own words on participants' pages and in its own mails."


@cache
def said() -> dict[str | tuple[str, str], None]:
    """Every message, singular or (singular, plural), in the order of the files."""
    return dict.fromkeys([*MARKS.values(), *(one for path in _sources() for one in _of(path))])


def _sources() -> Iterator[Path]:
    for path in sorted([*ROOT.rglob("*.html"), *ROOT.rglob("*.md"), *ROOT.rglob("*.txt"), *ROOT.rglob("*.py")]):
        if not any(path.is_relative_to(one) for one in FOREIGN):
            yield path


def _of(path: Path) -> Iterator[str | tuple[str, str]]:
    source = BytesIO(path.read_bytes())
    found = (
        extract_python(source, dict.fromkeys(_CALLS), [], {"encoding": "utf-8"})
        if path.suffix == ".py"
        else babel_extract(source, _CALLS, [], {})
    )
    for _, function, message, _ in found:
        if function is None:
            continue
        parts = [one for one in (message if isinstance(message, tuple | list) else (message,)) if one]
        if function == "ngettext":
            yield (parts[0], parts[1])
        elif parts:
            yield parts[0]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name.replace("-", "_"))


def forms(message: Message) -> tuple[str, ...]:
    """The translation of a message, in all its plural forms."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def languages() -> list[str]:
    return sorted(path.parent.name for path in LOCALE.glob("*/pages.po"))


def renew(language: str) -> int:
    """Rewrite one catalogue; returns how many messages still wait for a translation."""
    path = LOCALE / language / "pages.po"
    before = catalogue(path) if path.exists() else Catalog()
    now = Catalog(locale=language.replace("-", "_"), header_comment=f"# {_HEAD}")
    for message in said():
        held = before.get(message if isinstance(message, str) else message[0])
        kept = held is not None and isinstance(held.id, str) == isinstance(message, str)
        nothing = "" if isinstance(message, str) else ("",) * now.num_plurals
        now.add(message, held.string if kept and held is not None else nothing)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = BytesIO()
    write_po(text, now, no_location=True, width=0, omit_header=True)
    head = f'# {_HEAD}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: {language}\\n"\n'
    path.write_text(
        head + f'"Plural-Forms: {now.plural_forms}\\n"\n\n' + text.getvalue().decode().lstrip(), encoding="utf-8"
    )
    return sum(not all(forms(one)) for one in now if one.id)


if __name__ == "__main__":
    for each in sys.argv[1:] or languages():
        sys.stdout.write(f"{each}: {renew(each)} to translate\n")
