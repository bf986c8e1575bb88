"""The page for those who took part: from results and protocol to `trial.pages.lay_summary`, as HTML and as PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reports.claims import claim_of, verdict_of
from reports.final_look import counted
from reports.fonts import fonts
from reports.html import TEMPLATES, templates
from reports.labels import plain
from reports.sentences import decimals_of
from trial.core.protocol.analysis import RATIOS
from trial.core.texts import say
from trial.pages.lay_summary import Finding, Group, Outcome, Page, page
from trial.pages.translations import SOURCE, direction, languages
from trial.protocol_files import ProtocolFolder

SURE = ("first", "second", "no_worse_and_better")
MOST_DECIMALS = 2


def offered(folder: ProtocolFolder) -> list[str]:
    """The languages of the protocol that our own words come in; English where there is none."""
    known = languages()
    return [one for one in folder.protocol.languages if one.split("-")[0] in known or one in known] or [SOURCE]


def summary(results: Mapping[str, Any], folder: ProtocolFolder, language: str) -> Page:
    """The page in words."""
    return page(outcome(results, folder, language), language)


def outcome(results: Mapping[str, Any], folder: ProtocolFolder, language: str) -> Outcome:
    """What the page tells, in the protocol's words of this language."""
    protocol, primary = folder.protocol, results["estimates"][0]
    harms = results["harms"]
    asked = {one["arm"]: one for one in harms["systematic_people"]} if harms else {}
    groups = tuple(
        Group(
            say(protocol.arm(one["arm"]).label, language),
            one["allocated"],
            asked[one["arm"]]["people"] if asked else None,
            asked[one["arm"]]["answered"] if asked else None,
        )
        for one in results["flow"]["arms"]
    )
    return Outcome(
        title=say(protocol.title, language),
        about=say(protocol.summary, language).strip(),
        kind=results["trial"]["kind"],
        groups=groups,
        known=primary["n_with_data"],
        finding=_finding(counted(results), folder, language),
        more_analyses=len(results["estimates"]) > 1,
        harm_reports=sum(one["events"] for one in harms["spontaneous"]) if harms else None,
        harms_final=bool(harms and harms["final"]),
        contact=(protocol.administrative.contact_name, protocol.administrative.contact_email),
    )


def _finding(one: Mapping[str, Any], folder: ProtocolFolder, language: str) -> Finding:
    protocol = folder.protocol
    what = protocol.outcome(one["outcome"])
    named = what.important_difference.value if what.important_difference else None
    claim = claim_of(one, named)
    share = one["measure"] == "risk_difference"
    first, second = (_side(one, arm, folder, language) for arm in (one["contrast"][0], one["contrast"][-1]))
    return Finding(
        verdict=claim.verdict,
        weight=claim.weight,
        outcome=say(what.label, language),
        when=say(protocol.timepoint(one["timepoint"]).label, language),
        lower_is_better=one["better"] == "lower",
        first=first,
        second=second,
        unit="people" if share else "points",
        matters=None if named is None else 100 * named if share else named,
        **sizes_of(one),
    )


def _side(one: Mapping[str, Any], arm: str, folder: ProtocolFolder, language: str) -> str:
    """What one side of the comparison is called: its arm, or its level of a factor."""
    its = folder.protocol.arm(arm)
    if not one["factors"]:
        return say(its.label, language)
    factor = next(each for each in folder.protocol.design.factors if each.id == one["factors"][0])
    return f"{say(factor.label, language)}: {plain(its.factors[factor.id])}"


def sizes_of(one: Mapping[str, Any]) -> dict[str, float]:
    """How far the groups are apart, with the nearest and farthest that the interval holds; of shares in people of 100.

    Empty where nobody could say who did better, and for ratios, which are no distance.
    """
    if verdict_of(one) not in SURE or one["measure"] in RATIOS:
        return {}
    scale, decimals = (100.0, 0) if one["measure"] == "risk_difference" else (1.0, decimals_of(one))
    least, most = sorted(abs(end) for end in one["ci"])
    values = [scale * each for each in (abs(one["estimate"]), least, most)]
    while decimals < MOST_DECIMALS and any(value and not round(value, decimals) for value in values):
        decimals += 1
    return dict(zip(("size", "least", "most"), (round(value, decimals) for value in values), strict=True))


def as_html(made: Page, language: str) -> str:
    """The page as one file that needs nothing else."""
    to = direction(language)
    return templates().get_template("lay_summary.html").render(page=made, language=language, direction=to)


def as_pdf(made: Page, language: str) -> bytes:
    """The page on paper: PDF/UA-1, without a date."""
    import typst

    base, _, region = language.partition("-")
    words = {
        "heading": made.heading,
        "title": made.title,
        "mark": made.mark,
        "parts": [{"heading": one.heading, "paragraphs": list(one.paragraphs), "key": one.key} for one in made.parts],
        "language": base,
        "region": region,
        "direction": direction(language),
    }
    compiled = typst.compile(
        str(TEMPLATES / "lay_summary.typ"),
        root=str(TEMPLATES),
        format="pdf",
        font_paths=fonts(),
        sys_inputs={"page": json.dumps(words, ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=0,
    )
    return bytes(compiled)
