"""How often somebody may try to sign in: the delay grows for one account at one network, and no account is ever shut.

A browser in which the member signed in before has a budget of its own, which nobody else can use up. When an account
is tried from everywhere, networks that it is not known from go slower; a first try from each still counts. An unknown
address is counted like a known one.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from trial.core.access import SYSTEM
from trial.storage import members
from trial.storage.vault import normalised
from trial.web.desk.visit import Visit
from trial.web.rates import Budget


def spend(visit: Visit, address: str) -> int:
    """Count one try; the seconds to wait where there were too many, else 0."""
    rates, account = visit.site.rates, _account(visit, address)
    if _is_own_device(visit, address):
        return rates.spend_for(_own(account), "sign_in")
    attacked = bool(rates.spend_for(account, "sign_in_all"))
    budget: Budget = "sign_in_slow" if attacked else "sign_in"
    return rates.spend_for(_there(visit, account), budget)


def forget(visit: Visit, address: str) -> None:
    """Somebody got in: what they mistyped before is forgotten."""
    account = _account(visit, address)
    for key in (_own(account), _there(visit, account)):
        visit.site.rates.forget(key, "sign_in")


def words(seconds: int) -> str:
    """What the page says meanwhile."""
    minutes = -(-seconds // 60)
    often = "There were too many tries for this address from here."
    return f"{often} Wait {minutes} minute{'' if minutes == 1 else 's'}, then try again. Nothing is locked."


def _account(visit: Visit, address: str) -> str:
    return hmac.new(visit.site.secret, f"account|{normalised(address)}".encode(), sha256).hexdigest()


def _own(account: str) -> str:
    return f"{account}|own"


def _there(visit: Visit, account: str) -> str:
    return f"{account}|{visit.site.rates.key_of(visit.request.scope)}"


def _is_own_device(visit: Visit, address: str) -> bool:
    """Whether this member signed in in this browser before."""
    if not (known := visit.known_here):
        return False
    with visit.site.open_work(SYSTEM, write=False) as work:
        found = members.by_address(work, address)
    return found is not None and found.id in known
