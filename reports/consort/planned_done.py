"""What the protocol planned beside what was done, line by line, with every difference marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports import epochs, interim
from reports.consort import conduct
from reports.document import Block, Paragraph, Row, Table
from reports.keys import worked_out
from reports.labels import Labels, sentence
from reports.methods import UNSTATED, kinds, otherwise
from reports.numbers import NONE, count, declared, percent, share
from reports.plan_history import planned_as, removed
from reports.protocol_document import timetable
from reports.repeated import STRUCTURES
from reports.sensitivity import NAMES
from reports.variables import planned, questionnaire_timepoints
from trial.core.protocol import Timepoint

Results = Mapping[str, Any]

SAME, DIFFERS, UNKNOWN, OPEN = "Same", "Differs", "Not recorded", "No plan"
ABOUT_OUTSIDE = "Each line sets what the protocol planned beside what the data file shows."
ABOUT = (
    "Each line sets what the protocol planned beside what the record shows. What a person did otherwise than the "
    "protocol says is here as far as the team wrote it down."
)


def blocks(results: Results, labels: Labels) -> list[Block]:
    """The table of the trial, that of its analyses, then amendments and deviations."""
    heads = ("What", "Planned", "Done", "Compared")
    rows = [*_people(results, labels), *_dates(results, labels), *_windows(results, labels), *_looks(results, labels)]
    differing = sum(row.cells[3] == DIFFERS for row in rows)
    verb = "differs" if differing == 1 else "differ"
    note = f"{count(differing)} of {count(len(rows))} lines {verb} from the plan." if rows else ""
    found: list[Block] = [Paragraph(ABOUT_OUTSIDE if results["trial"]["kind"] == "outside" else ABOUT)]
    found.append(
        Table("planned-trial", "The trial as planned and as done", heads, tuple(rows), note, alike=False, words=True)
    )
    analyses = tuple(_analyses(results, labels))
    compared = _compared(results, labels)
    once = f"Every line of an outcome: {compared[0]}." if len(compared) == 1 else ""
    columns = ("Analysis", "Planned as", "Done", "Compared")
    found.append(
        Table(
            "planned-analyses", "The analyses as planned and as done", columns, analyses, once, words=True, alike=False
        )
    )
    return [*found, *conduct.blocks(results)]


def _line(what: str, plan: str, done: str, mark: str) -> Row:
    return Row((what, plan, done, mark))


def _people(results: Results, labels: Labels) -> Iterator[Row]:
    protocol, flow = labels.folder.protocol, results["flow"]
    sought, got = protocol.sample_size.target, flow["randomised"]
    found = results["recruitment"]
    sought = found["target"] if found else sought
    mark = SAME if got == sought else DIFFERS
    yield _line(f"People {labels.joined}", count(sought), count(got), mark)
    if not labels.single:
        ratio = epochs.ratios(results) or ":".join(str(arm.ratio) for arm in protocol.arms)
        sizes = " : ".join(count(one["allocated"]) for one in flow["arms"])
        amended = bool(epochs.of(results))
        yield _line("Allocation", ratio, sizes, DIFFERS if amended else SAME)
    primary, assumed = results["estimates"][0], protocol.sample_size.assumptions
    lost = primary["n_randomised"] - primary["n_with_data"]
    without = f"{share(lost, primary['n_randomised'])}"
    plan = f"at most {declared(100 * assumed.attrition)}%" if assumed else UNSTATED
    more = assumed is not None and lost > assumed.attrition * primary["n_randomised"]
    yield _line("Without the primary outcome", plan, without, OPEN if assumed is None else DIFFERS if more else SAME)
    if errors := results.get("enrolment_errors"):
        yield _line("Enrolled in error", "nobody", count(sum(one["n"] for one in errors)), DIFFERS)


def _dates(results: Results, labels: Labels) -> Iterator[Row]:
    dates, record = labels.folder.protocol.administrative.dates, results.get("conduct")
    lines = (
        ("Recruitment from", dates.recruitment_from, "opened"),
        ("Recruitment until", dates.recruitment_until, "recruitment_closed"),
        ("Last follow-up, data frozen", dates.last_follow_up, "frozen"),
    )
    for what, plan, key in lines:
        done = record[key] if record else None
        held = OPEN if not plan else SAME if done == plan else DIFFERS
        yield _line(what, str(plan or UNSTATED), str(done or NONE), held if done else UNKNOWN)


def _windows(results: Results, labels: Labels) -> Iterator[Row]:
    """Each questionnaire: when it was due and how long open, who answered, who answered late."""
    late = results["late_answers"]["people"]
    for point in questionnaire_timepoints(labels.folder.protocol):
        its = [one for one in results["missing"] if one["timepoint"] == point.id]
        if not its:
            continue
        answered, expected = (sum(one[key] for one in its) for key in ("answered", "expected"))
        known = "in the data file for" if results["trial"]["kind"] == "outside" else "answered by"
        said = f"{known} {count(answered)} of {count(expected)} ({percent(answered, expected)})"
        if late is None:
            yield _line(labels.timepoint(point.id), _window(labels, point), said, UNKNOWN)
            continue
        after = sum(one["n"] for one in late if one["timepoint"] == point.id)
        said += f", {count(after)} of them after the window" if after else ", all within the window"
        yield _line(labels.timepoint(point.id), _window(labels, point), said, DIFFERS if after else SAME)


def _window(labels: Labels, point: Timepoint) -> str:
    grace = f", and {point.grace} of grace" if point.grace.days or point.grace.minutes else ""
    return f"{timetable.days(labels.folder.protocol, point)}; open for {point.closes_after}{grace}"


def _looks(results: Results, labels: Labels) -> Iterator[Row]:
    """Every time that somebody opened the arms of the running trial, planned or not."""
    watching, done = labels.folder.protocol.monitoring, results.get("looks")
    plan = UNSTATED if watching is None else count(watching.interim_analyses) if watching.interim_analyses else "none"
    if done is None:
        yield _line("Interim analyses", plan, NONE, UNKNOWN)
        return
    said = "none by this software"
    if done:
        said = f"{count(worked_out(len(done), done))}, at {interim.shares(done)} of the information"
    mark = OPEN if watching is None else SAME if watching.interim_analyses == len(done) else DIFFERS
    yield _line("Interim analyses", plan, said, DIFFERS if done and watching is None else mark)


def _analyses(results: Results, labels: Labels) -> Iterator[Row]:
    """Every planned analysis and sensitivity analysis, and whether it was carried out."""
    protocol = labels.folder.protocol
    several = len(_compared(results, labels)) > 1
    for plan, kind, one in zip(planned(protocol), kinds(protocol), results["estimates"], strict=True):
        what = f"{labels.outcome(plan.outcome)}, {labels.timepoint(plan.timepoint)}"
        what += f"; {labels.compared(one)}" if several else ""
        what += otherwise(protocol, plan)
        done = f"not carried out. {one['problem']}" if one["problem"] else f"carried out. {_instead(one)}".strip()
        differs = one["problem"] or _instead(one) or not one["prespecified"]
        yield Row((what, planned_as(kind, one), sentence(done), DIFFERS if differs else SAME))
    for one in results["sensitivity"]:
        done = f"not carried out. {one['problem']}" if one["problem"] else "carried out."
        mark = DIFFERS if one["problem"] or not one.get("prespecified", True) else SAME
        yield Row((NAMES[one["method"]], planned_as("sensitivity", one), sentence(done), mark))
    for one in results["subgroups"]:
        where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
        yield _beside(f"{where}; by {labels.variable(one['variable'])}", "exploratory", one["problem"], "", one)
    yield from _measures(results, labels)
    for what, kind, since in removed(results, labels):
        yield Row((what, kind, sentence(f"not carried out: {since}."), DIFFERS))


def _compared(results: Results, labels: Labels) -> list[str]:
    """What the analyses compare, each once."""
    return list(dict.fromkeys(labels.compared(one) for one in results["estimates"]))


def _measures(results: Results, labels: Labels) -> Iterator[Row]:
    """What the plan has counted and described beside its families of tests."""
    for one in results["clinical_change"]:
        reasons = (str(its["fallback"] or its["problem"] or "") for its in one["comparisons"])
        without = " ".join(dict.fromkeys(filter(None, reasons)))
        where = f"{labels.outcome(one['outcome'])}, {labels.timepoint(one['timepoint'])}"
        yield _beside(f"{where}; clinically significant change", "in no family", one["problem"], without, one)
    if labels.folder.protocol.analysis.allocation_guess is not None:
        problem = "" if results["allocation_guess"] else "The data do not hold the answers."
        yield _beside("Guess of allocation", "in no family", problem, "")


def _beside(what: str, kind: str, problem: str | None, instead: str, one: Results | None = None) -> Row:
    differs = problem or instead or (one is not None and not one.get("prespecified", True))
    done = f"not carried out. {problem}" if problem else f"carried out. {instead}".strip()
    return Row((what, planned_as(kind, one or {}), sentence(done), DIFFERS if differs else SAME))


def _instead(one: Results) -> str:
    """What stood in for what was planned, by the plan's own rule."""
    if one.get("fallback"):
        return str(one["fallback"])
    if one["repeated"] and one["repeated"]["fell_back"]:
        return f"A covariance of {STRUCTURES[one['repeated']['structure']]} stood in, as the plan foresaw."
    return ""
