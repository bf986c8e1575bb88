"""Whether other mail servers will believe mail from this domain: SPF, DKIM, DMARC and where its own mail goes.

Values in, findings out: `Lookup` gives the TXT or MX records of a name, an empty list where there are none, and raises
`NoAnswer` where the resolver does not answer. What is read: RFC 7208 (SPF), RFC 6376 (DKIM), RFC 7489 (DMARC).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Lookup = Callable[[str, Literal["TXT", "MX"]], list[str]]
Grade = Literal["good", "look", "bad"]
# RFC 7208 4.6.4
MOST_LOOKUPS = 10
_ASKS = ("include:", "a", "mx", "ptr", "exists:", "redirect=")


class NoAnswer(Exception):
    """The resolver did not answer; nothing is known."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, what was seen, and what to do where it is not good."""

    about: str
    grade: Grade
    seen: str
    mend: str = ""


def examine(domain: str, lookup: Lookup, *, selector: str = "") -> list[Finding]:
    """Everything that DNS says of a sending domain; `selector` is the relay's name for its DKIM key."""
    return _all(
        ("SPF", lambda: _spf(domain, lookup)),
        ("DKIM", lambda: _dkim(domain, selector, lookup)),
        ("DMARC", lambda: _dmarc(domain, lookup)),
        ("Answers", lambda: _mx(domain, lookup)),
    )


def examine_return(domain: str, lookup: Lookup) -> list[Finding]:
    """The same of a domain that return addresses lie in: SPF is asked of that one, and what comes back must find it."""
    return _all(("SPF", lambda: _spf(domain, lookup)), ("Answers", lambda: _mx(domain, lookup)))


def _all(*parts: tuple[str, Callable[[], Finding]]) -> list[Finding]:
    found = []
    for about, look in parts:
        try:
            found.append(look())
        except NoAnswer as error:
            found.append(Finding(about, "look", f"the resolver did not answer ({error})", "Try again in a moment."))
    return found


def _spf(domain: str, lookup: Lookup) -> Finding:
    found = [one for one in lookup(domain, "TXT") if re.match(r"v=spf1(\s|$)", one, re.I)]
    if not found:
        mend = f"Publish at {domain} the TXT record that your relay tells you: v=spf1 … ~all."
        return Finding("SPF", "bad", f"{domain} names no servers that may send for it", mend)
    if len(found) > 1:
        mend = "Join them into one: with two, every receiver treats the check as failed."
        return Finding("SPF", "bad", f"{domain} has {len(found)} SPF records", mend)
    record = found[0]
    try:
        count = sum(1 for _ in _asking(domain, record, lookup, depth=0))
    except RecursionError:
        return Finding("SPF", "bad", "its includes lead round in a circle", "Take the include out that leads back.")
    if count > MOST_LOOKUPS:
        mend = f"At most {MOST_LOOKUPS} may be needed, or receivers give up: take out what you do not send by."
        return Finding("SPF", "bad", f"{count} further lookups are needed", mend)
    terms = record.lower().split()
    ends = next((one for one in terms if one in ("-all", "~all", "?all", "+all", "all")), "")
    if ends in ("+all", "all"):
        return Finding("SPF", "bad", f"“{record}” lets every server send", "End it with -all or ~all.")
    if ends in ("-all", "~all") or any(one.startswith("redirect=") for one in terms):
        return Finding("SPF", "good", f"“{record}”", "That it names your relay is for you to compare.")
    return Finding("SPF", "look", f"“{record}” says nothing of all other servers", "End it with ~all or -all.")


def _asking(domain: str, record: str, lookup: Lookup, *, depth: int) -> Iterator[str]:
    """Each term that costs a lookup, those of included records among them."""
    if depth > MOST_LOOKUPS:
        raise RecursionError(domain)
    for term in record.lower().split()[1:]:
        bare = term.lstrip("+-~?")
        name = next((one for one in _ASKS if bare == one or bare.startswith((one, f"{one}:", f"{one}/"))), None)
        if name is None or bare == "all" or bare.startswith(("ip4:", "ip6:", "all")):
            continue
        yield term
        if name in ("include:", "redirect="):
            target = bare.removeprefix(name)
            for inner in lookup(target, "TXT"):
                if re.match(r"v=spf1(\s|$)", inner, re.I):
                    yield from _asking(target, inner, lookup, depth=depth + 1)


def _dkim(domain: str, selector: str, lookup: Lookup) -> Finding:
    if not selector:
        mend = (
            "Give it, as your relay calls it: --selector NAME. A mail that arrived shows it as s=… in DKIM-Signature."
        )
        return Finding("DKIM", "look", "without the key's selector it cannot be looked for", mend)
    name = f"{selector}._domainkey.{domain}"
    tags = [_tags(one) for one in lookup(name, "TXT")]
    keys = [one["p"] for one in tags if "p" in one]
    if not keys:
        return Finding("DKIM", "bad", f"there is no key at {name}", "Publish there what your relay tells you.")
    if not any(keys):
        return Finding("DKIM", "bad", f"the key at {name} was revoked", "Publish the one that the relay signs with.")
    return Finding("DKIM", "good", f"there is a key at {name}", "That the relay signs with it, a mail that came shows.")


def _dmarc(domain: str, lookup: Lookup) -> Finding:
    for name in _upwards(domain):
        found = [one for one in lookup(f"_dmarc.{name}", "TXT") if re.match(r"v=DMARC1\s*(;|$)", one)]
        if len(found) > 1:
            mend = "Keep one: with two, receivers apply none."
            return Finding("DMARC", "bad", f"_dmarc.{name} has {len(found)} records", mend)
        if found:
            policy = _tags(found[0]).get("p", "").lower()
            if policy in ("none", "quarantine", "reject"):
                more = "It asks receivers to do nothing; large ones ask senders for a record, and this is one."
                return Finding("DMARC", "good", f"p={policy} at _dmarc.{name}", more if policy == "none" else "")
            return Finding(
                "DMARC", "bad", f"the record at _dmarc.{name} has no policy p=…", "Add p=none to begin with."
            )
    mend = f"Publish at _dmarc.{domain} the TXT record: v=DMARC1; p=none"
    return Finding("DMARC", "bad", f"{domain} has no DMARC record", mend)


def _upwards(domain: str) -> list[str]:
    """The domain, and those above it that may speak for it: without a list of suffixes, as far as two labels."""
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(max(len(labels) - 1, 1))]


def _mx(domain: str, lookup: Lookup) -> Finding:
    found = [one for one in lookup(domain, "MX") if one.strip()]
    if any(one.split()[-1] == "." for one in found):
        mend = "Send from an address that takes mail: bounces come back to it."
        return Finding("Answers", "bad", f"{domain} says that it takes no mail", mend)
    if not found:
        mend = "Bounces and answers to the sending address come there: name a server that takes them (MX)."
        return Finding("Answers", "look", f"{domain} names no server that takes its mail", mend)
    return Finding("Answers", "good", f"mail to {domain} goes to {', '.join(one.split()[-1] for one in found[:3])}")


def _tags(record: str) -> dict[str, str]:
    """tag=value; tag=value, as DKIM and DMARC write them."""
    pairs = (one.partition("=") for one in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, sign, value in pairs if sign}
