"""Two paragraphs that a paper can start from: how the trial was done, and what came out; no claim beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports import epochs, families, final_look, methods
from reports.allocating import allocation
from reports.claims import conclusion
from reports.document import Block, Paragraph, Subheading
from reports.labels import Labels
from reports.methods import UNSTATED, listed
from reports.numbers import count, percent
from reports.sentences import result
from reports.tables_harms import not_final
from reports.variables import LANGUAGE
from trial.core.texts import say

Results = Mapping[str, Any]
ABOUT = (
    "Made from the protocol and the record, to start from. Every number stands in the sections above; the background, "
    "the discussion and the conclusion are for the authors."
)
SELF_REPORT = (
    "Outcomes were reported by the participants themselves, who knew what they did; whoever assesses an outcome is "
    "therefore not masked to the arm."
)


def blocks(results: Results, labels: Labels) -> list[Block]:
    """Both, each under its heading."""
    return [
        Paragraph(ABOUT, "note"),
        Subheading("paragraph-methods", "Methods"),
        Paragraph(how(results, labels)),
        Subheading("paragraph-results", "Results"),
        Paragraph(what(results, labels)),
    ]


def how(results: Results, labels: Labels) -> str:
    """Design, people, allocation, masking, outcome, plan, size; of data from outside nothing of how it ran."""
    protocol, outside = labels.folder.protocol, results["trial"]["kind"] == "outside"
    primary, office = protocol.analysis.primary, protocol.administrative
    registered = f"registered as {office.registration}" if office.registration else f"its registration is {UNSTATED}"
    arms = listed([labels.arm(arm) for arm in labels.arms])
    reasons = "; ".join(_small(say(one.reason, LANGUAGE).strip().rstrip(".")) for one in protocol.eligibility.criteria)
    met = "" if outside else f", {methods.online(protocol)}"
    shape = methods.shape(protocol, epochs.ratios(results))
    said = [f"This was a randomised trial of {arms} ({shape}){met}; {registered}."]
    if labels.single:
        said = [f"This was a study of one arm ({arms}), without a comparison{met}; {registered}."]
    said.append(f"People could not take part for these reasons: {reasons}.")
    if not labels.single:
        drawn = "" if outside else ", drawn after the baseline was sent in"
        said.append(f"Allocation was by {epochs.rules(results) or allocation(protocol)}{drawn}.")
        said += [] if outside else [SELF_REPORT]
    said.append(
        f"The primary outcome was {labels.outcome(primary.outcome)} {labels.at(primary.timepoint)}. "
        f"{methods.model(labels)} {methods.error(labels)} {methods.not_filled_in(labels)} "
        f"{methods.multiplicity(protocol)} {count(protocol.sample_size.target)} people were sought."
    )
    return " ".join(said)


def what(results: Results, labels: Labels) -> str:
    """People, the primary result and what may be concluded, the family, harms."""
    flow, primary, counts = results["flow"], results["estimates"][0], final_look.counted(results)
    assessed = "" if flow["assessed"] is None else f"Of {count(flow['assessed'])} people assessed, "
    said = [
        f"{assessed}{count(flow['randomised'])} were {labels.joined}; the primary outcome is known for "
        f"{count(primary['n_with_data'])} ({percent(primary['n_with_data'], primary['n_randomised'])}).",
        result(counts, labels),
        concluded(counts, labels),
        *families.outcome([counts, *results["estimates"][1:]], labels),
        *_harms(results, labels),
        *not_final(results),
    ]
    return " ".join(filter(None, said))


def concluded(one: Results, labels: Labels) -> str:
    """What may be concluded from an estimate, in one sentence."""
    named = labels.folder.protocol.outcome(one["outcome"]).important_difference
    first, second = (labels.arm(one["contrast"][0]), "") if labels.single else labels.pair(one)
    return conclusion(one, first, second, named.value if named else None)


def _harms(results: Results, labels: Labels) -> list[str]:
    if results["harms"] is None:
        return []
    asked = {one["arm"]: one for one in results["harms"]["systematic_people"]}
    told = {one["arm"]: one for one in results["harms"]["spontaneous"]}
    worse = [f"{_of(asked[arm])} in {labels.arm(arm)}" for arm in labels.arms]
    events = [f"{count(told[arm]['people'])} in {labels.arm(arm)}" for arm in labels.arms]
    return [
        f"When asked, {listed(worse)} named something that had got worse at least once; people with an adverse event "
        f"told unasked: {listed(events)}."
    ]


def _of(one: Results) -> str:
    return f"{count(one['people'])} of {count(one['answered'])}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
