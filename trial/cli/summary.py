"""What a demo says when it has finished: the trial in a dozen lines, and where the files lie."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from trial.core.texts import say
from trial.protocol_files import ProtocolFolder, read_folder

ENOUGH_POWER = 0.8
FILES = (
    ("report.html", "the CONSORT report; lay-summary.*.html for who took part"),
    ("report.pdf", "the same on paper; report.docx the same, to edit"),
    ("results.json", "every number in it"),
    ("dataset.csv", "the data; five more tables and their codebook beside it"),
    ("allocation.csv", "who was allocated how; docs/verify_allocation.py checks it"),
    ("mailbox", "every mail as it was sent"),
)


def print_summary(
    out: Path, results: dict[str, Any], *, seconds: float, as_json: bool, elsewhere: bool = False
) -> None:
    """Print the summary, or its figures as JSON. `elsewhere`: the database does not lie in `out`."""
    if as_json:
        typer.echo(json.dumps({"out": str(out), "seconds": round(seconds, 1), "results": results}, indent=2))
        return
    folder = read_folder(out / "protocol")
    single = folder.protocol.design.type == "single_arm"
    for line in [
        *_flow(results, single=single),
        "",
        *_primary(results, folder),
        *_sensitivity(results),
        "",
        *_files(out, single=single),
    ]:
        typer.echo(line)
    # the address may hold a password, so it is not repeated
    also = " --database-url (the same)" if elsewhere else ""
    typer.echo(f"\n{seconds:.0f} s. Look around in it:  equipoise serve --home {out}{also}")


def _flow(results: dict[str, Any], *, single: bool) -> list[str]:
    flow = results["flow"]
    arms = flow["arms"]
    names = [one["arm"] for one in arms]
    width = max(12, *(len(name) + 2 for name in names))
    randomized = sum(one["allocated"] for one in arms)
    joined = "enrolled" if single else "randomised"
    head = f"{flow['assessed']} assessed, {flow['excluded']} excluded, {randomized} {joined}"
    rows = [("", names)] + [
        (label, [str(one[key]) for one in arms])
        for label, key in (
            ("in the arm" if single else "allocated", "allocated"),
            ("received their exercises", "received"),
            ("stopped the exercises", "discontinued"),
            ("lost to follow-up", "lost"),
            ("of these, analysed", "lost_analysed"),
            ("analysed", "analysed"),
        )
        if key != "lost_analysed" or any(one[key] for one in arms)
    ]
    return [head, *(f"  {label:<26}" + "".join(f"{value:>{width}}" for value in values) for label, values in rows)]


def _primary(results: dict[str, Any], folder: ProtocolFolder) -> list[str]:
    one = next(each for each in results["estimates"] if each["analysis"] == "primary")
    protocol, language = folder.protocol, folder.protocol.languages[0]
    arms = [say(protocol.arm(each).label, language) for each in one["contrast"]]
    compared = " minus ".join(arms) if len(arms) > 1 else f"{arms[0]}: change since the start"
    if one["factors"]:
        compared = f"{'interaction' if len(one['factors']) > 1 else 'main effect'} of {' and '.join(one['factors'])}"
    outcome = say(protocol.outcome(one["outcome"]).label, language)
    when = say(protocol.timepoint(one["timepoint"]).label, language)
    lines = [f"Primary: {outcome} at {when} ({one['better']} is better)", f"  {compared}"]
    if one["estimate"] is None:
        return [*lines, f"  cannot be estimated: {one['problem']}"]
    g = f", g = {one['g']['estimate']:.2f}" if one["g"] else ""
    if one["measure"] != "mean_difference" and one["aggregation"] != "mean":
        lines.append(f"  {one['measure'].replace('_', ' ')}")
    lines.append(f"  estimate     {_result(one)}{g}")
    lines += _clusters(one) + _margin(one)
    return [*lines, *_truth(results.get("rehearsal"), one)]


def _clusters(one: dict[str, Any]) -> list[str]:
    """How many clusters stand behind the estimate, and how alike their people are."""
    if not one["clusters"]:
        return []
    its = one["clusters"]
    counts = " v. ".join(str(its["n"].get(arm, 0)) for arm in one["contrast"])
    alike = f"ICC {its['icc']['estimate']:.3f}" if its["icc"] else "no ICC"
    return [f"  clusters     {counts}, {alike}, {one['df']:.1f} degrees of freedom"]


def _margin(one: dict[str, Any]) -> list[str]:
    """Whether the aim of the trial is shown."""
    found = one["margin"]
    if not found:
        return []
    aim = found["framework"].replace("_", "-")
    if found["problem"]:
        return [f"  {aim} could not be judged: {found['problem']}"]
    low, high = found["ci"]
    span = f"{found['level'] * 100:g} % interval {low:.2f} to {high:.2f}, margin {found['margin']:g}"
    return [f"  {aim} is {'' if found['shown'] else 'not '}shown: {span}, one-sided p = {found['p']:.3f}"]


def _sensitivity(results: dict[str, Any]) -> list[str]:
    """Each sensitivity analysis of the primary on a line of its own."""
    from reports.sensitivity import name

    found = results["sensitivity"]
    if not found:
        return []
    width = max(len(name(one, found)) for one in found) + 2
    lines = ["  its sensitivity analyses, each under the assumption that the protocol declares:"]
    for one in found:
        said = f"cannot be estimated: {one['problem']}" if one["problem"] else _bounds(one) or _result(one)
        lines.append(f"    {name(one, found):<{width}}{said}")
        if one["tipping"]:
            lines.append(f"    {'':<{width}}{_tip(one, results['estimates'][0])}")
    return lines


def _tip(one: dict[str, Any], primary: dict[str, Any]) -> str:
    found, alpha = one["tipping"], 1 - one["level"]
    if not found["finding"] or primary["p"] is None or primary["p"] >= alpha:
        return "there is no finding that could be gone"
    if found["delta"] is None:
        return "no worsening of the missing undoes the finding"
    return f"gone once the missing did {found['delta']:.2f} points ({found['delta_sd']:.2f} SD) worse"


def _bounds(one: dict[str, Any]) -> str:
    found = one["bounds"]
    if not found:
        return ""
    low, high = one["ci"]
    return f"{found['lower']:.2f} to {found['upper']:.2f} ({one['level'] * 100:.0f} % CI {low:.2f} to {high:.2f})"


def _result(one: dict[str, Any]) -> str:
    p = "p < 0.001" if one["p"] < 0.001 else f"p = {one['p']:.3f}"
    if one["margin"] and not one["margin"]["problem"]:
        p = f"{one['margin']['framework'].replace('_', '-')} {'' if one['margin']['shown'] else 'not '}shown"
    if one["ci"] is None:
        return f"{one['estimate']:.2f}, {p}"
    low, high = one["ci"]
    if one["measure"] == "risk_difference":
        found = f"{100 * one['estimate']:.1f} percentage points"
        return f"{found} ({one['level'] * 100:.0f} % CI {100 * low:.1f} to {100 * high:.1f}), {p}"
    return f"{one['estimate']:.2f} ({one['level'] * 100:.0f} % CI {low:.2f} to {high:.2f}), {p}"


def _truth(rehearsal: dict[str, Any] | None, one: dict[str, Any]) -> list[str]:
    """The true effect on everyone who is in, which only a rehearsal can know, and what a trial this size can see."""
    if not rehearsal:
        return []
    same = ("outcome", "timepoint", "contrast", "factors")
    truth = next((each for each in rehearsal["truth"] if all(each[key] == one[key] for key in same)), None)
    if truth is None:
        return []
    known = "true change " if len(one["contrast"]) == 1 else "true effect "
    joined = "enrolled" if len(one["contrast"]) == 1 else "randomised"
    lines = [f"  {known} {truth['effect']:.2f} (of everyone {joined}, pretend people only)"]
    power, needed = rehearsal["power"], rehearsal["participants_needed"]
    if power is not None and needed is not None and power < ENOUGH_POWER:
        lines.append(f"  A trial of this size would usually miss it: power {power * 100:.0f} %.")
        lines.append(f"  For 80 % about {needed} people would have to be randomised.")
    return lines


def _files(out: Path, *, single: bool) -> list[str]:
    without = "CONSORT " if single else ""  # its statement is about randomised trials
    return [f"In {out}:", *(f"  {name:<16}{what.replace(without, '')}" for name, what in FILES)]
