"""What DNS says of a sending domain, in plain words: every case with records of its own, none from the network."""

from __future__ import annotations

import pytest

from trial.mail.sender_domain import Finding, NoAnswer, examine, examine_return

SPF = "v=spf1 include:relay.example -all"
GOOD = {
    ("trial.example", "TXT"): [SPF, "some-verification=abc"],
    ("relay.example", "TXT"): ["v=spf1 ip4:192.0.2.0/24 ~all"],
    ("s1._domainkey.trial.example", "TXT"): ["v=DKIM1; k=rsa; p=MIGf MA0"],
    ("_dmarc.trial.example", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:x@trial.example"],
    ("trial.example", "MX"): ["10 mx.trial.example."],
}
SILENT = object()


def found(changed: dict[tuple[str, str], object] | None = None, selector: str = "s1") -> dict[str, Finding]:
    records = GOOD | (changed or {})

    def lookup(name: str, kind: str) -> list[str]:
        said = records.get((name, kind), [])
        if said is SILENT:
            raise NoAnswer("Timeout")
        assert isinstance(said, list)
        return said

    return {one.about: one for one in examine("trial.example", lookup, selector=selector)}


def test_a_domain_that_is_in_order_is_good_in_every_line() -> None:
    assert {one.grade for one in found().values()} == {"good"}
    assert list(found()) == ["SPF", "DKIM", "DMARC", "Answers"]


@pytest.mark.parametrize(
    ("records", "about", "grade", "words"),
    [
        ({("trial.example", "TXT"): []}, "SPF", "bad", "names no servers"),
        ({("trial.example", "TXT"): ["v=spf10 -all"]}, "SPF", "bad", "names no servers"),
        ({("trial.example", "TXT"): [SPF, "v=spf1 -all"]}, "SPF", "bad", "2 SPF records"),
        ({("trial.example", "TXT"): ["v=spf1 +all"]}, "SPF", "bad", "lets every server send"),
        ({("trial.example", "TXT"): ["v=spf1 mx"]}, "SPF", "look", "says nothing of all other"),
        ({("trial.example", "TXT"): ["v=spf1 redirect=relay.example"]}, "SPF", "good", "redirect"),
        ({("trial.example", "TXT"): ["v=spf1 " + "a:h.example " * 11 + "-all"]}, "SPF", "bad", "11 further lookups"),
        ({("trial.example", "TXT"): ["v=spf1 " + "ip4:192.0.2.1 " * 30 + "-all"]}, "SPF", "good", "ip4"),
        ({("relay.example", "TXT"): ["v=spf1 include:trial.example -all"]}, "SPF", "bad", "round in a circle"),
        ({("relay.example", "TXT"): ["v=spf1 " + "exists:x.example " * 10]}, "SPF", "bad", "11 further lookups"),
        ({("trial.example", "TXT"): SILENT}, "SPF", "look", "did not answer"),
        ({("s1._domainkey.trial.example", "TXT"): []}, "DKIM", "bad", "no key at s1._domainkey"),
        ({("s1._domainkey.trial.example", "TXT"): ["v=DKIM1; p="]}, "DKIM", "bad", "revoked"),
        ({("s1._domainkey.trial.example", "TXT"): ["p=MIGf"]}, "DKIM", "good", "key at"),
        ({("_dmarc.trial.example", "TXT"): []}, "DMARC", "bad", "no DMARC record"),
        ({("_dmarc.trial.example", "TXT"): ["v=DMARC1; p=none"] * 2}, "DMARC", "bad", "2 records"),
        ({("_dmarc.trial.example", "TXT"): ["v=DMARC1; rua=mailto:x@y.example"]}, "DMARC", "bad", "no policy"),
        ({("_dmarc.trial.example", "TXT"): ["v=DMARC1; p=none"]}, "DMARC", "good", "p=none"),
        ({("trial.example", "MX"): []}, "Answers", "look", "names no server"),
        ({("trial.example", "MX"): ["0 ."]}, "Answers", "bad", "takes no mail"),
    ],
)
def test_each_thing_that_can_be_wrong_is_named_with_what_to_do(
    records: dict[tuple[str, str], object], about: str, grade: str, words: str
) -> None:
    one = found(records)[about]
    assert (one.grade, words in one.seen) == (grade, True), one
    assert one.mend or one.grade == "good"


def test_without_the_selector_the_key_is_not_said_to_be_missing() -> None:
    assert found(selector="")["DKIM"].grade == "look"


def test_a_domain_above_may_speak_for_its_own() -> None:
    names: list[str] = []

    def lookup(name: str, kind: str) -> list[str]:
        names.append(name)
        return ["v=DMARC1; p=reject"] if name == "_dmarc.uni.example" else []

    dmarc = next(one for one in examine("mail.study.uni.example", lookup) if one.about == "DMARC")
    assert dmarc.grade == "good" and "_dmarc.uni.example" in dmarc.seen
    assert "_dmarc.example" not in names


def test_of_the_domain_of_return_addresses_spf_and_its_mail_server_are_asked() -> None:
    def lookup(name: str, kind: str) -> list[str]:
        return GOOD.get((name, kind), [])

    found = examine_return("trial.example", lookup)
    assert [(one.about, one.grade) for one in found] == [("SPF", "good"), ("Answers", "good")]
    assert {one.grade for one in examine_return("elsewhere.example", lookup)} == {"bad", "look"}
