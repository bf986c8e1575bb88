"""GET and HEAD change nothing anywhere: the database is the same after a crawl as before it."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from tests.web.place import BASE, SLUG, Person, Place, Visitor


def crawl(visitor: Visitor, starts: list[str]) -> set[str]:
    """Every page that links and the targets of forms lead to, by GET and by HEAD."""
    waiting, seen = list(starts), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        visitor.send("HEAD", path)
        page = visitor.get(path)
        assert page.status < 500, path
        targets = [*page.links, *(form.action for form in page.forms)]
        for target in targets:
            url = urlsplit(urljoin(BASE + path, target))
            if target and url.netloc == urlsplit(BASE).netloc and not target.startswith("#"):
                waiting.append(url.path + (f"?{url.query}" if url.query else ""))
    return seen


def test_a_crawl_of_everything_changes_nothing(place: Place, person: Person) -> None:
    person.to_exercise()
    starts = [f"/{SLUG}?from=poster", "/now", "/stop", "/report", "/done", "/healthz", *place.links(person.id)]
    before = place.dump()
    seen = crawl(person, starts)
    assert place.dump() == before
    assert {f"/{SLUG}/notice?from=poster", f"/{SLUG}/researchers?from=poster"} <= seen


def test_looking_at_each_step_on_the_way_in_changes_nothing(place: Place) -> None:
    for number, reach in enumerate((Person.to_screening, Person.to_address, Person.to_code, Person.to_consent)):
        person = Person(place, f"p{number}@mailbox.example")
        reach(person)
        before, rings = place.dump(), place.rings
        crawl(person, [f"/{SLUG}/{step}" for step in ("notice", "screening", "address", "code", "consent")])
        assert (place.dump(), place.rings) == (before, rings)


def test_nothing_is_opened_for_writing_by_looking(place: Place, person: Person) -> None:
    person.to_exercise()
    written: list[bool] = []

    def open_work(by: object, *, write: bool = True) -> object:
        written.append(write)
        return place.store.open_work(by, write=write)  # type: ignore[arg-type]

    person.transport.app = place.application(open_work=open_work)
    crawl(person, [f"/{SLUG}", "/now", "/stop", "/report", "/done", *place.links(person.id)[:3]])
    assert written
    assert not any(written)
