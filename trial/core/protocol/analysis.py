"""What is estimated and how: outcomes, estimands, the plan, and the number of people that it takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trial.core.texts import Id, Part, Text, Words


class ImportantDifference(Part):
    """The smallest difference that matters, on the score's scale, and where it was read."""

    value: float = Field(gt=0)
    source: Words


class Responder(Part):
    """Who counts among those of a proportion: everybody for whom all that is named here holds.

    `reaches` is a value of the score that is reached, or passed on the side that is better; `improves_by` is so many
    points since the baseline; `reliable_change` more than measurement error, by the figures of the instrument's file.
    """

    reaches: float | None = None
    improves_by: float | None = Field(default=None, gt=0)
    reliable_change: bool = False
    source: Words | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Responder:
        if self.reaches is None and not self.since_baseline:
            raise ValueError("a responder needs one of `reaches`, `improves_by` and `reliable_change: true`")
        return self

    @property
    def since_baseline(self) -> bool:
        """Whether the baseline has to be known to tell who responds."""
        return self.improves_by is not None or self.reliable_change


class Outcome(Part):
    """One outcome in the five parts of CONSORT 2025: variable (the score), metric, aggregation, time, direction.

    Its times are those at which the plan analyses it. A proportion is of those who respond, by `responder`, or of those
    with 1 in a score of 0 and 1. An ordinal outcome is a score of a few levels, of which the order alone counts.
    """

    id: Id
    label: Text
    score: Id
    better: Literal["lower", "higher"]
    metric: Literal["value", "change"] = "value"
    aggregation: Literal["mean", "proportion", "ordinal"] = "mean"
    responder: Responder | None = None
    important_difference: ImportantDifference | None = None

    @property
    def more_is(self) -> Literal["lower", "higher"]:
        """Which direction of what is estimated is better: to respond always is."""
        return "higher" if self.responder else self.better


class IntercurrentEvent(Part):
    """What may happen after randomisation, and the ICH E9(R1) strategy for it."""

    event: Literal["stopped_exercises", "stopped_everything", "other_help", "other_arms_exercise", "death", "other"]
    label: Text
    strategy: Literal[
        "treatment_policy", "hypothetical", "composite", "while_on_treatment", "principal_stratum"
    ]  # fmt: skip
    handling: Text


class Estimand(Part):
    """What is to be estimated, in the five attributes of ICH E9(R1); the plan's analysis names it."""

    id: Id
    population: Text
    treatment: Text
    summary: Literal[
        "mean_difference", "mean_change", "risk_difference", "risk_ratio", "odds_ratio", "common_odds_ratio"
    ] = "mean_difference"
    intercurrent_events: list[IntercurrentEvent] = Field(default=[], max_length=12)


Method = Literal[
    "ancova", "anhecova", "mean_change", "mmrm", "clda", "g_computation", "proportional_odds", "complier_effect"
]
# what is compared by division: no difference is 1, and the error is that of the logarithm
RATIOS: frozenset[str] = frozenset({"risk_ratio", "odds_ratio", "common_odds_ratio"})
# models of the outcome at every timepoint, whoever has it at any of them
REPEATED: frozenset[str] = frozenset({"mmrm", "clda"})
# the model that a randomisation test runs again for every list
RUN_AGAIN = "ancova"
# what can be done where clusters were allocated: the linear model, over everyone or fewer people
OF_CLUSTERS: frozenset[str] = frozenset({"ancova", "complete_case", "per_protocol"})


class PlannedAnalysis(Part):
    """One estimate at one timepoint: arm minus reference, or, of a single arm, its change from baseline.

    In a factorial design it may be the main effect of one of the `factors`, or the interaction of two; its contrast
    then is two arms that differ in these alone. By the plan's method, unless it names another. A graph of its family
    calls it by its `id`. An effect on those who comply needs an `assumption`, in words, where its comparator has
    content of its own.
    """

    id: Id | None = None
    outcome: Id
    timepoint: Id
    contrast: tuple[Id, ...] = Field(default=(), max_length=2)
    factors: list[Id] = Field(default=[], max_length=2)
    estimand: Id | None = None
    method: Method | None = None
    assumption: Text | None = None

    @model_validator(mode="after")
    def _assumes(self) -> PlannedAnalysis:
        if self.assumption is not None and self.method != "complier_effect":
            raise ValueError("an `assumption` belongs to an analysis with `method: complier_effect`, and only there")
        return self


Share = Annotated[float, Field(ge=0, le=1)]


class Hypothesis(Part):
    """One analysis of a family under a graph: its share of alpha at first, and whom it passes that on to."""

    analysis: Id
    weight: Share
    passes: dict[Id, Share] = {}


class Secondary(Part):
    """A family of secondary analyses under one multiplicity rule.

    Where the primary analysis is the `gate`, nothing of the family counts unless that finds its difference.
    """

    multiplicity: Literal["holm", "hochberg", "fixed_sequence", "graph", "none"]
    gate: Literal["primary"] | None = None
    analyses: list[PlannedAnalysis] = Field(max_length=100)
    graph: list[Hypothesis] = Field(default=[], max_length=100)


class Auxiliary(Part):
    """A score at a timepoint from which missing outcomes are drawn, and which the planned model does not have."""

    score: Id
    timepoint: Id


class Sensitivity(Part):
    """An analysis that asks whether the primary one stands when an assumption changes.

    A method that fills the lost in as the reference has them, or shifts them, does so `by` their conditional mean,
    unless by draws. `auxiliaries` are what `multiple_imputation` knows of people beyond the planned model.
    """

    id: Id
    method: Literal[
        "complete_case", "multiple_imputation", "jump_to_reference", "copy_reference", "copy_increments",
        "tipping_point", "per_protocol", "lee_bounds", "randomization_test",
    ]  # fmt: skip
    assumption: Text
    by: Literal["conditional_mean", "draws"] | None = None
    auxiliaries: list[Auxiliary] = Field(default=[], max_length=20)


class Repeated(Part):
    """How `mmrm` and `clda` are fitted: the degrees of freedom, and what stands in for an unstructured covariance.

    `fallbacks` are tried in their order where the data cannot tell every variance and covariance.
    """

    degrees_of_freedom: Literal["satterthwaite", "kenward_roger"] = "satterthwaite"
    fallbacks: list[Literal["toeplitz", "autoregressive", "compound_symmetry"]] = Field(
        default=["toeplitz", "autoregressive", "compound_symmetry"], max_length=3
    )


class Subgroups(Part):
    """Whether one difference is another one at other levels of a baseline variable, which is no number."""

    variable: Id
    outcome: Id
    timepoint: Id
    contrast: tuple[Id, ...] = Field(min_length=1, max_length=2)


class Exploratory(Part):
    """What is planned and decides nothing: it belongs to no family, and is printed as exploratory everywhere."""

    analyses: list[PlannedAnalysis] = Field(default=[], max_length=100)
    subgroups: list[Subgroups] = Field(default=[], max_length=20)


class RightGuess(Part):
    """An answer to the question of one's arm, and the arms whose people guess right by giving it."""

    answer: int | Id
    arms: list[Id] = Field(min_length=1)


class AllocationGuess(Part):
    """The item, one of several answers, that asks people which arm they think they are in.

    Two answers are guesses, so that chance alone gives as many right ones as wrong; any further answer is that somebody
    does not know. An arm for which neither is right is not counted.
    """

    instrument: Id
    item: int | Id
    right: list[RightGuess] = Field(min_length=2, max_length=2)


class Population(Part):
    """Mean and standard deviation of a score among some people, as a source has them."""

    mean: float
    sd: float = Field(gt=0)


class ClinicalCutOff(Part):
    """Where the clinical side of a score ends, and its source: a value, or worked out from reference populations.

    By `kind`, after Jacobson and Truax (1991): `a` two standard deviations beyond the clinical mean, `b` two within the
    general one, `c` between both in the proportion of the standard deviations. The value itself is still clinical.
    """

    at: float | None = None
    kind: Literal["a", "b", "c"] | None = None
    clinical: Population | None = None
    general: Population | None = None
    source: Words

    @model_validator(mode="after")
    def _says_where(self) -> ClinicalCutOff:
        if (self.at is None) == (self.kind is None):
            raise ValueError("a cut-off is `at` a value, or of a `kind`")
        if self.kind in ("a", "c") and self.clinical is None:
            raise ValueError(f"a cut-off of kind {self.kind} needs the `clinical` population")
        if self.kind in ("b", "c") and self.general is None:
            raise ValueError(f"a cut-off of kind {self.kind} needs the `general` population")
        return self


class ClinicalChange(Part):
    """What becomes of each person: reliably better or worse by the figures of the instrument, and over a cut-off.

    It is counted in every arm and compared between the two of `contrast`, in no family of tests; a single arm is
    counted alone.
    """

    outcome: Id
    timepoint: Id
    contrast: tuple[Id, ...] = Field(min_length=1, max_length=2)
    cut_off: ClinicalCutOff


class AnalysisPlan(Part):
    """ANCOVA on baseline and stratification factors, heteroskedasticity-consistent errors, t; proportions by
    `g_computation`, from a logistic model on the same; levels in order by `proportional_odds`.

    `anhecova` gives each arm slopes of its own on the same terms, whose mean effect is that of the population.

    `mmrm` and `clda` take in the outcome at every timepoint instead, by restricted maximum likelihood.

    Where clusters were allocated, `clusters` says how ANCOVA lets people of one be alike: by errors that are robust
    against it (CR2), which is what leaving it out means, or by a random intercept of each cluster.

    A single-arm study has no reference: its method is `mean_change`, the mean of each person's change from baseline.
    """

    method: Method
    covariance: Literal["HC3", "HC2"] = "HC3"
    repeated: Repeated = Repeated()
    clusters: Literal["robust", "random_intercept"] | None = None
    level: float = Field(default=0.95, gt=0.5, lt=1)
    covariates: list[Id] = []
    missing_covariate: Literal["mean_imputation"] = "mean_imputation"
    late_answers: Literal["keep", "exclude"] = "keep"
    primary: PlannedAnalysis
    secondary: Secondary | None = None
    sensitivity: list[Sensitivity] = Field(default=[], max_length=10)
    exploratory: Exploratory | None = None
    allocation_guess: AllocationGuess | None = None
    clinical_change: list[ClinicalChange] = Field(default=[], max_length=10)
    baseline_table: list[Id] = Field(min_length=1)

    @model_validator(mode="after")
    def _of_everyone(self) -> AnalysisPlan:
        if "complier_effect" in (self.method, self.primary.method):
            raise ValueError(
                "an effect on those who comply stands beside the primary analysis of everyone randomised, never in its "
                "place: write `method: complier_effect` in a secondary or exploratory analysis"
            )
        return self

    @property
    def registered(self) -> list[PlannedAnalysis]:
        """What decides something: the primary first."""
        return [self.primary, *(self.secondary.analyses if self.secondary else [])]

    @property
    def all(self) -> list[PlannedAnalysis]:
        """Every planned analysis, the primary first, exploratory ones last."""
        return [*self.registered, *(self.exploratory.analyses if self.exploratory else [])]

    def method_of(self, planned: PlannedAnalysis) -> Method:
        """How one analysis of the plan is done."""
        return planned.method or self.method

    @property
    def clusters_by(self) -> Literal["robust", "random_intercept"]:
        """How people of a cluster may be alike, where clusters were allocated."""
        return self.clusters or "robust"


class AssumedClusters(Part):
    """Clusters as the number takes them to be: the mean `size` in people randomised, the coefficient of variation of
    the sizes, and the intracluster correlation of the outcome."""

    size: float = Field(ge=1, le=1_000_000)
    size_cv: float = Field(default=0, ge=0, le=10)
    icc: float = Field(ge=0, lt=1)


class Assumptions(Part):
    """What the number stands on; `attrition` is the share of those randomised who will not be analysed.

    The `difference` is the one to be found, of an interaction of two factors a difference of differences; where a
    margin is tested it is the true one, in favour of the first arm, and 0 where both are taken to be alike. `alpha` is
    two-sided, and one-sided where a margin is tested. Of a proportion the difference is one of shares, and
    `reference_share` that of the second arm.
    """

    difference: float = Field(allow_inf_nan=False)
    in_units_of: Literal["standard_deviation", "score", "share"] = "standard_deviation"
    reference_share: float | None = Field(default=None, gt=0, lt=1)
    standard_deviation: float | None = Field(default=None, gt=0)
    correlation_with_baseline: float = Field(default=0, ge=0, lt=1)
    power: float = Field(gt=0.5, lt=1)
    alpha: float = Field(gt=0, lt=0.5)
    attrition: float = Field(ge=0, lt=1)
    clusters: AssumedClusters | None = None
    source: Words


class SampleSize(Part):
    """The number to randomise and why."""

    target: int = Field(ge=2, le=1_000_000)
    justification: Text
    assumptions: Assumptions | None = None
