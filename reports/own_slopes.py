"""What a report says of an analysis of covariance in which each arm has slopes of its own (ANHECOVA)."""

from __future__ import annotations

METHOD = "anhecova"
ERROR = (
    "The errors count that the covariates' means are those of people drawn from a population: the effect is the "
    "average one of that population. Degrees of freedom are those of the model."
)
OTHERS_BY_ANCOVA = (
    "Complete cases and per protocol are the planned model, with slopes of each arm's own, over fewer people. What "
    "fills in outcomes is followed by an analysis of covariance with slopes in common."
)


def model(terms: str) -> str:
    """The model with each of its terms."""
    return (
        f"Analysis of heterogeneous covariance (ANHECOVA) by least squares: the outcome on {terms}, each of these but "
        "the arms about its mean over everyone analysed and with a slope of each arm's own. The difference of two arms "
        "is that at those means, which is the average of everyone's difference; arms may differ in their slopes."
    )
