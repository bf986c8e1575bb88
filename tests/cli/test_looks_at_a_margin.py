"""A shipped trial as one against a margin, lived with looks by `equipoise cut`, frozen and reported.

What the committee reads and what the report says at the end is worked out again from the estimates alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from scipy import special

from tests.cli.conftest import Shell
from tests.reports.reading import page_of
from trial.cli.living import BASE_URL, START, open_rehearsal, send_all
from trial.cli.places import find_protocol, operator, settings_of
from trial.core.schedule import last_window
from trial.rehearsal.direct.acts import Acts
from trial.rehearsal.direct.services import Services
from trial.rehearsal.driver import Driver, Parts, Progress
from trial.rehearsal.forms import Page
from trial.rehearsal.post import HandedOver, words_alone
from trial.rehearsal.profile import demo_profile
from trial.rehearsal.setting import setting_of
from trial.services import freeze, trials
from trial.services.delivery import Sender
from trial.stats.sequential.design import SequentialDesign, spending_design
from trial.stats.sequential.equivalence import likeness
from trial.stats.sequential.final import final_estimate
from trial.stats.sequential.monitoring import monitored
from trial.stats.sequential.spending import Spending
from workers.timetable import send_due

SHIPPED = Path(__file__).parents[2] / "protocols" / "examples" / "two-arm"
PEOPLE, SEED, TARGET, LOST, MARGIN, ALPHA, DAYS = 56, 5, 44, 0.3, 7.0, 0.05, (48, 62)


def against_a_margin(place: Path, framework: str) -> Path:
    """The shipped two-arm trial, asked whether one writing is no worse than the other, or alike; looked at twice."""
    folder = Path(shutil.copytree(SHIPPED, place / framework))
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    sided = f"{framework}\n  margin: {MARGIN}\n  margin_source: Made up for tests\n  one_sided_alpha: {ALPHA}"
    for old, new in (
        ("framework: superiority", f"framework: {sided}"),
        ("target: 324", f"target: {TARGET}"),
        ("difference: 0.3", "difference: 0"),
        ("in_units_of: standard_deviation", "in_units_of: score\n    standard_deviation: 10"),
        ("  committee: null #", "  interim_analyses: 2\n  bounds: pocock\n  committee: null #"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "protocol.yaml").write_text(text, encoding="utf-8")
    return folder


def lived(home: Path, protocol: Path, looks: Sequence[int], look: Callable[[str], None]) -> dict[str, str]:
    """The frozen files of a whole rehearsal by the services alone, in which somebody looks on these days."""
    folder, left = find_protocol(str(protocol)), list(looks)
    settings = settings_of(home=home, durable=False).model_copy(update={"base_url": BASE_URL})
    with ExitStack() as stack:
        store = settings.store()
        trial = open_rehearsal(store, folder, SEED, BASE_URL)
        post, acts = HandedOver(), Acts(stack.enter_context(store.kept()))
        sender = Sender(post, settings.mail_from, "rehearsal", compose=words_alone)
        drain = partial(send_all, acts.open_work, partial(send_due, acts.open_work, sender))
        doors = Services(acts, store.keys.cookie, lambda: None)
        days = demo_profile().weeks_of_recruitment * 7 + 15 + last_window(folder.protocol).days
        setting = setting_of(trial.slug, folder, demo_profile(), 0.0, SEED)
        driver = Driver(Parts(acts.open_work, doors, post, drain, lambda: True), setting, PEOPLE, START, days)

        def closed(_: datetime) -> None:
            with store.open_work(operator()) as work:
                if trials.find(work, trial.slug).recruits:
                    trials.close(work, trial.slug)

        def seen(now: Progress) -> None:
            if left and now.day >= left[0]:
                left.pop(0)
                look(trial.slug)

        driver.run(demo_profile(), closed, seen)
        assert not left
        with store.open_work(operator()) as work:
            return freeze.freeze(work, trial.slug)


def z_of(primary: dict[str, Any], gain: float) -> float:
    """The normal z with the p of a gain over its error."""
    return float(-special.ndtri(special.stdtr(primary["df"], -gain / primary["se"])))


@pytest.mark.parametrize("framework", ["non_inferiority", "equivalence"])
def test_the_committee_and_the_report_at_the_end_judge_the_margin_by_the_registered_bounds(
    equipoise: Shell, tmp_path: Path, framework: str
) -> None:
    def look(slug: str) -> None:
        done = equipoise("cut", slug, "--out=cuts", "--closed", "--home=home")
        assert done.code == 0, done

    files = lived(tmp_path / "home", against_a_margin(tmp_path, framework), DAYS, look)
    freeze.write_freeze(files, tmp_path / "frozen")
    assert equipoise("report", "frozen").code == 0
    closed = [json.loads((tmp_path / f"cuts/cut-{one}/cut-{one}-closed.json").read_text()) for one in (1, 2)]
    results = json.loads((tmp_path / "frozen" / "results.json").read_text())
    end, primary = results["interim"], results["estimates"][0]

    # the design as these looks made it: each spends what the function gives its share of the outcomes that the plan
    # counts on, the last one the rest
    shares = [one["estimates"][0]["n_with_data"] / (TARGET * (1 - LOST)) for one in (*closed, results)]
    plan = spending_design([1 / 3, 2 / 3, 1], Spending("pocock"), alpha=ALPHA, sides=1)
    made = monitored(plan, shares, final=True)
    for at, (one, share) in enumerate(zip(closed, shares, strict=False)):
        judged(one, made, at, share, framework)
    assert results["looks"] == pytest.approx(shares[:2], abs=1e-6)
    assert (end["information"], end["critical"]) == pytest.approx((shares[2], made.critical[2]), rel=1e-5)
    if framework == "equivalence":
        alike = likeness(made, 3, primary["estimate"], primary["se"], primary["df"], MARGIN)
        told = [alike.z, alike.estimate, *alike.ci, alike.p]
        reached = alike.shown
    else:
        gain = MARGIN - primary["estimate"]  # lower is better
        z = z_of(primary, gain)
        final = final_estimate(made, 3, gain, gain / z, 1 - 2 * ALPHA)
        told = [z, MARGIN - final.estimate, MARGIN - final.ci[1], MARGIN - final.ci[0], final.p]
        reached = z >= made.critical[2]
        assert (final.p < ALPHA) is reached is (MARGIN - final.ci[0] < MARGIN)
    assert [end["z"], end["estimate"], *end["ci"], end["p"]] == pytest.approx(told, rel=1e-4)
    assert end["rejected"] is reached
    said = Page(200, "", page_of(tmp_path / "frozen")).words
    aim = framework.replace("_", "-")
    assert f"{aim.capitalize()} is {'' if reached else 'not '}shown:" in said
    assert f"so that {aim} is {'' if reached else 'not '}shown" in said
    assert f"{aim} is {'not ' if reached else ''}shown:" not in said.lower()


def judged(one: dict[str, Any], made: SequentialDesign, at: int, share: float, framework: str) -> None:
    """One closed report: the bound of its look, both sides of its statistic, and the words."""
    primary, found = one["estimates"][0], one["interim"]
    assert (found["look"], found["planned_looks"], found["why_not"]) == (at + 1, 2, None)
    assert (found["information"], found["critical"]) == pytest.approx((share, made.critical[at]), rel=1e-5)
    z = [z_of(primary, MARGIN - primary["estimate"]), z_of(primary, MARGIN + primary["estimate"])]
    nearest = min(z) if framework == "equivalence" else z[0]
    assert found["z"] == pytest.approx(nearest, rel=1e-8)
    assert found["crossed"] is (nearest >= made.critical[at])
    if framework == "equivalence":
        assert [found["z_high"], found["z_low"]] == pytest.approx(z, rel=1e-8)
