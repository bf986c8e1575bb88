"""Who asks, as the limits know them: a keyed digest of the network address, never the address itself."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# one household or server holds a whole /64 of IPv6, and could change its address at every request
_PREFIX = 64


def key_of(scope: Scope, secret: bytes, trusted: Sequence[Network]) -> str | None:
    """The digest of the address that a request comes from; none where there is no network, as in a rehearsal."""
    address = _address(scope, trusted)
    if address is None:
        return None
    whole = address if address.version == 4 else ip_network((int(address), _PREFIX), strict=False).network_address
    return hmac.new(secret, b"network address|" + whole.packed, sha256).hexdigest()


def _address(scope: Scope, trusted: Sequence[Network]) -> Address | None:
    """Whoever spoke to us, or to the nearest of our proxies.

    X-Forwarded-For is read from its end, where our own proxies write, and no further than the first address that is
    not a proxy of ours: what stands in front of it was sent by that one and can say anything.
    """
    client = scope.get("client")
    found = _parsed(client[0]) if client else None
    if found is None:
        return None
    for said in _forwarded(scope):
        if not any(found in network for network in trusted):
            break
        before = _parsed(said)
        if before is None:
            break
        found = before
    return found


def _forwarded(scope: Scope) -> Iterable[str]:
    lines = Headers(scope=scope).getlist("x-forwarded-for")
    return reversed([one.strip() for one in ",".join(lines).split(",")])


def _parsed(said: str) -> Address | None:
    """An address, with or without a port; IPv4 that is written as IPv6 is IPv4."""
    bare = said[1:].partition("]")[0] if said.startswith("[") else said
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
