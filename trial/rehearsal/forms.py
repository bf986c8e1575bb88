"""A page as a pretend person meets it: its words, and its forms with their fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Field:
    """One named field: its type, the value it holds, and the values it offers."""

    name: str
    type: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """One form: where it goes, its fields by name, and its buttons as (name, value)."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self) -> dict[str, str]:
        """What would be sent if nothing were typed: hidden values, and what the page filled in."""
        quiet = ("radio", "checkbox")
        return {one.name: one.value for one in self.fields.values() if one.value and one.type not in quiet}


@dataclass(slots=True)
class Page:
    """One page: status, visible words, forms, links."""

    status: int
    path: str
    words: str
    forms: list[Form]
    links: list[str]

    @property
    def form(self) -> Form:
        """The form that asks something: the one that posts."""
        return next(form for form in self.forms if form.method == "post")


def read_page(status: int, path: str, html: str) -> Page:
    """Parse a page as a browser would see it."""
    reader = _Reader()
    reader.feed(html)
    return Page(status, path, " ".join("".join(reader.words).split()), reader.forms, reader.links)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.form: Form | None = None
        self.open_field: Field | None = None
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("style", "script"):
            self.silent = True
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is not None:
            self._in_form(tag, given)

    def _in_form(self, tag: str, given: dict[str, str]) -> None:
        assert self.form is not None
        name = given.get("name", "")
        if tag == "button" or (tag == "input" and given.get("type") == "submit"):
            self.form.buttons.append((name, given.get("value", "")))
        elif tag == "option" and self.open_field is not None:
            self.open_field.options.append(given.get("value", ""))
            if "selected" in given:
                self.open_field.value = given.get("value", "")
        elif tag in ("input", "select", "textarea") and name:
            self._field(tag, name, given)

    def _field(self, tag: str, name: str, given: dict[str, str]) -> None:
        assert self.form is not None
        kind = given.get("type", "text") if tag == "input" else tag
        one = self.form.fields.setdefault(name, Field(name, kind))
        if kind in ("radio", "checkbox"):
            one.options.append(given.get("value", "on"))
        elif tag == "input":
            one.value = given.get("value", "")
        else:
            self.open_field = one

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self.silent = False
        elif tag == "form":
            self.form = None
        elif tag in ("select", "textarea"):
            self.open_field = None

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)
