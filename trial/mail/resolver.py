"""DNS as the sender's domain is examined with it; injectable, so that no test leaves the machine."""

from __future__ import annotations

from typing import Literal

from trial.mail.sender_domain import NoAnswer

SECONDS = 10.0


def lookup(name: str, kind: Literal["TXT", "MX"]) -> list[str]:
    """The records of a name, TXT as one string each and MX as "10 mail.example."; NoAnswer where nobody answers."""
    import dns.exception  # one command alone wants it
    import dns.resolver

    try:
        found = dns.resolver.resolve(name, kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NoAnswer(type(error).__name__) from None
    if kind == "MX":
        return [one.to_text() for one in found]
    return ["".join(part.decode("utf-8", "replace") for part in one.strings) for one in found]
