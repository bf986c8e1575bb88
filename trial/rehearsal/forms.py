"""A page as a pretend person meets it: its words, and its forms with their fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

_QUIET = ("radio", "checkbox", "submit")


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
        return {one.name: one.value for one in self.fields.values() if one.value and one.type not in _QUIET}


class Page:
    """One page: status and path at once; words, forms and links when somebody looks at them."""

    def __init__(self, status: int, path: str, html: str) -> None:
        self.status = status
        self.path = path
        self._html = html

    @cached_property
    def _tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self._html)

    @cached_property
    def words(self) -> str:
        body = self._tree.body
        return " ".join(body.text(separator=" ").split()) if body else ""

    @cached_property
    def links(self) -> list[str]:
        return [node.attributes.get("href") or "" for node in self._tree.css("a")]

    @cached_property
    def forms(self) -> list[Form]:
        return [_form(node) for node in self._tree.css("form")]

    @property
    def form(self) -> Form:
        """The form that asks something: the one that posts."""
        return next(form for form in self.forms if form.method == "post")


def _form(node: LexborNode) -> Form:
    given = node.attributes
    form = Form(given.get("action") or "", (given.get("method") or "get").lower())
    for one in node.css("input, select, textarea, button"):
        name, kind = one.attributes.get("name") or "", one.tag
        if kind == "button":
            form.buttons.append((name, one.attributes.get("value") or ""))
        elif name:
            _add_field(form, one, name)
    return form


def _add_field(form: Form, node: LexborNode, name: str) -> None:
    kind = (node.attributes.get("type") or "text") if node.tag == "input" else str(node.tag)
    one = form.fields.setdefault(name, Field(name, kind))
    value = node.attributes.get("value") or ""
    if kind in _QUIET:
        one.options.append(value or "on")
    elif kind == "select":
        options = node.css("option")
        one.options = [option.attributes.get("value") or "" for option in options]
        one.value = next((o.attributes.get("value") or "" for o in options if "selected" in o.attributes), "")
    elif kind != "textarea":
        one.value = value
