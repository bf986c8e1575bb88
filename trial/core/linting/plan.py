"""P: outcomes and the plan for analysing them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from trial.core import compliers
from trial.core.findings import Path
from trial.core.linting import asked
from trial.core.linting.rules import Found, Rule, Severity, Subject, add, rule
from trial.core.protocol import PlannedAnalysis
from trial.core.protocol.analysis import OF_CLUSTERS, RATIOS, RUN_AGAIN

ERROR, WARNING = Severity.ERROR, Severity.WARNING
PRIMARY: Path = ("analysis", "primary")

add(Rule("P101", ERROR, "Primary outcome not measured at its timepoint",
         "A primary outcome that an arm is not asked at its timepoint, or at baseline, leaves the trial "
         "without an answer.",
         "Add its instrument to a questionnaire of that timepoint.", None))  # fmt: skip


@rule("P102", ERROR, "Plan variable never collected",
      why="A plan that names what nobody is asked cannot be carried out, and nobody notices before the data are in.",
      mend="Ask its instrument in a questionnaire, or take the name out of the plan.")  # fmt: skip
def never_collected(trial: Subject) -> Iterator[Found]:
    known, ever = asked.sources(trial), asked.everywhere(trial.protocol)
    for place, one in enumerate(trial.protocol.outcomes):
        if one.score in known and known[one.score] not in ever:
            yield Found(("outcomes", place), f"the outcome {one.id!r} is never asked of anybody.", one.id)
    for path, name in _baseline_names(trial):
        if name in known and known[name] not in ever:
            yield Found(path, f"{name!r} is never asked of anybody.", name)


@rule("P103", ERROR, "Covariate measured after randomisation",
      why="What is measured after randomisation may be a result of the arm; to adjust for it biases the comparison.",
      mend="Ask it at the baseline, or take it out of the plan.")  # fmt: skip
def after_randomisation(trial: Subject) -> Iterator[Found]:
    known, ever = asked.sources(trial), asked.everywhere(trial.protocol)
    baseline = asked.codes(trial.protocol, trial.protocol.baseline, None)
    for path, name in _baseline_names(trial):
        if name in known and known[name] in ever - baseline:
            yield Found(path, f"{name!r} is asked after randomisation only.", name)


def _baseline_names(trial: Subject) -> Iterator[tuple[Path, str]]:
    for key in ("covariates", "baseline_table"):
        for place, name in enumerate(getattr(trial.protocol.analysis, key)):
            yield ("analysis", key, place), name


@rule("P104", WARNING, "No estimand for the primary analysis",
      why="Without an estimand nobody knows whose effect is estimated, and what becomes of those who stop.",
      mend="Describe it under `estimands` and name it in `analysis.primary.estimand`.")  # fmt: skip
def no_estimand(trial: Subject) -> Iterator[Found]:
    if trial.protocol.analysis.primary.estimand is None:
        yield Found(PRIMARY, "the primary analysis names no estimand.")


@rule("P105", WARNING, "Estimand silent about those who stop",
      why="In open online trials a large part of the people stops practising; the estimand has to say how they count.",
      mend="Add the event stopped_exercises with its strategy to `intercurrent_events`.")  # fmt: skip
def silent_estimand(trial: Subject) -> Iterator[Found]:
    for place, one in enumerate(trial.protocol.estimands):
        if "stopped_exercises" not in {event.event for event in one.intercurrent_events}:
            path: Path = ("estimands", place)
            yield Found(
                path, f"the estimand {one.id!r} does not say what becomes of people who stop practising.", one.id
            )


@rule("P106", WARNING, "No important difference",
      why="A difference can be certain and too small to matter; what would matter is settled before the data are seen.",
      mend="Add `important_difference: {value: …, source: …}` to the outcome.")  # fmt: skip
def no_important_difference(trial: Subject) -> Iterator[Found]:
    primary = trial.protocol.analysis.primary.outcome
    for place, one in enumerate(trial.protocol.outcomes):
        if one.id == primary and one.important_difference is None:
            yield Found(("outcomes", place), "the primary outcome has no important difference.", one.id)


@rule("P107", WARNING, "Several analyses, no rule for multiplicity",
      why="Among many comparisons one comes out by chance; a rule for the family keeps that rare.",
      mend="Write `multiplicity: holm`.")  # fmt: skip
def multiplicity(trial: Subject) -> Iterator[Found]:
    family = trial.protocol.analysis.secondary
    if family and family.multiplicity == "none" and len(family.analyses) > 1:
        path: Path = ("analysis", "secondary", "multiplicity")
        yield Found(path, f"{len(family.analyses)} secondary analyses share no rule for multiplicity.")


@rule("P108", WARNING, "Outcome that the plan never analyses",
      why="An outcome without a planned analysis costs people time, or is reported only when it looks good.",
      mend="Plan an analysis of it, or take it out of `outcomes`.")  # fmt: skip
def never_analysed(trial: Subject) -> Iterator[Found]:
    planned = {one.outcome for _, one in _analyses(trial)}
    planned |= {one.outcome for one in trial.protocol.analysis.clinical_change}
    for place, one in enumerate(trial.protocol.outcomes):
        if one.id not in planned:
            yield Found(("outcomes", place), f"no analysis of the outcome {one.id!r} is planned.", one.id)


def _analyses(trial: Subject) -> Iterator[tuple[Path, PlannedAnalysis]]:
    yield PRIMARY, trial.protocol.analysis.primary
    family = trial.protocol.analysis.secondary
    for place, one in enumerate(family.analyses if family else []):
        yield ("analysis", "secondary", "analyses", place), one
    explored = trial.protocol.analysis.exploratory
    for place, one in enumerate(explored.analyses if explored else []):
        yield ("analysis", "exploratory", "analyses", place), one


@rule("P109", WARNING, "Outcome anchored after randomisation",
      why="A time counted from something that people do after randomisation differs between arms, and some "
          "never get there.",
      mend="Count the timepoint from randomisation.")  # fmt: skip
def anchored_late(trial: Subject) -> Iterator[Found]:
    told = set()
    for path, one in _analyses(trial):
        if trial.protocol.timepoint(one.timepoint).anchor == "completion" and one.timepoint not in told:
            told.add(one.timepoint)
            what = f"{one.outcome!r} is analysed at {one.timepoint!r}, which counts from the completion of an activity."
            yield Found((*path, "timepoint"), what, one.timepoint)


@rule("P110", WARNING, "No sensitivity analysis",
      why="Where many are lost, the answer hangs on what is assumed about them; another assumption shows how much.",
      mend="Add one under `analysis.sensitivity`, such as jump_to_reference or tipping_point.")  # fmt: skip
def no_sensitivity(trial: Subject) -> Iterator[Found]:
    if trial.protocol.design.type != "single_arm" and not trial.protocol.analysis.sensitivity:
        yield Found(("analysis",), "no sensitivity analysis is planned.")


@rule("P111", ERROR, "Per protocol without a dose",
      why="To analyse those who did enough, the protocol has to say what is enough, and everybody has that here.",
      mend="Write a number of exercises in the arm's `minimum_dose`, or take the analysis out.")  # fmt: skip
def no_dose(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    for place, arm in enumerate(protocol.arms):
        if asked.dose_for_everybody(protocol, arm):
            yield Found(("arms", place, "minimum_dose"), "`minimum_dose` holds for people who did nothing.", arm.id)


@rule("P112", ERROR, "Other lists of an outside list",
      why="A randomisation test runs the rule of allocation again, and an outside list has none that could be run.",
      mend="Take the analysis out, or let the trial allocate by a method of its own.")  # fmt: skip
def no_rule_to_run(trial: Subject) -> Iterator[Found]:
    for place, one in enumerate(trial.protocol.analysis.sensitivity):
        if one.method == "randomization_test" and trial.protocol.allocation.method == "listed":
            what = "a randomisation test cannot be carried out on an outside list."
            yield Found(("analysis", "sensitivity", place), what, one.id)


@rule("P113", ERROR, "Randomisation test of another model than ANCOVA",
      why="The test runs an analysis of covariance again for every list, so its p would be that of another estimate "
          "than the planned one.",
      mend="Take the analysis out, or let the primary analysis name `method: ancova`.")  # fmt: skip
def no_model_to_run_again(trial: Subject) -> Iterator[Found]:
    plan = trial.protocol.analysis
    method = plan.method_of(plan.primary)
    for place, one in enumerate(plan.sensitivity):
        if one.method == "randomization_test" and method != RUN_AGAIN:
            what = f"a randomisation test cannot stand beside a primary analysis by {method}."
            yield Found(("analysis", "sensitivity", place), what, one.id)


@rule("P115", ERROR, "Analysis that a margin cannot judge",
      why="A margin is one of a difference; a tipping point and a randomisation test ask about no difference at all.",
      mend="Take the analysis out; of a proportion plan the `risk_difference`, of levels a proportion.")  # fmt: skip
def beside_a_margin(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    if protocol.design.margin is None:
        return
    plan, aim = protocol.analysis, protocol.design.framework
    for place, one in enumerate(plan.sensitivity):
        if one.method in ("tipping_point", "randomization_test"):
            what = f"{one.method} asks about no difference, in a trial of {aim}."
            yield Found(("analysis", "sensitivity", place), what, one.id)
    asked = next((one.summary for one in protocol.estimands if one.id == plan.primary.estimand), "")
    if protocol.outcome(plan.primary.outcome).aggregation == "ordinal":
        asked = "common_odds_ratio"
    if asked in RATIOS:
        yield Found(PRIMARY, f"the primary estimand is a {asked}, and the margin is one of a difference.")


@rule("P116", WARNING, "No analysis per protocol beside a margin",
      why="People who stop make the arms alike, so a trial that is to show likeness looks at those who did enough too.",
      mend="Add `{id: …, method: per_protocol, assumption: …}` under `analysis.sensitivity`.")  # fmt: skip
def no_per_protocol(trial: Subject) -> Iterator[Found]:
    tried = {one.method for one in trial.protocol.analysis.sensitivity}
    if trial.protocol.design.margin is not None and "per_protocol" not in tried:
        yield Found(("analysis",), f"a trial of {trial.protocol.design.framework} plans no analysis per protocol.")


@rule("P117", WARNING, "Factorial design without its factors' effects",
      why="Two arms of a factorial trial are a half or less of its people; what it is built for are the effects of its "
          "factors, over everyone.",
      mend="Plan `factors: [factor]` for a main effect, and `factors: [one, other]` for the interaction.")  # fmt: skip
def no_factors(trial: Subject) -> Iterator[Found]:
    if trial.protocol.design.type == "factorial" and not any(one.factors for one in trial.protocol.analysis.all):
        yield Found(("analysis",), "no analysis is of the factors' effects.")


@rule("P118", WARNING, "Guess of allocation only when the outcome is known",
      why="Asked with the primary outcome or after it, people may guess from how they feel, and what they guess tells "
          "nothing of blinding.",
      mend="Ask its instrument at a timepoint before that of the primary outcome, last of all there.")  # fmt: skip
def late_guess(trial: Subject) -> Iterator[Found]:
    protocol, guess = trial.protocol, trial.protocol.analysis.allocation_guess
    if guess is None:
        return
    before = takewhile(lambda one: one.id != protocol.analysis.primary.timepoint, protocol.in_time)
    asking = {one.id for one in protocol.activities if guess.instrument in getattr(one, "instruments", ())}
    if not any(asking & set(one.activities) for one in before if one.anchor != "consent"):
        what = f"{guess.instrument!r} is not asked before {protocol.analysis.primary.timepoint!r}."
        yield Found(("analysis", "allocation_guess"), what)


@rule("P119", ERROR, "Effect on compliers beside a comparator with content",
      why="People of such a comparator may change by what they do there; what those who comply gained cannot be told "
          "apart without assuming that away.",
      mend="Say in the analysis's `assumption` what is taken to be true instead, or take it out.")  # fmt: skip
def comparator_with_content(trial: Subject) -> Iterator[Found]:
    for path, one in _of_compliers(trial):
        if one.assumption is None and compliers.has_content(trial.protocol, one):
            what = f"the comparator {one.contrast[-1]!r} has content of its own, and no `assumption` is stated."
            yield Found(path, what, one.outcome)


@rule("P120", ERROR, "Effect on compliers after the waiting arm had its turn",
      why="Once both arms have been given the content, nothing tells who received it because of their arm.",
      mend="Analyse an earlier timepoint, or take the analysis out.")  # fmt: skip
def waiting_arm_had_it(trial: Subject) -> Iterator[Found]:
    for path, one in _of_compliers(trial):
        if compliers.had_its_turn(trial.protocol, one):
            what = f"by {one.timepoint!r} the waiting arm has been given the content."
            yield Found((*path, "timepoint"), what, one.timepoint)


def _of_compliers(trial: Subject) -> Iterator[tuple[Path, PlannedAnalysis]]:
    for path, one in _analyses(trial):
        if one.method == compliers.METHOD and len(one.contrast) == 2:
            yield path, one


@rule("P114", ERROR, "Method that takes people of a cluster for independent",
      why="People of one cluster are alike; a method that takes them for independent claims more than it knows, and "
          "finds differences where there are none.",
      mend="Write `method: ancova` for the analysis, whose error allows for clusters, or take it out. Of sensitivity "
           "analyses, complete_case and per_protocol allow for them.")  # fmt: skip
def no_method_for_clusters(trial: Subject) -> Iterator[Found]:
    protocol = trial.protocol
    if protocol.allocation.cluster is None:
        return
    plan, what = protocol.analysis, "clusters are allocated, and {} takes people for independent."
    for path, one in _analyses(trial):
        method = plan.method_of(one)
        if method not in OF_CLUSTERS:
            yield Found((*path, "method") if one.method else ("analysis", "method"), what.format(method), one.outcome)
    for place, tried in enumerate(plan.sensitivity):
        if tried.method not in OF_CLUSTERS:
            yield Found(("analysis", "sensitivity", place), what.format(tried.method), tried.id)
    for place, group in enumerate(plan.exploratory.subgroups if plan.exploratory else []):
        found = what.format("the test of subgroups")
        yield Found(("analysis", "exploratory", "subgroups", place), found, group.variable)
