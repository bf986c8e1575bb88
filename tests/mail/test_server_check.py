"""What is said of a mail server before a trial relies on it, against real servers of every kind."""

from __future__ import annotations

import ssl

import pytest

from tests.mail.test_smtp_encrypted import Keeper, certificate, only_the_study, running  # noqa: F401
from trial.mail.sender_domain import Finding
from trial.mail.server_check import examine

ACCOUNT = "study:pass%20word@"


def lines(found: list[Finding]) -> dict[str, str]:
    return {one.about: one.grade for one in found}


def contexts(path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=path)


def test_a_server_that_is_in_order_is_good_in_every_line(certificate) -> None:  # noqa: F811
    server, ours = contexts(certificate)
    with running(Keeper(), tls_context=server, authenticator=only_the_study, auth_required=True) as port:
        found = examine(f"smtp+starttls://{ACCOUNT}127.0.0.1:{port}", tls=ours)
    assert lines(found) == {"Server": "good", "TLS": "good", "Account": "good", "Size": "good"}
    assert "TLSv1" in next(one.seen for one in found if one.about == "TLS")


def test_a_certificate_that_nobody_vouches_for_is_named(certificate) -> None:  # noqa: F811
    server, _ = contexts(certificate)
    with running(Keeper(), tls=server) as port:
        [one] = examine(f"smtps://127.0.0.1:{port}")
    assert (one.about, one.grade) == ("TLS", "bad") and "certificate" in one.seen and one.mend


def test_a_server_without_encryption_is_named(certificate) -> None:  # noqa: F811
    _, ours = contexts(certificate)
    with running(Keeper()) as port:
        [one] = examine(f"smtp+starttls://127.0.0.1:{port}", tls=ours)
    assert (one.about, one.grade) == ("TLS", "bad") and "STARTTLS" in one.seen


def test_a_wrong_password_is_named_and_not_told(certificate) -> None:  # noqa: F811
    server, ours = contexts(certificate)
    with running(Keeper(), tls_context=server, authenticator=only_the_study, auth_required=True) as port:
        [one] = examine(f"smtp+starttls://study:wrong-word@127.0.0.1:{port}", tls=ours)
    assert (one.about, one.grade) == ("Account", "bad")
    assert "wrong-word" not in repr(one) and "EQUIPOISE_SMTP_OAUTH" in one.mend


def test_nobody_there_and_too_small_a_server_are_named() -> None:
    [one] = examine("smtp://127.0.0.1:1")
    assert (one.about, one.grade) == ("Server", "bad") and "does not answer" in one.seen
    with running(Keeper(), data_size_limit=1_000_000) as port:
        found = examine(f"smtp://127.0.0.1:{port}")
    assert lines(found)["Size"] == "look" and lines(found)["TLS"] == "good"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        examine("http://127.0.0.1")
