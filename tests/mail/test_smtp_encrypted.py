"""Mails over TLS and with an account, against aiosmtpd with a certificate made for the test."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import threading
from contextlib import contextmanager

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from trial.core.errors import Unavailable
from trial.mail.mailer import Envelope
from trial.mail.smtp import SmtpMailer

TO_HER = Envelope("study@trial.example", "her@mailbox.example")


class Keeper:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """The file of a key and its certificate for 127.0.0.1, valid from yesterday to tomorrow."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay of the test")])
    now = datetime.datetime.now(datetime.UTC)  # noqa: TID251 - a certificate lives in real time
    day = datetime.timedelta(days=1)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    key_text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(key_text + signed.public_bytes(serialization.Encoding.PEM))
    return path


def only_the_study(server, session, envelope, mechanism, login) -> AuthResult:
    return AuthResult(success=(login.login, login.password) == (b"study", b"pass word"), handled=False)


@contextmanager
def running(keeper: Keeper, tls: ssl.SSLContext | None = None, **options):
    """aiosmtpd on its own loop and thread; yields the port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(keeper, loop=loop, hostname="relay", **options), "127.0.0.1", 0, ssl=tls)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture
def context(certificate) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def relay(context):
    keeper = Keeper()
    options = {"require_starttls": True, "auth_required": True, "authenticator": only_the_study}
    with running(keeper, tls_context=context, **options) as port:
        yield keeper, port


def test_a_mail_goes_out_encrypted_and_signed_in(relay, certificate):
    keeper, port = relay
    trusted = ssl.create_default_context(cafile=certificate)
    mailer = SmtpMailer(f"smtp+starttls://study:pass%20word@127.0.0.1:{port}", tls=trusted)
    mailer.check()
    assert mailer.send(TO_HER, lambda: b"Subject: x\r\n\r\nhello\r\n").kind == "accepted"
    mailer.close()
    assert keeper.mails == [b"Subject: x\r\n\r\nhello\r\n"]


def test_a_certificate_that_nobody_vouches_for_is_not_believed(relay):
    keeper, port = relay
    mailer = SmtpMailer(f"smtp+starttls://study:pass%20word@127.0.0.1:{port}")
    reply = mailer.send(TO_HER, lambda: b"x\r\n")
    assert reply.kind == "deferred"
    assert "CERTIFICATE_VERIFY_FAILED" in reply.text
    assert keeper.mails == []


def test_a_wrong_password_is_the_accounts_fault_and_fails_no_mail(relay, certificate):
    keeper, port = relay
    trusted = ssl.create_default_context(cafile=certificate)
    mailer = SmtpMailer(f"smtp+starttls://study:wrong@127.0.0.1:{port}", tls=trusted)
    reply = mailer.send(TO_HER, lambda: b"x\r\n")
    assert (reply.kind, reply.code, keeper.mails) == ("deferred", 535, [])
    with pytest.raises(Unavailable) as found:
        mailer.check()
    assert "wrong" not in str(found.value)


def test_a_server_that_speaks_tls_from_the_first_byte_is_understood(certificate, context):
    keeper = Keeper()
    with running(keeper, tls=context) as port:
        mailer = SmtpMailer(f"smtps://127.0.0.1:{port}", tls=ssl.create_default_context(cafile=certificate))
        assert mailer.send(TO_HER, lambda: b"Subject: x\r\n\r\nhello\r\n").kind == "accepted"
        mailer.close()
    assert len(keeper.mails) == 1
