"""How often one network address may ask, in three budgets. Behind one address there may be a whole university.

Counted in memory, or in Redis where there is a broker, so that several processes share a budget. With Redis away each
process counts for itself: a page is served, and one line in the log says so. Nothing of it comes into the database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from trial.web.client import Network, key_of

if TYPE_CHECKING:
    from limits.strategies import RateLimiter

_log = logging.getLogger("trial.web")

Budget = Literal["requests", "mails", "codes", "sign_in", "sign_in_slow", "sign_in_all"]
# 2,000 people who answer within two minutes from one network ask 10,000 times; with styles and scripts twice as often
BUDGETS: Mapping[Budget, str] = {
    "requests": "20000 per 2 minutes",
    "mails": "300 per 10 minutes; 2000 per day",
    "codes": "300 per 10 minutes; 3000 per day",
    # tries for one account from one network or one known device; for one account from everywhere, after which
    # strangers' networks go slower. No account is ever shut
    "sign_in": "5 per minute; 12 per 10 minutes; 30 per hour",
    "sign_in_slow": "1 per minute; 3 per 10 minutes; 6 per hour",
    "sign_in_all": "100 per hour",
}
_REDIS = ("redis", "rediss")
_PREFIX = "equipoise-rates"
# so long a Redis that did not answer is left alone, or every page would wait for it
_LEFT_ALONE = 10.0
_HASTY = 0.5


class Rates(Protocol):
    """What the pages ask."""

    @property
    def slow(self) -> bool:
        """Whether asking goes over a network."""

    def spend(self, scope: Scope, budget: Budget) -> int:
        """Count one; the seconds to wait where the budget is used up, else 0."""

    def spend_for(self, key: str, budget: Budget) -> int:
        """The same for something that is not a network alone, such as an account at one network."""

    def forget(self, key: str, budget: Budget) -> None:
        """Start the count of this key anew."""

    def key_of(self, scope: Scope) -> str:
        """The digest of the network that asks; the same one for all where there is no network."""


class Unlimited:
    """For a rehearsal, and for tests of other things."""

    slow = False

    def spend(self, scope: Scope, budget: Budget) -> int:
        """Always 0."""
        return 0

    def spend_for(self, key: str, budget: Budget) -> int:
        """Always 0."""
        return 0

    def forget(self, key: str, budget: Budget) -> None:
        """There is nothing to forget."""

    def key_of(self, scope: Scope) -> str:
        """All are one."""
        return ""


UNLIMITED = Unlimited()


class RateLimits:
    """`secret` keys the digests of addresses, and is the same in all processes that share a Redis."""

    def __init__(
        self,
        secret: bytes,
        *,
        redis_url: str | None = None,
        trusted: Sequence[Network] = (),
        budgets: Mapping[Budget, str] = BUDGETS,
    ) -> None:
        from limits import parse_many
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        self._secret = secret
        self._trusted = trusted
        self._limits = {name: parse_many(limit) for name, limit in budgets.items()}
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = _in_redis(redis_url) if redis_url and urlsplit(redis_url).scheme in _REDIS else None
        self._again_at: float | None = None

    @property
    def slow(self) -> bool:
        """Whether asking goes over a network."""
        return self._shared is not None

    def spend(self, scope: Scope, budget: Budget) -> int:
        """Count one; the seconds to wait where the budget is used up, else 0."""
        key = self.key_of(scope)
        return self.spend_for(key, budget) if key else 0

    def key_of(self, scope: Scope) -> str:
        """The digest of the network that asks; empty where there is none."""
        return key_of(scope, self._secret, self._trusted) or ""

    def forget(self, key: str, budget: Budget) -> None:
        """Start the count of this key anew: here, and in Redis where it answers."""
        for limiter in (self._own, self._shared):
            if limiter is None or (limiter is self._shared and self._again_at is not None):
                continue
            try:
                for limit in self._limits[budget]:
                    limiter.clear(limit, budget, key)
            except limiter.storage.base_exceptions as error:
                self._leave_alone(error)

    def spend_for(self, key: str, budget: Budget) -> int:
        """Count one under this key; the seconds to wait where the budget is used up, else 0."""
        if self._shared is not None and (self._again_at is None or time.monotonic() >= self._again_at):
            try:
                waiting = self._count(self._shared, budget, key)
            except self._shared.storage.base_exceptions as error:
                self._leave_alone(error)
            else:
                self._again_at = None
                return waiting
        return self._count(self._own, budget, key)

    def _count(self, limiter: RateLimiter, budget: Budget, key: str) -> int:
        for limit in self._limits[budget]:
            if not limiter.hit(limit, budget, key):
                ends = limiter.get_window_stats(limit, budget, key).reset_time
                return max(1, ceil(ends - time.time()))
        return 0

    def _leave_alone(self, error: Exception) -> None:
        if self._again_at is None:
            why = f"({type(error).__name__}); check EQUIPOISE_BROKER_URL"
            _log.warning("Redis does not answer %s. Until it does, each process counts requests for itself", why)
        self._again_at = time.monotonic() + _LEFT_ALONE


def _in_redis(url: str) -> RateLimiter:
    from limits.storage import RedisStorage
    from limits.strategies import SlidingWindowCounterRateLimiter
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # one try: somebody's page is waiting
    options: dict[str, Any] = {"socket_connect_timeout": _HASTY, "socket_timeout": _HASTY}
    options["retry"] = Retry(NoBackoff(), 0)
    return SlidingWindowCounterRateLimiter(RedisStorage(url, key_prefix=_PREFIX, **options))


def asking_to_wait(seconds: int, response: Response) -> Response:
    """The same page, which says when to come back."""
    response.headers["retry-after"] = str(seconds)
    return response


class RateLimit:
    """ASGI middleware: a request over the budget for all requests is answered with `page`."""

    def __init__(self, app: ASGIApp, *, rates: Rates, page: Callable[[Scope], Response]) -> None:
        self.app = app
        self._rates = rates
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = await self._spend(scope) if scope["type"] == "http" else 0
        if seconds:
            await asking_to_wait(seconds, self._page(scope))(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _spend(self, scope: Scope) -> int:
        if self._rates.slow:
            return await run_in_threadpool(self._rates.spend, scope, "requests")
        return self._rates.spend(scope, "requests")


def a_mail(form: Mapping[str, str]) -> Budget | None:
    """What a form costs that sends a mail."""
    return "mails"


def a_code(form: Mapping[str, str]) -> Budget | None:
    """What a form costs in which a code was typed."""
    return "codes" if form.get("code", "").strip() else None
