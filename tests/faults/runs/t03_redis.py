"""T3: Redis forgets everything, is killed, or is away for minutes, while mails fall due."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from typing import Any

import redis

from tests.faults.runs.frame import Fault, Result, Run, Watch
from tests.faults.runs.rig import Rig, laid
from tests.servers.redis import RedisServer

NOT_YET = 3600.0
WHAT = {"flush": "FLUSHALL", "kill": "kill -9 of Redis", "away": "Redis away"}


def do(given: Any, watch: Watch) -> Result:
    with RedisServer() as broker, laid(watch, given.mails, broker=broker, TICK_SECONDS=str(given.tick)) as rig:
        rig.spread(given.seconds, after=NOT_YET)
        rig.start(given.workers)
        rig.spread(given.seconds)
        faults = _planned(watch, given)
        back = [_inject(rig, broker, fault, given) for fault in faults]
        rig.drained()
        rig.end()
        found = rig.tally()
    # the first arrival after Redis was back shows that sending goes on
    resumed = [
        found.arrivals[at] - moment for moment in back if (at := bisect_right(found.arrivals, moment)) < given.mails
    ]
    longest, latest = max(resumed, default=0.0), max(found.late)
    bounds = {
        "lost 0": found.lost == 0,
        "doubled 0": found.doubled == 0,
        "every mail accepted": found.states.keys() == {"accepted"},
        f"sending goes on within {given.resumes:g} s of Redis' return": longest <= given.resumes,
        "faults hit the load": len(resumed) > 0,
    }
    done = {WHAT[given.fault]: len(faults)}
    for_so_long = f" for {given.away:g} s" if given.fault != "flush" else ""
    load = (
        f"{given.mails} mails due one after the other in {given.seconds:g} s, {given.workers} Celery workers, "
        f"beat rings every {given.tick:g} s; {len(faults)} × {WHAT[given.fault]}{for_so_long}."
    )
    words = (
        f"{found.words} Sending went on at most {longest:.1f} s after Redis; the latest mail was {latest:.1f} s late."
    )
    more = {"resumed_s": round(longest, 1), "latest_s": round(latest, 1)}
    return Result(load, done, bounds, words, **found.figures, more=more)


def _planned(watch: Watch, given: Any) -> deque[Fault]:
    last = given.seconds - given.away
    return deque(watch.plan(WHAT[given.fault], every=given.every, first=given.first, seconds=last))


def _inject(rig: Rig, broker: RedisServer, fault: Fault, given: Any) -> float:
    """When Redis was back."""
    _until(rig, fault.at)
    rig.watch.note(rig.began, fault.what)
    rig.watch.say(f"{fault.what}: {rig.arrived()} mails arrived so far")
    if given.fault == "flush":
        with redis.Redis.from_url(broker.url) as client:
            client.flushall()
        return rig.now
    broker.kill()
    _until(rig, rig.now + given.away)
    broker.start()
    return rig.now


def _until(rig: Rig, moment: float) -> None:
    while rig.now < moment:
        rig.tick()
        time.sleep(0.02)


LONG = {
    "fault": "flush", "mails": 1200, "seconds": 60.0, "workers": 4, "tick": 1.0, "first": 5.0, "every": 5.0,
    "away": 0.0, "resumes": 60.0,
}  # fmt: skip
AWAY_AT = {"first": 20.0, "every": 1000.0, "away": 120.0}
AWAY = LONG | AWAY_AT | {"fault": "away", "mails": 3000, "seconds": 180.0}
RUN = Run(
    "T3",
    "Redis may forget everything, die or stay away: no mail is lost, and sending goes on when it is back.",
    {
        "short": LONG
        | {"fault": "kill", "mails": 60, "seconds": 5.0, "workers": 2, "tick": 0.5, "first": 1.0, "away": 1.0},
        "flushall": LONG,
        "killed": LONG | {"fault": "kill", "every": 10.0, "away": 1.0},
        "away-2-min": AWAY,
    },
    do,
)
