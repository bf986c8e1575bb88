"""What a capsule says of itself: its README, its warnings, and what was done to the rows of a public one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reports.capsule.public import Public
from trial.core.protocol import Administrative
from trial.core.trial import MARKS, TrialKind

FILES = {
    "README.md": "What is in this capsule and how to build its results again",
    "capsule.json": "Kind of capsule, number of people, digests, software",
    "results.json": "Every estimate and count, with all digits",
    "codebook.csv": "Every column of every table",
    "codebook.html": "Every column of every table, as a page",
    "everyone.json": "The flow of everybody in the trial, and how many agreed to sharing, by arm",
    "privacy.json": "What was made coarse, and which classes of people are smaller than k",
    "data/dataset.csv": "Scores and baseline facts, one row for each person and timepoint",
    "data/items.csv": "Closed answers, one row for each person, occasion and activity",
    "data/adherence.csv": "What each person had of the intervention",
    "frozen/dataset.csv": "Scores and baseline facts, one row for each person and timepoint",
    "frozen/items.csv": "Closed answers, one row for each; data/items has a column for each item instead",
    "frozen/allocation.csv": "Every allocation with its decision record",
    "frozen/allocation.json": "The opened seed and what was drawn with it",
    "frozen/conduct.json": "The dates of the trial, how many came in each week, versions, deviations counted",
    "frozen/freeze.json": "The digest of the frozen files, and what they came from",
    "scripts/primary_analysis.R": "The primary analysis in R",
    "scripts/primary_analysis.py": "The primary analysis in Python",
    "scripts/verify_allocation.py": "Makes every allocation again from the seed",
    "environment/requirements.txt": "Every package at its version, for pip",
}
RESTRICTED = (
    "It holds everybody, under the study codes of the trial, and words of the team: names of adverse events, why the "
    "data were unlocked. Give it only to those who may see that.",
)


def mark(kind: str) -> str:
    """What stands above everything of a trial that is none, and a space; nothing of a live one."""
    said = MARKS.get(TrialKind(kind))
    return f"{said} " if said else ""


def description(title: str, kind: str, people: int, randomized: int) -> str:
    """What the metadata say, in two sentences."""
    whose = "everybody randomised" if kind == "restricted" else f"the {people} of {randomized} who agreed to sharing"
    return (
        f"Data, protocol, software versions and results of the randomised trial “{title}”, of {whose}. "
        "Its results can be made again from its own files."
    )


def privacy(found: Public) -> dict[str, Any]:
    """privacy.json of a public capsule."""
    small = found.small
    return {
        "k": small.k,
        "quasi_identifiers": list(small.names),
        "made_coarse": {one.name: list(one.done) for one in found.coarsened},
        "classes_below_k": [
            {"people": n, "values": dict(zip(small.names, values, strict=True))} for values, n in small.classes
        ],
        "people_in_classes_below_k": small.people,
        "people": found.n,
        "columns_left_out": list(found.left_out),
        "cells_emptied": found.odd_cells,
    }


def coarsened(found: Public) -> Iterator[str]:
    """What was done to each quasi-identifier, and what is not there at all."""
    for one in found.coarsened:
        yield f"{one.name}: {'; '.join(one.done) or 'as it was'}"
    if found.left_out:
        yield f"left out: {', '.join(found.left_out)}"


def warnings(found: Public, office: Administrative) -> Iterator[str]:
    """What to think of before a public capsule is given away."""
    small = found.small
    if small.people:
        best = min(small.without, key=lambda name: (small.without[name], name))
        yield (
            f"{small.people} of {found.n} people are in classes of fewer than {small.k} by {', '.join(small.names)} "
            f"together: somebody who knows these of a person may find the row. With --leave-out {best} it would be "
            f"{small.without[best]}. privacy.json lists the classes."
        )
    for one in found.sharing:
        if 0 < one.others < small.k:
            yield (
                f"Only {one.others} of arm {one.arm} are not in it: whoever has the report of everybody can subtract, "
                "and learn something of them."
            )
    if found.odd_cells:
        yield f"{found.odd_cells} cells were neither a number nor a level of the protocol, and are empty in it."
    if office.data_sharing is None or not office.data_sharing.licence:
        yield "The protocol names no licence (administrative.data_sharing.licence): nobody knows what is allowed."
    yield (
        "It holds the protocol folder as it was, with the names and addresses of the team and the wording of scales: "
        "whether these may be given away is for you to find out."
    )


def readme(
    title: str, about: Mapping[str, Any], files: Iterable[str], short: bool, found: Public | None, randomized: int
) -> str:
    """README.md."""
    parts = [_public_head(title, found, randomized) if found else _restricted_head(title, about)]
    if said := mark(about["trial"]["kind"]):
        parts.insert(0, f"**{said.strip()}**")
    parts.append(_contents(sorted(files)))
    parts.append(_again(about, found is None, short, any(name.endswith("verify_allocation.py") for name in files)))
    if found:
        parts.append(_privacy(found))
    return "\n\n".join(parts) + "\n"


def _restricted_head(title: str, about: Mapping[str, Any]) -> str:
    return (
        f"# {title}: restricted capsule\n\n"
        f"Everybody randomised: {about['people']} people, under the study codes of the trial, with days counted from "
        "randomisation. `frozen/conduct.json` holds calendar dates of the trial and how many came in each week: "
        "with the order of randomisation that tells the week of a person. "
        "Nothing that participants wrote is here. `frozen/harms.csv` holds the "
        "names that the team gave to adverse events."
    )


def _public_head(title: str, found: Public, randomized: int) -> str:
    rows = "\n".join(
        f"| {one.arm} | {one.agreed} | {one.declined} | {one.not_asked} | {one.took_back} |" for one in found.sharing
    )
    return (
        f"# {title}: public capsule\n\n"
        f"**n = {found.n} of {randomized} randomised**: those who agreed that their answers are shared. Its numbers "
        "are its own: `results.json` was made from the rows here. The result of the trial stands in the report of "
        "everybody. `everyone.json` holds the flow of everybody, as counts.\n\n"
        "| arm | agreed | did not | were not asked | took their answers back |\n|---|---|---|---|---|\n" + rows
    )


def _contents(files: list[str]) -> str:
    told = [f"| `{name}` | {FILES[name]} |" for name in files if name in FILES]
    rest = [
        "| `data/*.sav`, `data/*.dta` | the tables for SPSS and Stata, with labels of columns and levels |",
        "| `protocol/` or `frozen/protocol/` | the protocol folder as it was registered with the trial |",
        "| `ro-crate-metadata.json` | what is here, for machines: RO-Crate 1.1 |",
        "| `checksums.sha256` | SHA-256 of every file: `sha256sum --check checksums.sha256` |",
    ]
    return "## What is in it\n\n| file | what |\n|---|---|\n" + "\n".join([*told, *rest])


def _again(about: Mapping[str, Any], restricted: bool, short: bool, verifies: bool) -> str:
    software = about["software"]
    lines = [
        "## Build it again",
        f"Made by equipoise {software['version']} under Python {software['python']}, with the packages of "
        f"`environment/requirements.txt`; the code has the digest `{software['code_digest']}`. With that version "
        "installed, in the folder above this one:",
        "```sh\nequipoise capsule verify THIS-FOLDER\n```",
        "checks every file and makes `results.json` again: the same bytes.",
    ]
    if restricted:
        lines.append(
            "The report: copy `frozen` to another place and run `equipoise report COPY`. A report that is written into "
            "this folder is a file too many for the check above."
        )
    if short:
        lines.append(
            "Without that software, in this folder, the primary analysis alone, by public packages:\n\n"
            "```sh\nRscript scripts/primary_analysis.R\npython3 scripts/primary_analysis.py\n```\n\n"
            "They print what `results.json` holds under `estimates`, first entry: the estimate, its error, interval "
            "and p. Analyses beside the primary one, as the effect on those who comply, have no short script."
        )
    else:
        lines.append(
            "There are no short scripts: the primary analysis could not be carried out, as `results.json` says, or is "
            "of a kind that none is written for: over clusters, of a factor, with slopes of each arm, of responders by "
            "reliable change, or one that fell back on a simpler model. `equipoise capsule verify` makes it again."
        )
    if verifies:
        lines.append(
            "Every allocation again from the seed, with Python alone; give the digest that was published before the "
            "first enrolment:\n\n```sh\npython3 scripts/verify_allocation.py frozen DIGEST\n```"
        )
    return "\n\n".join(lines)


def _privacy(found: Public) -> str:
    small = found.small
    done = "\n".join(f"- {one}" for one in coarsened(found))
    return (
        "## What was done to the rows\n\n"
        "- Ids are new, made with a key that was thrown away: nobody can lead them back to study codes by them.\n"
        "- Days count from randomisation. There is no date, place of the list, stratum, source or reason.\n"
        "- Nothing that anybody typed is here. Adverse events are not here: they are few, and tell who somebody is.\n"
        "- The list of allocations is not here: its order and strata would lead to people. It is in the restricted "
        f"capsule; its seed has the digest in `capsule.json`.\n{done}\n\n"
        f"Quasi-identifiers: {', '.join(small.names) or 'none'}. k = {small.k}. {small.people} of {found.n} people are "
        "in classes of fewer than k; `privacy.json` lists these. New ids and coarse facts make it harder to find "
        "somebody and do not make it impossible: scores and days together may be known to somebody too."
    )
