"""How often one network address may ask: shared networks are not shut out, nobody is told apart, nothing is kept."""

from __future__ import annotations

import logging
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.servers.process import free_port
from tests.servers.redis import RedisServer
from tests.web.place import SLUG, Person, Place, Visitor
from trial.web.client import key_of
from trial.web.rates import RateLimits

pytestmark = pytest.mark.usefixtures("still")

SECRET = b"s" * 32
FEW = {"requests": "1000 per minute", "mails": "2 per 10 minutes", "codes": "2 per 10 minutes"}
PROXY = (ip_network("10.0.0.0/8"),)


def scope_of(client: str | None, forwarded: str | None = None, *more: str) -> dict[str, Any]:
    lines = [one for one in (forwarded, *more) if one is not None]
    headers = [(b"x-forwarded-for", one.encode()) for one in lines]
    return {"type": "http", "client": (client, 40_000) if client else None, "headers": headers}


def key(client: str | None, *forwarded: str) -> str | None:
    return key_of(scope_of(client, *forwarded), SECRET, PROXY)


@pytest.fixture
def place(place: Place) -> Place:
    """The open rehearsal, behind tight limits."""
    place.app = place.application(rates=RateLimits(SECRET, budgets=FEW))
    return place


def sign_up(place: Place, address: str, client: str = "198.51.100.7") -> Person:
    person = Person(place, address)
    person.transport.client = (client, 1)
    person.to_code()
    return person


def test_after_some_sign_ups_from_one_address_the_next_one_waits_and_can_be_sent_again(place: Place) -> None:
    for name in ("robin", "kim"):
        assert sign_up(place, f"{name}@mailbox.example").page.path.endswith(f"/{SLUG}/code")
    late = Person(place, "lou@mailbox.example")
    late.transport.client = ("198.51.100.7", 1)
    late.to_address()
    before = place.dump()
    assert late.submit({"email": late.address, "zone": "Europe/Berlin"}).status == 429
    assert 0 < int(late.page.headers["retry-after"]) <= 600
    assert "wait a little" in late.page.words
    assert place.dump() == before
    assert late.page.form.fields["email"].value == "lou@mailbox.example"
    place.app = place.application(rates=RateLimits(SECRET, budgets=FEW))  # as if the minutes had passed
    late.transport.app = place.app
    assert late.submit().path.endswith(f"/{SLUG}/code")
    assert len(place.everyone()) == 3


def test_the_control_without_limits_lets_everybody_through(place: Place) -> None:
    place.app = place.application()
    signed_up = [sign_up(place, f"{name}@mailbox.example") for name in ("robin", "kim", "lou", "sam")]
    assert all(one.page.path.endswith(f"/{SLUG}/code") for one in signed_up)


def test_who_is_known_and_who_is_not_wait_alike(place: Place) -> None:
    for name in ("robin", "kim"):
        sign_up(place, f"{name}@mailbox.example")
    known, unknown = (sign_up(place, f"{name}@mailbox.example").page for name in ("robin", "never-here"))
    assert known.status == unknown.status == 429
    assert known.words == unknown.words


def test_another_network_is_not_kept_waiting(place: Place) -> None:
    for name in ("robin", "kim"):
        sign_up(place, f"{name}@mailbox.example")
    assert sign_up(place, "lou@mailbox.example", client="203.0.113.9").page.path.endswith(f"/{SLUG}/code")


def test_codes_that_are_typed_have_a_budget_of_their_own(place: Place) -> None:
    person = sign_up(place, "robin@mailbox.example")
    assert [person.post(f"/{SLUG}/code", person.page.form.filled() | {"code": "1"}).status for _ in range(2)] == [
        422
    ] * 2
    code = place.code(place.everyone()[-1].id)
    reply = person.post(f"/{SLUG}/code", person.page.form.filled() | {"code": code})
    assert reply.status == 429 and reply.form.fields["code"].value == code
    assert sign_up(place, "kim@mailbox.example").page.path.endswith(f"/{SLUG}/code")


def test_new_links_count_against_mails_and_following_a_link_does_not(place: Place) -> None:
    visitor = Visitor(place.app)
    path = "/go/" + "Z" * 43
    for _ in range(4):
        visitor.get(path)
        assert visitor.submit().status == 404
    wanted = visitor.page.form.filled() | {"new_link": "yes"}
    assert [visitor.post(path, wanted).status for _ in range(3)] == [200, 200, 429]
    assert "Z" * 43 not in visitor.page.text


def test_a_form_without_its_token_costs_nothing(place: Place) -> None:
    stranger = Visitor(place.app)
    for _ in range(4):
        assert stranger.post("/go/" + "Z" * 43, {"new_link": "yes"}).status == 403
    assert sign_up(place, "robin@mailbox.example", client="127.0.0.1").page.path.endswith(f"/{SLUG}/code")


def test_over_the_budget_for_all_requests_every_page_waits_in_the_language_of_the_browser(place: Place) -> None:
    visitor = Visitor(place.application(rates=RateLimits(SECRET, budgets=FEW | {"requests": "3 per minute"})))
    asked = [visitor.get(f"/{SLUG}", headers={"accept-language": "de"}) for _ in range(4)]
    assert [one.status for one in asked] == [200, 200, 200, 429]
    assert "Bitte warten Sie" in asked[-1].words
    assert 0 < int(asked[-1].headers["retry-after"]) <= 60
    assert "content-security-policy" in asked[-1].headers and asked[-1].headers["cache-control"] == "no-store"


def test_the_shipped_budget_lets_two_thousand_people_answer_from_one_network_in_two_minutes() -> None:
    rates = RateLimits(SECRET)
    asked = [rates.spend(scope_of("198.51.100.7"), "requests") for _ in range(10_000)]
    assert not any(asked)
    rest = [rates.spend(scope_of("198.51.100.7"), "requests") for _ in range(10_001)]
    assert any(rest)


def test_a_request_without_a_network_as_in_a_rehearsal_is_not_limited() -> None:
    rates = RateLimits(SECRET, budgets=FEW | {"mails": "1 per hour"})
    assert not any(rates.spend(scope_of(None), "mails") for _ in range(5))


def test_a_forwarding_header_is_not_believed_from_who_is_no_proxy_of_ours() -> None:
    """Else everybody could have as many addresses as they like, or use up somebody else's budget."""
    assert key("198.51.100.7", "203.0.113.9") == key("198.51.100.7")
    assert key_of(scope_of("10.0.0.1", "203.0.113.9"), SECRET, ()) == key("10.0.0.1")


@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.7", "198.51.100.7:4711", "192.0.2.66, 198.51.100.7", "192.0.2.66,10.9.9.9, 198.51.100.7, 10.0.0.2",
     "nonsense, 198.51.100.7", "::ffff:198.51.100.7"],
)  # fmt: skip
def test_behind_our_proxies_the_last_address_that_is_none_of_them_counts(forwarded: str) -> None:
    assert key("10.0.0.1", forwarded) == key("198.51.100.7")


def test_what_a_client_writes_before_our_proxy_does_not_count_even_on_lines_of_its_own() -> None:
    assert key("10.0.0.1", "192.0.2.66", "198.51.100.7") == key("198.51.100.7")
    assert key("10.0.0.1", "198.51.100.7, not-an-address") == key("10.0.0.1")


def test_ipv6_counts_by_the_network_of_a_household_and_ipv4_by_the_address() -> None:
    assert key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9") == key("10.0.0.1", "[2001:db8:1:2::3]:443")
    assert key("2001:db8:1:2::1") != key("2001:db8:1:3::1")
    assert key("198.51.100.7") != key("198.51.100.8")


def test_the_key_holds_no_address_and_needs_the_secret() -> None:
    plain = scope_of("198.51.100.7")
    digest = key_of(plain, SECRET, ())
    assert digest is not None and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    assert digest != key_of(plain, b"t" * 32, ())


def test_a_forged_header_gives_nobody_a_fresh_budget(place: Place) -> None:
    path, seen = "/go/" + "Z" * 43, []
    visitor = Visitor(place.app)
    for number in range(3):
        visitor.get(path)
        visitor.submit()
        wanted = visitor.page.form.filled() | {"new_link": "yes"}
        body = "&".join(f"{name}={value}" for name, value in wanted.items()).encode()
        headers = {"x-forwarded-for": f"203.0.113.{number}", "content-type": "application/x-www-form-urlencoded"}
        seen.append(visitor.send("POST", path, body, headers=headers).status)
    assert seen == [200, 200, 429]


def test_no_address_comes_into_the_database_or_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("robin", "kim", "lou"):
            sign_up(place, f"{name}@mailbox.example")
    assert "198.51.100.7" not in "\n".join([*place.dump(), caplog.text])


@pytest.mark.servers
def test_two_processes_on_one_redis_share_a_budget_and_two_without_do_not(redis_server: RedisServer) -> None:
    url = redis_server.url.replace("/0", "/3")
    for shared, expected in ((url, [False, True, True]), (None, [False, False, True])):
        here = RateLimits(SECRET, redis_url=shared, budgets=FEW)
        assert not here.spend(scope_of("198.51.100.7"), "mails")
        assert _spent_elsewhere(shared, times=3) == expected
        assert bool(here.spend(scope_of("198.51.100.7"), "mails")) == (shared is not None)


@pytest.mark.servers
def test_a_count_can_begin_anew_for_one_account_and_leaves_others_alone(redis_server: RedisServer) -> None:
    for url in (redis_server.url.replace("/0", "/5"), None):
        rates = RateLimits(SECRET, redis_url=url)
        waits = {name: [rates.spend_for(name, "sign_in") > 0 for _ in range(6)] for name in ("robin", "kim")}
        assert set(map(tuple, waits.values())) == {(False,) * 5 + (True,)}
        rates.forget("robin", "sign_in")
        assert rates.spend_for("robin", "sign_in") == 0
        assert rates.spend_for("kim", "sign_in") > 0


def _spent_elsewhere(redis_url: str | None, *, times: int) -> list[bool]:
    """Whether each of so many requests has to wait in a process of its own."""
    script = f"""
from tests.web.test_rates import FEW, SECRET, scope_of
from trial.web.rates import RateLimits
rates = RateLimits(SECRET, redis_url={redis_url!r}, budgets=FEW)
print(*(int(bool(rates.spend(scope_of("198.51.100.7"), "mails"))) for _ in range({times})))
"""
    root = Path(__file__).parents[2]
    said = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    return [one == "1" for one in said.stdout.split()]


@pytest.mark.servers
def test_a_page_behind_redis_is_served_and_redis_holds_no_address(place: Place, redis_server: RedisServer) -> None:
    import redis

    url = redis_server.url.replace("/0", "/4")
    place.app = place.application(rates=RateLimits(SECRET, redis_url=url, budgets=FEW))
    asked = [sign_up(place, f"{name}@mailbox.example").page.status for name in ("robin", "kim", "lou")]
    assert asked == [200, 200, 429]
    with redis.Redis.from_url(url) as client:
        held = b" ".join(client.scan_iter()).decode()
        assert held and "198.51.100.7" not in held
        assert all(client.ttl(one) > 0 for one in client.scan_iter())


def test_with_redis_away_pages_are_served_one_line_is_logged_and_the_process_counts_alone(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    place.app = place.application(rates=RateLimits(SECRET, redis_url=url, budgets=FEW))
    asked = [sign_up(place, f"{name}@mailbox.example").page.status for name in ("robin", "kim", "lou")]
    assert asked == [200, 200, 429]
    said = [one.getMessage() for one in caplog.records if "Redis" in one.getMessage()]
    assert len(said) == 1 and "EQUIPOISE_BROKER_URL" in said[0]
