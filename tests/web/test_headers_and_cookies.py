"""What stands on every response, and how the one cookie is set."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from tests.web.place import SLUG, Person, Place, Reply, Visitor
from trial.pages.assets import asset

POLICY = {
    "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self'",
    "connect-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
}  # fmt: skip


def fails(*_: object, **__: object) -> None:
    raise RuntimeError("broken on purpose")


def replies(place: Place, *, https: bool = False) -> dict[str, Reply]:
    """A response of every sort that the application can give."""
    base = "https://trial.example.org" if https else "http://127.0.0.1:8000"
    app = place.application(https=https)
    got: dict[str, Reply] = {}

    def ask(name: str, method: str, path: str, body: bytes | None = None, **options: object) -> None:
        got[name] = Visitor(options.pop("app", app), base).send(method, path, body, follow=False, **options)  # type: ignore[arg-type]

    ask("page", "GET", f"/{SLUG}")
    ask("head", "HEAD", f"/{SLUG}")
    ask("form", "GET", f"/{SLUG}/notice")
    ask("redirect", "GET", f"/{SLUG}/screening")
    ask("refused form", "POST", f"/{SLUG}/notice", b"agree=yes")
    ask("landing", "GET", "/go/" + "Z" * 43)
    ask("no session", "GET", "/now")
    ask("not found", "GET", "/nothing/here/at/all")
    ask("no such trial", "GET", "/no-such-trial")
    ask("wrong method", "DELETE", f"/{SLUG}")
    ask("health", "GET", "/healthz")
    ask("style", "GET", asset("style.css").url)
    ask("too large", "POST", f"/{SLUG}/notice", b"a" * 300_000)
    ask("wrong host", "GET", f"/{SLUG}", headers={"host": "elsewhere.example"})
    ask("broken", "GET", f"/{SLUG}", app=place.application(https=https, open_work=fails))
    return got


@pytest.mark.parametrize("https", [False, True])
def test_every_response_carries_every_header(place: Place, *, https: bool) -> None:
    for name, reply in replies(place, https=https).items():
        headers = reply.headers
        given = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert given == POLICY, name
        assert headers["x-content-type-options"] == "nosniff", name
        assert headers["referrer-policy"] == "no-referrer", name
        assert "camera=()" in headers["permissions-policy"], name
        assert ("strict-transport-security" in headers) == https, name
        assert headers["cache-control"] == "no-store" or name == "style", name


def test_each_kind_of_response_has_its_status(place: Place) -> None:
    assert {name: reply.status for name, reply in replies(place).items()} == {
        "page": 200, "head": 200, "form": 200, "redirect": 303, "refused form": 403, "landing": 200, "no session": 403,
        "not found": 404, "no such trial": 404, "wrong method": 405, "health": 200, "style": 200, "too large": 413,
        "wrong host": 400, "broken": 500,
    }  # fmt: skip


def test_errors_are_said_in_the_same_kind_voice(place: Place) -> None:
    got = replies(place)
    assert "no such page" in got["not found"].words
    assert "longer than we can take" in got["too large"].words
    assert "our mistake, not yours" in got["broken"].words
    for name in ("not found", "too large", "broken", "wrong method"):
        assert "<main" in got[name].text
        assert "Traceback" not in got[name].text


def test_no_page_asks_for_anything_from_elsewhere_or_holds_inline_code(place: Place, person: Person) -> None:
    pages = [person.get(f"/{SLUG}"), person.to_address(), person.to_exercise(), person.get("/stop")]
    for page in pages:
        assert "style=" not in page.text
        assert "<style" not in page.text
        assert " on" + "click" not in page.text
        assert "//" not in page.text.replace("<!doctype html>", "").split("<body>")[0]


def cookie(reply: Reply) -> SimpleCookie:
    return SimpleCookie(reply.headers["set-cookie"])


def test_on_loopback_the_cookie_has_a_plain_name(place: Place) -> None:
    held = cookie(replies(place)["form"])["equipoise"]
    assert (held["httponly"], held["secure"], held["samesite"], held["path"]) == (True, "", "lax", "/")
    assert held["domain"] == ""


def test_under_tls_the_cookie_is_bound_to_the_host_and_secure(place: Place) -> None:
    held = cookie(replies(place, https=True)["form"])["__Host-equipoise"]
    assert (held["httponly"], held["secure"], held["samesite"], held["path"]) == (True, True, "lax", "/")
    assert held["domain"] == ""
    assert held["max-age"] == ""


def test_a_page_without_a_form_sets_no_cookie(place: Place) -> None:
    got = replies(place)
    for name in ("page", "health", "style", "not found"):
        assert "set-cookie" not in got[name].headers, name


def test_a_browser_that_has_its_cookie_gets_no_other_by_looking(place: Place, person: Person) -> None:
    person.to_screening()
    assert "set-cookie" not in person.get(f"/{SLUG}/screening").headers


def test_static_files_are_kept_by_browsers_and_asked_for_once(place: Place) -> None:
    visitor = Visitor(place.app)
    named = visitor.get(asset("style.css").url)
    assert "immutable" in named.headers["cache-control"]
    plain = visitor.get("/static/style.css")
    assert plain.headers["cache-control"] == "no-cache"
    again = visitor.get("/static/style.css", headers={"if-none-match": plain.headers["etag"]})
    assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize("name", ["../frame.py", "..%2fframe.py", "frame.py", "", "style.css/", "%00"])
def test_no_other_file_can_be_asked_for(place: Place, name: str) -> None:
    assert Visitor(place.app).get(f"/static/{name}").status == 404
