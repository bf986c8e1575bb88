"""Policy rows: instruments and outcomes, analysis and sample size, safety and everything that looks after people."""

from __future__ import annotations

from trial.core.amendment.changes import ChangeClass, Chapter
from trial.core.amendment.rows import Group, group

C, S, U = ChangeClass.CORRECTION, ChangeClass.SUBSTANTIAL, ChangeClass.URGENT_SAFETY
M, N, P = Chapter.MEASURES, Chapter.ANALYSIS, Chapter.CARE
FILE = "The text lies in another file; what it says is compared on its own."
ANSWERS = "An item offers other answers, so answers before and after are not the same measure."

GROUPS: tuple[Group, ...] = (
    group(
        M, "",
        (S, "instruments", "The trial uses another set of instruments."),
        (S, "outcomes", "The trial has other outcomes."),
        (S, "estimands", "The trial estimates something else."),
    ),
    group(
        M, "instrument",
        (C, "schema_version code", "The instrument's file is named or written differently."),
        (C, "name licence source", "Where the instrument comes from is stated anew."),
        (S, "instructions", "People read other instructions above the questions."),
        (S, "wording", "Whether people read the official wording changes."),
        (C, "validated", "Whether the instrument counts as validated is stated anew."),
        (S, "item_order", "The key belongs to another printed order of the items."),
        (S, "items", "The instrument asks another set of items, or in another order."),
        (S, "response responses", ANSWERS),
        (S, "scores", "Other scores are made from the answers."),
        (C, "permission", "What the rights holder allows is stated anew."),
    ),
    group(
        M, "instrument.items.*",
        (S, "id topic words unit low high", "An item asks something in other words."),
        (S, "type choices response minimum maximum step", ANSWERS),
        (U, "safety_from", "Other answers call for the resources page, for everyone and at once."),
        (S, "filler", "Whether an item counts towards a score changes."),
    ),
    group(M, "instrument.items.*.choices.*", (S, "value label", ANSWERS)),
    group(M, "instrument.response", (S, "choices", ANSWERS)),
    group(M, "instrument.response.choices.*", (S, "value label", ANSWERS)),
    group(M, "instrument.responses.*", (S, "choices", ANSWERS)),
    group(M, "instrument.responses.*.choices.*", (S, "value label", ANSWERS)),
    group(
        M, "instrument.scores.*",
        (S, "id items reverse method of times plus", "The same answers give another number."),
        (C, "label source", "A score, or where its key comes from, is named differently."),
        (S, "better", "Which direction of the score counts as better changes."),
        (S, "missing", "Incomplete answers are scored by another rule."),
        (C, "cut_offs", "Other boundaries of the score are printed in the report."),
        (S, "reliability", "Reliable change is worked out from other figures."),
    ),
    group(
        M, "instrument.scores.*.missing",
        (S, "at_most", "Incomplete answers are scored by another rule."),
        (C, "source", "Where a rule of scoring comes from is stated anew."),
    ),
    group(
        M, "instrument.scores.*.cut_offs.*",
        (C, "at_least label source", "A boundary of the score is printed differently in the report."),
    ),
    group(
        M, "instrument.scores.*.reliability",
        (S, "alpha retest sd", "Reliable change is worked out from other figures."),
        (C, "verified source", "Where a reliability was read is stated anew."),
    ),
    group(
        M, "instrument.permission",
        (C, "status commercial conditions ask_at", "What the rights holder allows is stated anew."),
    ),
    group(
        M, "outcomes.*",
        (S, "id score metric aggregation responder", "The outcome is another number than before."),
        (C, "label", "The outcome goes by another name."),
        (S, "better", "Which direction of the outcome counts as better changes."),
        (S, "important_difference", "Which difference counts as important is stated, or no longer."),
    ),
    group(
        M, "outcomes.*.responder",
        (S, "reaches improves_by reliable_change", "Other people count as responders."),
        (C, "source", "Where the rule for responders was read is stated anew."),
    ),
    group(
        M, "outcomes.*.important_difference",
        (S, "value", "Another difference counts as important."),
        (C, "source", "Where the important difference was read is stated anew."),
    ),
    group(
        M, "estimands.*",
        (S, "id population treatment summary intercurrent_events", "What is to be estimated changes."),
    ),
    group(
        M, "estimands.*.intercurrent_events.*",
        (S, "event strategy handling", "Something that happens after randomisation is dealt with differently."),
        (C, "label", "Something that may happen after randomisation goes by another name."),
    ),
    group(
        N, "",
        (S, "analysis", "The analysis plan is stated anew."),
        (S, "sample_size", "Another number of people is to be randomised."),
    ),
    group(
        N, "analysis",
        (
            S, "method covariance repeated clusters level covariates missing_covariate",
            "The estimates are worked out differently.",
        ),
        (S, "late_answers", "Late answers count, or no longer."),
        (S, "primary", "The primary analysis is another one."),
        (S, "secondary sensitivity", "Other analyses are planned beside the primary one."),
        (S, "exploratory", "Other exploratory analyses are planned."),
        (S, "allocation_guess", "What people guess of their arm is counted differently."),
        (S, "clinical_change", "Other clinically significant changes are counted."),
        (C, "baseline_table", "The first table of the report shows other columns."),
    ),
    group(N, "analysis.repeated", (S, "degrees_of_freedom fallbacks", "The estimates are worked out differently.")),
    group(
        N, "analysis.primary",
        (C, "id", "The primary analysis goes by another name."),
        (S, "outcome timepoint contrast factors estimand method assumption", "The primary analysis is another one."),
    ),
    group(
        N, "analysis.secondary",
        (S, "multiplicity gate graph", "Several tests together are guarded by another rule."),
        (S, "analyses", "Other secondary analyses are planned."),
    ),
    group(
        N, "analysis.secondary.analyses.*",
        (S, "id outcome timepoint contrast factors estimand method assumption", "A secondary analysis is another one."),
    ),
    group(
        N, "analysis.secondary.graph.*",
        (S, "analysis weight passes", "Several tests together are guarded by another rule."),
    ),
    group(
        N, "analysis.sensitivity.*",
        (S, "id method assumption by auxiliaries", "The primary result is tried against another assumption."),
    ),
    group(
        N, "analysis.sensitivity.*.auxiliaries.*",
        (S, "score timepoint", "Missing outcomes are drawn from other things that are known of people."),
    ),
    group(N, "analysis.exploratory", (S, "analyses subgroups", "Other exploratory analyses are planned.")),
    group(
        N, "analysis.exploratory.analyses.*",
        (
            S, "id outcome timepoint contrast factors estimand method assumption",
            "An exploratory analysis is another one.",
        ),
    ),
    group(
        N, "analysis.exploratory.subgroups.*",
        (S, "variable outcome timepoint contrast", "An exploratory analysis of subgroups is another one."),
    ),
    group(
        N, "analysis.allocation_guess",
        (S, "instrument item right", "What people guess of their arm is counted differently."),
    ),
    group(
        N, "analysis.allocation_guess.right.*",
        (S, "answer arms", "What people guess of their arm is counted differently."),
    ),
    group(
        N, "analysis.clinical_change.*",
        (S, "outcome timepoint contrast cut_off", "A clinically significant change is another one."),
    ),
    group(
        N, "analysis.clinical_change.*.cut_off",
        (S, "at kind clinical general", "A clinically significant change is another one."),
        (C, "source", "Where a cut-off comes from is stated anew."),
    ),
    group(
        N, "analysis.clinical_change.*.cut_off.clinical",
        (S, "mean sd", "A clinically significant change is another one."),
    ),
    group(
        N, "analysis.clinical_change.*.cut_off.general",
        (S, "mean sd", "A clinically significant change is another one."),
    ),
    group(
        N, "sample_size",
        (S, "target", "Another number of people is to be randomised."),
        (C, "justification", "The number of people is explained in other words."),
        (S, "assumptions", "The number of people stands on other assumptions."),
    ),
    group(
        N, "sample_size.assumptions",
        (
            S, "difference in_units_of standard_deviation reference_share correlation_with_baseline power alpha "
            "attrition clusters",
            "The number of people stands on other assumptions.",
        ),
        (C, "source", "Where the assumptions come from is stated anew."),
    ),
    group(
        N, "sample_size.assumptions.clusters",
        (S, "size size_cv icc", "The number of people stands on other assumptions."),
    ),
    group(
        P, "",
        (U, "safety", "What happens when an answer gives cause for concern changes, for everyone and at once."),
        (S, "harms", "The question about harm is another one."),
        (S, "incentives", "People earn something else for their answers."),
        (S, "withdrawal", "How people may stop changes."),
        (S, "monitoring", "How the trial is watched changes."),
    ),
    group(
        P, "safety",
        (C, "resources", FILE),
        (U, "resources.words", "The page with places to turn to reads differently."),
        (U, "rules", "Other answers call for the resources page or for an alert."),
        (U, "on_call", "Who looks after alerts changes."),
    ),
    group(
        P, "safety.rules.*",
        (U, "id when tier", "Other answers call for the resources page or for an alert."),
        (C, "why", "The reason for a safety rule is worded anew."),
    ),
    group(
        P, "safety.on_call",
        (U, "role within can", "Alerts are answered by somebody else, at another speed, or in another way."),
        (S, "told_in_consent", "Another statement tells people who looks after alerts."),
    ),
    group(P, "harms", (S, "instrument item", "The question about harm is another one.")),
    group(
        P, "incentives.*",
        (S, "id earned_at what", "People earn something else for their answers."),
        (S, "given_by", "People get what they earned in another way, and are asked for other things about themselves."),
        (S, "keep_payee", "Where something is sent to is known for another time after it was sent."),
    ),
    group(
        P, "withdrawal",
        (S, "levels", "People may stop other things."),
        (S, "data_until_then", "What people gave until they stop is treated differently."),
        (S, "explanation", "People are told something else about stopping."),
    ),
    group(
        P, "monitoring",
        (S, "committee interim_analyses bounds stopping", "The trial is watched, or would be ended, differently."),
        (C, "audits", "How the trial is audited is told anew."),
        (S, "solo", "Other acts may be done by one person alone."),
    ),
)  # fmt: skip
