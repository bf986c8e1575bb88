"""How chance allocates, in words for the report, the protocol document and the page of a trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reports.clusters import KNOWN
from reports.variables import LANGUAGE
from trial.core.protocol import AllocationRule, TrialProtocol
from trial.core.texts import say

_IMBALANCE = {
    "range": "the range of the arms' counts",
    "variance": "the variance of the arms' counts",
    "marginal_balance": "the differences of all pairs of arms over their counts (marginal balance)",
    "marginal_sum": "the arm's own count (marginal sum)",
}


# CONSORT item 19: who had access to the sequence; what is true of every trial that this software ran
ACCESS = (
    "No list of coming allocations existed: each was drawn when a baseline was complete, and nobody on the team could "
    "see or choose it. The account that the service ran as, and root on its server, could have opened the sealed seed "
    "and known the next allocation; after the digest was published they could not change the sequence without it "
    "telling. Who held these accounts, and whether they enrolled anybody, is for the authors to say."
)
# the same where somebody outside made a list: its maker knows it, and so may whoever carried it to the server
ACCESS_TO_A_LIST = (
    "The list was made outside the team and sealed place by place when the trial opened; each place was opened when a "
    "baseline was complete, and no page or command showed it. Whoever made the list, or gave it to the server, could "
    "know it. The account that the service ran as, and root on its server, could have opened the sealed places; after "
    "the digest was published they could not change them without it telling. Who these people were, and whether they "
    "enrolled anybody, is for the authors to say."
)


OF_A_CLUSTER = (
    "A cluster is allocated when the first of its people has completed the baseline; everybody of it has its arm, and "
    "those who join it later may know it."
)


def contributed(both: Mapping[str, str]) -> str:
    """How a seed was made that neither side can have chosen."""
    return (
        f"made of two contributions: the system's share, to which it was committed before ({both['commitment']}), and "
        f"what {both['given_by']} gave after (SHA-256 {both['receipt']}). Neither alone can have chosen the sequence."
    )


def access(protocol: TrialProtocol, *, had_a_list: bool = False) -> str:
    """Who could have had access to the sequence; `had_a_list` where one decided before an amendment."""
    said = ACCESS_TO_A_LIST if had_a_list or protocol.allocation.method == "listed" else ACCESS
    return f"{said} {KNOWN}" if protocol.allocation.cluster else said


def allocation(protocol: TrialProtocol) -> str:
    """The method and what it balances on, without more than the protocol may tell."""
    return rule_in_words(protocol.allocation)


def rule_in_words(said: AllocationRule) -> str:
    """The same for a rule that ran in one epoch."""
    if said.method == "none":
        return "none: everyone gets the same"
    strata = [say(factor.label, LANGUAGE) for factor in said.strata]
    method = _METHODS[said.method](said)
    if said.cluster:
        method = f"clusters ({say(said.cluster.label, LANGUAGE)}) allocated by {method}"
    if not strata:
        return method
    return f"{method}, {'balancing' if said.method == 'minimisation' else 'stratified by'} {_listed(strata)}"


def details(protocol: TrialProtocol) -> list[str]:
    """What else a reader needs to make the same rule: measure, weights, chances, ties, the start."""
    found = [OF_A_CLUSTER] if protocol.allocation.cluster else []
    if (made := protocol.allocation.outside_list) is not None:
        found.append(f"The list was made by {made.made_by.rstrip('.')}: {made.how.rstrip('.')}.")
    return found + (list(_minimised(protocol)) if protocol.allocation.method == "minimisation" else [])


def _blocks(said: AllocationRule) -> str:
    sizes = sorted(set(said.block_sizes))
    if len(sizes) == 1:
        return f"permuted blocks of {sizes[0]}"
    return f"permuted blocks of random size ({', '.join(str(size) for size in sizes)})"


def _urn(said: AllocationRule) -> str:
    begins, added = (said.urn.start, said.urn.added) if said.urn else (0, 1)
    return f"Wei's urn (begins with {begins} for each arm, adds {added} for every other arm after an allocation)"


def _behind(said: AllocationRule) -> str:
    return f"Efron's biased coin (chance {said.probabilities[0]} for the arm that is behind, 1/2 in balance)"


def _minimisation(said: AllocationRule) -> str:
    chances = said.probabilities
    if len(chances) == 1:
        return f"minimisation (chance {chances[0]} for the best arm)"
    return f"minimisation (chances {', '.join(chances)} in the order of the arms' scores)"


_METHODS: dict[str, Callable[[AllocationRule], str]] = {
    "simple": lambda said: "simple randomisation",
    "permuted_blocks": _blocks,
    "minimisation": _minimisation,
    "big_stick": lambda said: f"big stick (a coin, and certainty at an imbalance of {said.largest_imbalance})",
    "biased_coin": _behind,
    "urn": _urn,
    "listed": lambda said: "a list made outside the team and sealed before the first enrolment",
}


def _minimised(protocol: TrialProtocol) -> list[str]:
    said = protocol.allocation
    words = [
        f"The imbalance of a factor is {_IMBALANCE[said.imbalance or 'range']} at the person's own level, "
        "the person counted in; the arm of the smallest weighted sum is the best. Ties are broken by chance."
    ]
    weights = [f"{say(one.label, LANGUAGE)} {said.weights.get(one.id, 1)}" for one in said.strata]
    if said.overall_weight:
        weights.append(f"the size of the arms {said.overall_weight}")
    words.append(f"Weights: {', '.join(weights)}.")
    if len({arm.ratio for arm in protocol.open_arms}) > 1:
        words.append(
            "Counts are divided by the ratio, and the chance of the best arm keeps the ratio (Han, Enas and "
            "McEntegart, Statistics in Medicine 2009;28:3329-3346)."
        )
    if said.first_simple:
        words.append(f"The first {said.first_simple} people are allocated by simple randomisation.")
    return words


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
