"""H: harms, alerts, guidance and what people are paid for."""

from __future__ import annotations

from collections.abc import Iterator

from trial.core import expressions
from trial.core.linting import asked, mails
from trial.core.linting.rules import RESOURCES, Found, Severity, Subject, rule
from trial.core.protocol import Questionnaire
from trial.core.resources import EVERYWHERE

ERROR, WARNING, LATER = Severity.ERROR, Severity.WARNING, Severity.BEFORE_OPENING


@rule("H701", ERROR, "Safety item without an alert",
      why="Whoever asks whether somebody is in danger has to do something about a yes; otherwise the question "
          "must not be asked.",
      mend="Add an alert rule over the item and a role on call, or use a form of the scale without the "
           "item.")  # fmt: skip
def unanswered_item(trial: Subject) -> Iterator[Found]:
    safety = trial.protocol.safety
    alerts = [one for one in safety.rules if one.tier == "alert"] if safety else []
    watched = {name for one in alerts for name in expressions.parse(one.when).names}
    ever = asked.everywhere(trial.protocol)
    for place, code in enumerate(trial.protocol.instruments):
        one = trial.instruments.get(code)
        for item in one.items if one and code in ever else []:
            if one and item.safety_from is not None and one.column(item) not in watched:
                what = f"item {item.id} of {code!r} asks about safety, and no alert goes to anybody."
                yield Found(("instruments", place), what, code)


@rule("H702", ERROR, "Alert that nobody gets",
      why="An alert without a named role is a mail into the void.",
      mend="Add `on_call` to `safety`, with the time within which somebody answers.")  # fmt: skip
def nobody_on_call(trial: Subject) -> Iterator[Found]:
    safety = trial.protocol.safety
    for place, one in enumerate(safety.rules if safety and not safety.on_call else []):
        if one.tier == "alert":
            yield Found(("safety", "rules", place), f"the alert {one.id!r} goes to nobody.", one.id)


@rule("H703", ERROR, "Harms asked in one arm only",
      why="Harm that is asked at other times or in some arms only cannot be compared, and favours the arm that "
          "is not asked.",
      mend="Ask the instrument of `harms` at the same timepoints in every arm, at least once after "
           "randomisation.")  # fmt: skip
def harms_unequal(trial: Subject) -> Iterator[Found]:
    code = trial.protocol.harms.instrument
    times = {
        arm.id: {
            (point.anchor, tuple(point.days))
            for _, point in mails.points(trial.protocol, arm.id)
            if code in asked.codes(trial.protocol, point, arm.id)
        }
        for arm in trial.protocol.arms
    }
    every = set().union(*times.values())
    for arm, own in times.items():
        if own != every or not own:
            what = f"the arm {arm!r} is asked about harm {len(own)} times" + (
                f", another arm {len(every)}." if every else "."
            )
            yield Found(("harms",), what, arm)


@rule("H704", ERROR, "Guided exercise in a self-guided arm",
      why="Some exercises stir up so much that a person has to be there; a page cannot be.",
      mend="Set `guided: true` for an arm that has a guide, or take the exercise out.")  # fmt: skip
def unguided(trial: Subject) -> Iterator[Found]:
    guided = {arm.id for arm in trial.protocol.arms if arm.guided}
    everybody = [arm.id for arm in trial.protocol.arms]
    for place, one in enumerate(trial.protocol.activities):
        if isinstance(one, Questionnaire) or one.needs != "guide":
            continue
        alone = [arm for arm in one.arms or everybody if arm not in guided]
        if alone:
            what = f"{one.id!r} needs a guide, and {', '.join(map(repr, alone))} has none."
            yield Found(("activities", place), what, one.id)


@rule("H705", ERROR, "Paid for practising",
      why="What is paid for practising or by arm buys practice, and makes the arms differ in money.",
      mend="Let it be earned at a timepoint where every arm answers a questionnaire.")  # fmt: skip
def paid_practice(trial: Subject) -> Iterator[Found]:
    for place, one in enumerate(trial.protocol.incentives):
        point = trial.protocol.timepoint(one.earned_at)
        arms = [None] if point.anchor == "consent" else [arm.id for arm in trial.protocol.arms]
        done = [trial.protocol.activities_at(point, arm) for arm in arms]
        if any(trial.protocol.is_exercise(each.id) for own in done for each in own):
            yield Found(("incentives", place, "earned_at"), f"{one.id!r} is earned by practising.", one.id)
        elif not all(done):
            yield Found(("incentives", place, "earned_at"), f"{one.id!r} cannot be earned in every arm.", one.id)


@rule("H706", ERROR, "Safety rule over what nobody is asked",
      why="A rule with a slip in a name never fires, and nobody notices until it should have.",
      mend="Name items as instrument_item, scores by their id, worsening as score_worse with the score's "
           "reliability given.")  # fmt: skip
def dead_rule(trial: Subject) -> Iterator[Found]:
    if any(code not in trial.instruments for code in trial.protocol.instruments):
        return  # what a missing instrument would give nobody knows; the reader tells of it
    ever = asked.everywhere(trial.protocol)
    known = {name for name, code in asked.sources(trial).items() if code in ever}
    worse = {
        f"{score.id}_worse"
        for code, one in trial.instruments.items()
        for score in one.scores
        if code in asked.codes(trial.protocol, trial.protocol.baseline, None) and score.reliability
    }
    for place, one in enumerate(trial.protocol.safety.rules if trial.protocol.safety else []):
        for name in sorted(expressions.parse(one.when).names - known - worse):
            yield Found(("safety", "rules", place, "when"), f"nothing gives {name!r} a value.", one.id)


@rule("H707", LATER, "No places to turn to",
      why="Answers that call for help would lead to a page that names nobody, and only the team can know who is right.",
      mend="Write resources.yaml, each place with its source, the day it was checked, and who checked it.")  # fmt: skip
def no_places(trial: Subject) -> Iterator[Found]:
    if trial.protocol.safety and not trial.resources:
        yield Found(("safety", "resources"), "resources.yaml names no place to turn to.", "resources")


@rule("H708", WARNING, "Places for some countries only",
      why="People travel and move, and whoever is in another country than you thought finds an empty page.",
      mend="Add a place with `country: everywhere`, such as a page that lists help lines by country.")  # fmt: skip
def nowhere_else(trial: Subject) -> Iterator[Found]:
    if trial.resources and not any(one.country == EVERYWHERE for one in trial.resources):
        yield Found(("resources",), "no place holds everywhere.", "resources", RESOURCES)
