"""What a report says of an effect on those who comply: whose it is, what it needs to be true, how strong the arm is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports import families, margins
from reports.claims import conclusion
from reports.document import Block, Paragraph, Row, Table, grouped
from reports.labels import Labels, sentence
from reports.numbers import NONE, count, declared, interval, number, p_value, percent
from reports.plan_history import as_planned, mark
from reports.proportions import same_for_all
from reports.sentences import decimals_of, estimate_text
from reports.variables import LANGUAGE, planned
from trial.core.compliers import METHOD, has_content
from trial.core.texts import say

One = Mapping[str, Any]

MODEL = (
    "Two-stage least squares with the randomised arm as the instrument of what was received: the effect on people of "
    "the first arm who receive it because it is offered to them (compliers), of the two arms alone. Received is by the "
    "first arm's own rule; nobody of the second arm can. It is no effect on everyone randomised, and no answer in "
    "place of the primary one."
)
ALONE = "The second arm has no content of its own, so that being given the first can change nothing else."
ERROR = (
    "Beside each interval stands that of Anderson and Rubin, which holds however weakly the arm moves what is "
    "received; where F of the first stage is below 10 that one alone counts."
)


def model(terms: str, labels: Labels) -> str:
    """The model, and what each analysis takes to be true."""
    protocol = labels.folder.protocol
    said = [f"{MODEL} Both stages are on {terms}."]
    for one in planned(protocol):
        if protocol.analysis.method_of(one) == METHOD:
            said.append(ALONE if not has_content(protocol, one) else "The second arm has content of its own.")
            if one.assumption:
                said.append(f"Assumed, in the words of the protocol: {_closed(say(one.assumption, LANGUAGE))}")
    return " ".join(dict.fromkeys(said))


def _closed(words: str) -> str:
    words = words.strip()
    return words if words.endswith((".", "!", "?")) else f"{words}."


def estimates(chosen: Sequence[One], labels: Labels, kind: str) -> Table:
    """Under its contrast, each effect: who received it, the estimate, p, the interval whatever the strength, F."""
    adjusted = any(one["p_adjusted"] is not None for one in chosen)
    rows = grouped((labels.contrast(one["contrast"]), _row(one, labels, adjusted=adjusted)) for one in chosen)
    ci = f"({declared(100 * chosen[0]['level'])}%\u00a0CI)"
    columns = (
        "",
        "n",
        "Received it, first arm",
        f"Effect on those who comply {ci}",
        "p",
        *([families.HEADS[chosen[0]["adjusted_by"]]] if adjusted else []),
        f"Whatever the strength {ci}",
        "F, first stage",
    )
    caption = (
        f"{sentence(kind)} {'analysis' if len(chosen) == 1 else 'analyses'} of those who comply, {as_planned(chosen)}"
    )
    return Table(f"{kind}-compliers", caption, columns, tuple(rows), " ".join(_notes(chosen, labels)), alike=False)


def _row(one: One, labels: Labels, *, adjusted: bool) -> Row:
    its = one["complier"]
    what = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}{mark(one)}"
    n = " v. ".join(count(one["n"].get(arm, 0)) for arm in one["contrast"])
    had = f"{count(its['received'])} ({percent(its['received'], its['of'])})" if its else NONE
    cells = [what, n, had, estimate_text(one), margins.p_cell(one)]
    cells += [p_value(one["p_adjusted"])] if adjusted else []
    decimals = decimals_of(one)
    if its and its["ci_weak"] is None:
        return Row((*cells, "without end", number(its["f"], 1)), "under")
    return Row((*cells, interval(its["ci_weak"], decimals) if its else NONE, number(its and its["f"], 1)), "under")


def _notes(chosen: Sequence[One], labels: Labels) -> list[str]:
    said = ["The effect is on people who receive it because it is offered, not on everyone randomised."]
    for one in chosen:
        where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
        said.append(f"{where}: {one['better']} scores are better.")
        if one["problem"]:
            said.append(f"Not estimated: {where}, {labels.contrast(one['contrast'])}. {one['problem']}")
    return list(dict.fromkeys(said + same_for_all(chosen, labels)))


def blocks(results: Mapping[str, Any], kind: str, labels: Labels) -> Iterator[Block]:
    """Beneath estimates of a kind: what may be concluded of each, and what it takes to be true."""
    for one in results["estimates"]:
        if one["analysis"] == kind and one["complier"]:
            yield Paragraph(_said(one, labels))


def _said(one: One, labels: Labels) -> str:
    named = labels.folder.protocol.outcome(one["outcome"]).important_difference
    concluded = conclusion(one, *labels.pair(one), named.value if named else None)
    needed = " ".join(_closed(words) for words in one["complier"]["assumptions"])
    where = f"{labels.outcome(one['outcome'])} {labels.at(one['timepoint'])}"
    return f"{where}. {concluded} This needs to be true, and no data show it: {needed}"
