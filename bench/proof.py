"""The screening page's sum in Chromium, slowed to a quarter, beside a plain SHA-256 loop in this Python.

    python -m bench.proof [--rounds N]

Seconds from opening the page to the answer in its field; tries counted from the answer. The whole page runs as it is
served, with its policy. Exits with 1 where the middle of the rounds takes longer than two seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from datetime import UTC, datetime

from playwright.sync_api import Browser

from bench.saying import middle, say
from tests.pages.samples import screening
from tests.pages.served import ORIGIN, shown
from tests.servers.browser import chromium
from trial.core import proof

SLOWER = 4
MOST = 2.0
START = datetime(2041, 3, 4, 9, 0, tzinfo=UTC)
FIELD = "[name=the-proof]"
DONE = "[name=the-proof]:not([value=''])"


def main() -> None:
    """A challenge of its own for each round."""
    parser = argparse.ArgumentParser(prog="python -m bench.proof", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="challenges that are solved")
    rounds = parser.parse_args().rounds
    found = _rounds(rounds)
    seconds = middle([one for one, _ in found])
    each = middle([one / tries for one, tries in found], 9)
    plain = _plain()
    ratio = round(each / plain, 1)
    worst = round(max(one for one, _ in found), 2)
    figures = {"rounds": rounds, "seconds": seconds, "worst": worst, "plain_us": round(plain * 1e6, 2), "ratio": ratio}
    say(
        "proof",
        figures,
        f"The sum takes {seconds} s in Chromium slowed to a quarter (longest of {rounds}: {worst} s); a try costs "
        f"{ratio} times a SHA-256 in a plain Python loop ({plain * 1e6:.2f} µs).",
    )
    if seconds > MOST:
        sys.exit(1)


def _rounds(rounds: int) -> list[tuple[float, int]]:
    with chromium() as browser:
        return [_one(browser, proof.challenge(b"bench", str(number), START)) for number in range(rounds)]


def _one(browser: Browser, asked: proof.Challenge) -> tuple[float, int]:
    """Seconds and tries of one challenge."""
    with shown(browser, screening(challenge=str(asked)), width=360) as page:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{ORIGIN}/page", wait_until="commit")
        began = time.perf_counter()
        page.wait_for_selector(DONE, state="attached", timeout=60_000)
        seconds = time.perf_counter() - began
        answer = page.locator(FIELD).input_value()
    if proof.judge(asked, answer, START) != "proved":
        raise SystemExit(f"the page's answer is wrong: {answer}")
    return seconds, sum(int(one) + 1 for one in answer.split("."))


def _plain() -> float:
    """Seconds of one SHA-256 of as many bytes, in a loop."""
    began, times = time.perf_counter(), 200_000
    for number in range(times):
        hashlib.sha256(b"%072d" % number).digest()
    return (time.perf_counter() - began) / times


if __name__ == "__main__":
    main()
