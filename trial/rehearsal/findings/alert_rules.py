"""Which safety rules call a person most often, and what to ask a clinician about the one that calls most."""

from __future__ import annotations

from collections import Counter

from trial.core.expressions import parse
from trial.core.instruments import Score
from trial.core.protocol import SafetyRule
from trial.core.rehearsed import Place
from trial.core.safety import WORSE
from trial.rehearsal.findings.gathered import Facts, many, people
from trial.services.scores import scores_of

FEW = 4  # alerts of a rule: of fewer a half tells nothing
HOURS = "Plan who is on call for that many at the planned size, or let people join over more weeks"


def by_rule(facts: Facts) -> Counter[str]:
    """How many alerts each rule raised."""
    return Counter(one.rule for one in facts.lived.alerts if one.tier == "alert")


def told(facts: Facts) -> str:
    """The rules that fired, the most first, and how many people were behind them."""
    about = {one.participant_id for one in facts.lived.alerts if one.tier == "alert"}
    counts = by_rule(facts)
    each = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
    return f" They came from the answers of {people(len(about))}. By rule: {each}." if each else ""


def mend(facts: Facts) -> str:
    """The hours to plan; and, of a rule that knows no number, the level that half of its alerts had reached."""
    found = _most(facts)
    if found is None:
        return f"{HOURS}."
    rule = found[1]
    score = _worse_alone(facts, rule)
    if score is None:
        return f"{HOURS}; or let a clinician judge whether the number in `{rule.when}` can be higher."
    half = _half(rule, score, _values(facts, rule, score))
    return (
        f"{HOURS}; or let a clinician judge whether `{rule.when}` should ask for a level too.{half} "
        f"Whatever is changed, consent has to say the same.{_unverified(score)}"
    )


def _half(rule: SafetyRule, score: Score, values: list[float]) -> str:
    """The level that about half of its alerts had reached, and the rule that asks for it; none where all are alike."""
    lower = score.better == "lower"
    reached = {level: sum(one >= level if lower else one <= level for one in values) for level in values}
    some = {level: count for level, count in reached.items() if count < len(values)}
    if len(values) < FEW or not some:
        return ""
    level = min(some, key=lambda one: (abs(2 * some[one] - len(values)), one))
    sign, side = (">=", "more") if lower else ("<=", "less")
    return (
        f" {some[level]} of its {many(len(values), 'alert')} came at {level:g} or {side}: "
        f"`{rule.when} and {score.id} {sign} {level:g}` would call a person for those alone."
    )


def place(facts: Facts) -> Place | None:
    """The rule that fires most."""
    found = _most(facts)
    return None if found is None else facts.place("safety", "rules", found[0])


def _most(facts: Facts) -> tuple[int, SafetyRule] | None:
    rules, counts = facts.protocol.safety.rules if facts.protocol.safety else [], by_rule(facts)
    return max(enumerate(rules), key=lambda one: counts[one[1].id]) if rules else None


def _worse_alone(facts: Facts, rule: SafetyRule) -> Score | None:
    """The score of a rule that asks for nothing but a change for the worse."""
    names = parse(rule.when).names
    scores = {score.id: score for tool in facts.folder.instruments.values() for score in tool.scores}
    if len(names) == 1 and (name := next(iter(names))).endswith(WORSE):
        return scores.get(name.removesuffix(WORSE))
    return None


def _values(facts: Facts, rule: SafetyRule, score: Score) -> list[float]:
    """The score on each sheet that met the rule."""
    met = {one.answer_sheet_id for one in facts.lived.alerts if one.rule == rule.id}
    sheets = [sheet for person in facts.lived.people for sheet in person.sheets if sheet.id in met]
    values = [scores_of(facts.folder, sheet.answers).get(score.id) for sheet in sheets]
    return [value for value in values if value is not None]


def _unverified(score: Score) -> str:
    figures = score.reliability
    if figures is None or figures.verified:
        return ""
    return f" What counts as worse stands on figures of `{score.id}` that its file calls unverified: replace them."
