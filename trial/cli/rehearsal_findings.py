"""What comes out of `equipoise rehearse`: the page with findings, and the lines that the command ends with."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

import typer

from reports.files import write_whole
from reports.rehearsal_flow import flow_figure
from reports.rehearsal_page import NAME, rehearsal_page, summary_of
from trial.cli.living import Lived, Wish
from trial.cli.places import operator, settings_of
from trial.core.rehearsed import Finding, Rehearsed
from trial.rehearsal.findings import findings_of
from trial.rehearsal.findings.calendars import calendars_of
from trial.rehearsal.findings.course import course_of
from trial.rehearsal.findings.gathered import Facts
from trial.rehearsal.profile import LifelikeProfile
from trial.rehearsal.profile_file import DEFAULT, ProfileFile, names, read_profile
from trial.services.lived_through import lived_through
from trial.settings import USUAL_PACE

WIDTH, WORST = 80, 3
# a name is not cut in two, nor a path
_PLAIN = TextWrapper(WIDTH, break_on_hyphens=False, break_long_words=False)
_HANGING = TextWrapper(WIDTH, break_on_hyphens=False, subsequent_indent="  ")


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that was gathered while the trial's database was at hand."""

    rehearsed: Rehearsed
    out: Path


def gather(lived: Lived, wish: Wish) -> Page:
    """Read the lived trial; nothing is written yet."""
    with lived.store.open_work(operator(), write=False) as work:
        read = lived_through(work, lived.trial.slug)
    facts = Facts(read, _profile(wish), settings_of().smtp_per_minute or USUAL_PACE)
    counts = {
        "people": wish.participants,  # who comes with another address is the same human
        "assessed": len(read.screenings),
        "randomised": len(facts.randomized),
        "days": (lived.driver.now - lived.driver.start).days,
        "mails": len(read.sent_at),
    }
    protocol = lived.folder.protocol
    return Page(
        Rehearsed(
            title=facts.label(protocol.title),
            protocol=f"{protocol.id}, version {protocol.version}",
            command=command_of(wish),
            profile=facts.profile.id,
            counts=counts,
            findings=tuple(findings_of(facts)),
            calendars=tuple(calendars_of(facts)),
            course=course_of(facts),
        ),
        wish.out,
    )


def _profile(wish: Wish) -> ProfileFile:
    return wish.habits.file if isinstance(wish.habits, LifelikeProfile) else read_profile(DEFAULT)


def command_of(wish: Wish) -> str:
    """The command that lives the same trial again."""
    words = ["equipoise", "rehearse", wish.protocol, "--participants", str(wish.participants), "--seed", str(wish.seed)]
    file = _profile(wish)
    words += ["--profile", file.id if file.id in names() else f"{file.id}.yaml"] if file.id != DEFAULT else []
    weight = file.lost.by_outcome.value
    given = file.id in names() and weight != read_profile(file.id).lost.by_outcome.value
    words += ["--not-at-random", f"{weight:g}"] if given else []
    words += ["--effect", f"{wish.effect:g}"] if wish.effect != 0.3 else []
    words += ["--fast"] if wish.fast else []
    words += ["--faults"] if wish.faults else []
    return shlex.join([*words, *(["--out", str(wish.out)] if wish.out != Path("rehearsal") else [])])


def write_page(page: Page) -> None:
    """Write the page beside the frozen files, with links to whatever else lies there by now."""
    linked = replace(page.rehearsed, links=_links(page.out))
    write_whole(page.out, {NAME: rehearsal_page(linked, flow_figure(page.out)).encode()})


def _links(out: Path) -> tuple[tuple[str, str], ...]:
    beside = (
        ("book/index.html", "The book: every mail and page as people see them"),
        ("oracle.json", "The recount: what separate code counted anew, and whether it is the same"),
        ("report.html", "The report on the pretend data"),
    )
    return tuple((name, words) for name, words in beside if (out / name).is_file())


def tell(page: Page, *, seconds: float, as_json: bool) -> None:
    """At most 24 lines of 80 columns, or everything as JSON."""
    rehearsed = page.rehearsed
    if as_json:
        said: dict[str, Any] = {"out": str(page.out), "seconds": round(seconds, 1), "counts": dict(rehearsed.counts)}
        typer.echo(json.dumps(said | {"findings": [asdict(one) for one in rehearsed.findings]}, indent=2))
        return
    for line in lines_of(page, seconds):
        typer.echo(line)


def lines_of(page: Page, seconds: float) -> list[str]:
    """What the command ends with."""
    rehearsed = page.rehearsed
    lines = [line for one in summary_of(rehearsed) for line in _PLAIN.wrap(one)]
    for finding in rehearsed.findings[:WORST]:
        lines += ["", *_told(finding)]
    name = shlex.quote(shlex.split(rehearsed.command)[2])
    return [
        *lines,
        "",
        f"{seconds:.0f} s. Read them all: {page.out / NAME}",
        *_PLAIN.wrap(f"Next: mend the protocol and rehearse again; equipoise power {name}"),
        *_PLAIN.wrap(f"Then: equipoise gate rehearsal TRIAL {page.out}"),
    ]


def _told(finding: Finding) -> list[str]:
    where = f" ({finding.place})" if finding.place else ""
    found = _HANGING.wrap(f"{str(finding.weight).capitalize()}{where}: {finding.what}")
    return found if len(found) <= 4 else [*found[:3], found[3][: WIDTH - 2] + " …"]
