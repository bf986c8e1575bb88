"""One request to the time machine: what came in, and the few ways to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from trial.core.errors import BadInput
from trial.rehearsal.keeping import Kept
from trial.rehearsal.stepping import TimeMachine
from trial.web.cookies import SignedCookie
from trial.web.desk.pages import Pages
from trial.web.forms import Form


@dataclass(frozen=True, slots=True)
class Site:
    """What every visit shares. `cookie` is that of the participants' pages, whose `secret` signs the desk's too."""

    machine: TimeMachine
    secret: bytes = field(repr=False)
    cookie: SignedCookie
    pages: Pages
    public: str
    desk: str
    start_again: Callable[[], None]


@dataclass(slots=True)
class Visit:
    """`form` holds what was posted; `fault` is what went wrong with it."""

    site: Site
    request: Request
    form: Form
    csrf: str
    fault: str = ""

    @property
    def machine(self) -> TimeMachine:
        return self.site.machine

    def number(self, name: str = "number") -> int:
        """A number in the address or the form; BadInput where it is none."""
        given = self.request.path_params.get(name, self.form.get(name, self.request.query_params.get(name, "")))
        if not (str(given).isascii() and str(given).isdigit() and len(str(given)) < 10):
            raise BadInput.at(name, "this is no number.", "Use the buttons of the page.")
        return int(given)

    @property
    def chosen(self) -> Kept | None:
        """Whom the page looks at: who is named, else whose the browser is, else whoever came last."""
        given = self.form.get("person", self.request.query_params.get("person", ""))
        people = self.machine.everybody()
        named = [one for one in people if str(one.number) == given]
        current = self.machine.people.current
        now = [one for one in people if current is not None and one.number == current.number]
        return next(iter(named or now or people[-1:]), None)

    def page(self, template: str, **values: Any) -> Response:
        """A template of the time machine."""
        return self.site.pages.show(template, visit=self, **values)

    def go(self, path: str, **said: str | int) -> Response:
        """After a post: another page, by GET, which may say what happened."""
        return RedirectResponse(path + (f"?{urlencode(said)}" if said else ""), status_code=303)
