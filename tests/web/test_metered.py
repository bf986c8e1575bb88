"""Requests are counted by the pattern of their address: whoever reads the metrics learns no token, person or arm."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry, generate_latest

from tests.web.desk_place import HERE, Team, send
from tests.web.place import BASE, SLUG, Person, Place, Visitor
from trial.core.access import Role
from trial.metrics.meters import LABELS, WebMeters
from trial.web.metered import NO_ROUTE

LABEL = re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def meters(registry: CollectorRegistry) -> WebMeters:
    return WebMeters(registry)


def patterns(app: FastAPI) -> Iterator[str]:
    return (route.path for route in app.routes if isinstance(route, APIRoute))


def fails(*_: object, **__: object) -> None:
    raise RuntimeError("broken on purpose")


def test_the_way_of_a_person_and_a_member_leaves_patterns_alone(
    place: Place, registry: CollectorRegistry, meters: WebMeters
) -> None:
    place.app = place.application(meter=meters)
    person = Person(place, "robin@mailbox.example")
    person.to_exercise()
    links = place.links(person.id)
    for path in (*links, "/go/" + "Z" * 43, "/nothing/here", f"/{SLUG}?from=a-poster"):
        person.get(path)
    Visitor(place.app, BASE).send("BREW", f"/{SLUG}", None)
    Visitor(place.application(meter=meters, open_work=fails), BASE).get(f"/{SLUG}")
    team = Team(place)
    team.app = team.application(meter=meters)
    owner, code = team.visitor(Role.OWNER), place.everyone()[-1].code
    owner.get(f"/{SLUG}/participants/{code}")
    send(owner, "note", {"note": "Something private."})
    team.stranger().get(team.link(Role.CUSTODIAN, "Lee Example", "lee@team.example"))
    text = generate_latest(registry).decode()
    labels = set(LABEL.findall(text))
    routes = {NO_ROUTE, *patterns(place.app), *patterns(team.app)}
    for name, value in labels:
        if name == "route":
            assert value in routes
        elif name == "status":
            assert re.fullmatch(r"[1-5]\d\d", value)
        elif name != "le":
            assert value in LABELS[name]
    secrets = [one.rpartition("/")[2] for one in links] + [code, SLUG, "robin", "@", "Z" * 43, "poster", "private"]
    arms = [one.id for one in place.folder.protocol.arms]
    assert not [one for one in (*secrets, *arms) if one in text]
    assert {("route", "/go/{token}"), ("route", "/join/{token}"), ("route", NO_ROUTE), ("method", "other"),
            ("status", "500"), ("status", "404"), ("status", "303")} <= labels  # fmt: skip


def test_each_request_is_counted_once_with_its_time(
    place: Place, registry: CollectorRegistry, meters: WebMeters
) -> None:
    visitor = Visitor(place.application(meter=meters), BASE)
    for _ in range(3):
        visitor.get(f"/{SLUG}")
    one = {"app": "participants", "method": "GET", "route": "/{slug}"}
    assert registry.get_sample_value("equipoise_http_requests_total", one | {"status": "200"}) == 3
    assert registry.get_sample_value("equipoise_http_request_duration_seconds_count", one) == 3
    assert 0 < (registry.get_sample_value("equipoise_http_request_duration_seconds_sum", one) or 0) < 30


def test_without_somebody_who_reads_them_nothing_is_counted(place: Place) -> None:
    assert "Metered" not in str(place.app.user_middleware) and "Metered" not in str(Team(place, url=HERE).app)
