#!/usr/bin/env python3
"""Check the allocation of a trial from its published files alone.

    python3 verify_allocation.py FOLDER [DIGEST]

FOLDER is the frozen folder of the trial. DIGEST is the seed digest that was published before the first enrolment, as
you noted it from the trial's page or its registration: only with it does the check not rest on the folder's own word.

The script needs Python 3.11 or later and nothing else. It shares no code with the software that ran the trial: each
method below is read anew from the rule in words, with exact fractions. It ends with 0 where everything fits, with 1 at
the first thing that does not, which it names, and with 2 where the files cannot be read.

What is checked, in this order:
  1. the digest is that of seed, salt, rule version and configuration, and the seed that of both contributions;
  2. each allocation in its order: the configuration of that time, stratum, number, state before it, chances, draw, arm;
  3. nobody is twice in a stage, and who was allocated by disposition.csv and stages.csv is who is in the list;
  4. the states after the last allocation.
"""

import csv
import hashlib
import hmac
import json
import sys
from fractions import Fraction
from functools import partial
from itertools import accumulate, combinations
from pathlib import Path

# --- The methods. Each is a function of the plan (the configuration), the running state, the levels of the person on
# the factors, and `chance`, which gives the numbers of chance. It returns the chances of the arms, in the plan's order,
# and a function that says the state after an arm was allocated.


def simple(plan, state, levels, chance):
    """Simple randomisation: always the ratio."""
    return shares(ratios(plan)), lambda arm: state


def permuted_blocks(plan, state, levels, chance):
    """Permuted blocks: every place that is left in the block has the same chance; a block's size is drawn."""
    block, left = state["block"], list(state["left"])
    if sum(left) == 0:
        block += 1
        sizes = sorted(plan["block_sizes"]) or [1]
        size = sizes[int(chance("size", block) * len(sizes))]
        left = [ratio * size // sum(ratios(plan)) for ratio in ratios(plan)]
    return shares(left), lambda arm: {"block": block, "left": plus(left, arm, -1)}


def biased_coin(plan, state, levels, chance):
    """Efron: a fair coin in balance, else chance p for the arm that is behind."""
    lead, p = state["lead"], Fraction(plan["probability"][0])
    chances = [Fraction(1, 2)] * 2 if lead == 0 else [p, 1 - p] if lead < 0 else [1 - p, p]
    return chances, lambda arm: {"lead": lead + (1, -1)[arm]}


def big_stick(plan, state, levels, chance):
    """Soares and Wu: a fair coin, but at the largest imbalance the arm that is behind is certain."""
    lead, largest = state["lead"], plan["largest_imbalance"]
    chances = [Fraction(lead < 0), Fraction(lead > 0)] if abs(lead) >= largest else [Fraction(1, 2)] * 2
    return chances, lambda arm: {"lead": lead + (1, -1)[arm]}


def urn(plan, state, levels, chance):
    """Wei: `start` balls of each arm; after each allocation `added` balls of every other arm."""
    start, added = plan["urn"]
    balls = [start + added * (sum(state["had"]) - had) for had in state["had"]]
    return shares(balls if any(balls) else [1] * len(balls)), lambda arm: {"had": plus(state["had"], arm)}


def minimisation(plan, state, levels, chance):
    """Pocock and Simon: the arm that would leave the factors' margins most alike has the highest chance."""

    def after(arm):
        at = {factor: rows | {levels[factor]: plus(rows[levels[factor]], arm)} for factor, rows in state["at"].items()}
        return {"had": plus(state["had"], arm), "at": at}

    def score(arm):
        then = after(arm)
        rows = [(weight, then["at"][factor][levels[factor]]) for factor, weight in plan["weights"]]
        return sum(weight * unlike(plan, row, arm) for weight, row in [*rows, (plan["overall_weight"], then["had"])])

    if sum(state["had"]) < plan["first_simple"]:
        return shares(ratios(plan)), after
    scores = [score(arm) for arm in range(len(arms(plan)))]
    given = [Fraction(one) for one in plan["probability"]]
    return (preferred(plan, scores, given[0]) if len(given) == 1 else by_rank(scores, given)), after


def unlike(plan, row, arm):
    """How unlike the arms' counts of one level are, each count over its arm's ratio."""
    counts = [Fraction(had, ratio) for had, ratio in zip(row, ratios(plan), strict=True)]
    if plan["imbalance"] == "range":
        return max(counts) - min(counts)
    if plan["imbalance"] == "variance":
        mean = sum(counts) / len(counts)
        return sum((one - mean) ** 2 for one in counts) / (len(counts) - 1)
    if plan["imbalance"] == "marginal_balance":
        return sum(abs(one - other) for one, other in combinations(counts, 2)) / ((len(counts) - 1) * sum(counts))
    if plan["imbalance"] == "marginal_sum":
        return counts[arm]
    raise Wrong(f"the imbalance {plan['imbalance']!r} is unknown to this script")


def preferred(plan, scores, p):
    """One best arm is preferred (ties: by chance, in the ratio). It gets p; the others share the rest in their ratio.

    With unequal ratios p is that of the arm with the smallest ratio (Han, Enas and McEntegart 2009).
    """
    ratio, whole = ratios(plan), sum(ratios(plan))
    best = [arm for arm, score in enumerate(scores) if score == min(scores)]
    chances = [Fraction(0)] * len(scores)
    for one in best:
        picked = Fraction(ratio[one], sum(ratio[arm] for arm in best))
        rest = (1 - p) * Fraction(whole - ratio[one], whole - min(ratio))
        for arm in range(len(scores)):
            own = 1 - rest if arm == one else rest * Fraction(ratio[arm], whole - ratio[one])
            chances[arm] += picked * own
    return chances


def by_rank(scores, given):
    """The arm of rank k has the k-th probability; arms that tie share theirs equally."""
    places = [(sum(other < score for other in scores), scores.count(score)) for score in scores]
    return [sum(given[before : before + tied], Fraction(0)) / tied for before, tied in places]


def listed(plan, state, levels, chance):
    """A list from outside: the next place of the stratum, with certainty."""
    stratum = "/".join(levels[factor] for factor, _ in plan["strata"]) or "all"
    arm = plan["list"].get((stratum, state["taken"] + 1))
    return [Fraction(one == arm) for one in arms(plan)], lambda given: {"taken": state["taken"] + 1}


def cluster(plan, state, levels, chance):
    """A person of a cluster: the arm that the cluster got at the stage `clusters`, with certainty."""
    arm = plan["clusters"].get(*levels.values())
    return [Fraction(one == arm) for one in arms(plan)], lambda given: {}


def nothing_yet(plan, method):
    """The state before the first allocation."""
    none = [0] * len(arms(plan))
    if method == "minimisation-1":
        return {"had": none, "at": {factor: {level: none for level, _ in rows} for factor, rows in plan["strata"]}}
    starts = {"permuted-blocks-1": {"block": 0, "left": []}, "urn-1": {"had": none}, "listed-1": {"taken": 0}}
    return starts.get(method, {"lead": 0} if method in ("biased-coin-1", "big-stick-1") else {})


KNOWN = (simple, permuted_blocks, biased_coin, big_stick, urn, minimisation, listed, cluster)
METHODS = {f"{one.__name__.replace('_', '-')}-1": one for one in KNOWN}


def arms(plan):
    """The arms in the order of the protocol."""
    return [name for name, _ in plan["arms"]]


def ratios(plan):
    """Their allocation ratio."""
    return [ratio for _, ratio in plan["arms"]]


def shares(parts):
    """Parts as chances."""
    return [Fraction(one, sum(parts)) for one in parts]


def plus(row, place, step=1):
    """The row with one more at one place."""
    return [one + step * (number == place) for number, one in enumerate(row)]


class Wrong(Exception):
    """Something does not fit; the message names it."""


def sha256(*parts):
    """SHA-256 over the parts, each after its length (8 bytes, big endian); a value as JSON, keys sorted, no spaces."""
    options = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    parts = [part if isinstance(part, bytes) else json.dumps(part, **options).encode() for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


def check_seal(sealed, frozen, noted):
    """The digest is that of seed, salt, rule version and the configuration at the opening."""
    first, given = sealed["configurations"][0], sealed["digest"]
    for other, where in ((noted, "was published"), (frozen, "stands in freeze.json")):
        if other and other != given:
            raise Wrong(f"the digest: allocation.json says {given}, and {other} {where}")
    if sealed["rule_version"] != first["rule_version"]:
        raise Wrong("the rule version: it is not that of the first configuration")
    seed, salt = bytes.fromhex(sealed["seed"]), bytes.fromhex(sealed["salt"])
    outside = [sealed["list"]] if "list" in sealed else []
    if sha256(seed, salt, first["rule_version"].encode(), first["configuration"], *outside) != given:
        raise Wrong("the digest: seed, salt, rule version and configuration give another")
    for one in sealed["configurations"]:
        if sha256(one["rule_version"].encode(), one["configuration"]) != one["digest"]:
            raise Wrong(f"the configuration {one['digest']}: its digest is another")
    if both := sealed.get("contribution"):
        if sha256(bytes.fromhex(both["share"]), salt) != both["commitment"]:
            raise Wrong("the system's share of the seed: it is not the one that was committed to")
        if hmac.digest(bytes.fromhex(both["share"]), bytes.fromhex(both["given"]), "sha256") != seed:
            raise Wrong("the seed: the system's share and the contribution from outside give another")


def number_of_chance(sealed, stage, stratum, purpose, number):
    """HMAC-SHA256 of [purpose, trial, stage, stratum, number] under the seed: 64 hexadecimal digits."""
    message = json.dumps([purpose, sealed["trial"], stage, stratum, number], separators=(",", ":"))
    return hmac.new(bytes.fromhex(sealed["seed"]), message.encode(), hashlib.sha256).hexdigest()


def picked(draw, chances):
    """The arm into whose share of the interval from 0 to 1 the draw falls."""
    point = Fraction(int(draw, 16), 2**256)
    beyond = [arm for arm, reached in enumerate(accumulate(chances)) if point < reached]
    if not beyond:
        raise Wrong("the chances do not add up to one")
    return beyond[0]


def check_list(sealed, rows):
    """Every allocation again, in order; returns the states after the last."""
    plans, seen, kept, last = plans_of(sealed), {"clusters": {}}, {}, {}
    for one in sealed["configurations"]:
        places = {(stratum, n): arm for stratum, n, arm in sealed.get("list", [])}
        one["configuration"] |= {"list": places, "clusters": seen["clusters"]}
    rules = [(0, sealed["configurations"][0]["digest"]), *amendments(sealed)]
    for row in rows:
        where = f"allocation {row['sequence']} of stage {row['stage']} ({row['participant']})"
        before = seen.setdefault(row["stage"], {})
        same(where, "order", row["sequence"], str(len(before) + 1))
        if row["participant"] in before:
            raise Wrong(f"{where}: this participant is in the list twice")
        before[row["participant"]] = row["arm"]
        if row["stage"] == "main":  # an amendment changes the rule from one number on
            same(where, "configuration", row["configuration"], [one for n, one in rules if n < len(before)][-1])
        if plans.get((row["stage"], row["configuration"])) is None:
            raise Wrong(f"{where}: its configuration is none of this stage in allocation.json")
        check_row(where, sealed, plans[row["stage"], row["configuration"]], row, kept, last)
    first_of_each = dict.fromkeys(row["stratum"] for row in rows if row["rule_version"] == "cluster-1")
    same("the clusters", "order", list(seen["clusters"]), list(first_of_each))
    return kept


def amendments(sealed):
    """How many had been allocated when each amended rule began to run, and its digest."""
    return [(one["allocated_before"], one["configuration"]) for one in sealed.get("amendments", [])]


def plans_of(sealed):
    """By stage and digest. A further stage is one that a configuration of the main stage names with its digest."""
    known = {one["digest"]: one for one in sealed["configurations"]}
    main = [one for one in known.values() if "stage" not in one["configuration"]]
    further = [pair for one in main for pair in one["configuration"].get("stages", [])]
    return {("main", one["digest"]): one for one in main} | {(stage, one): known.get(one) for stage, one in further}


def check_row(where, sealed, declared, row, kept, last):
    """One allocation: what it should be, compared part by part with what the list says."""
    plan, version, levels = declared["configuration"], declared["rule_version"], json.loads(row["levels"])
    same(where, "rule version", row["rule_version"], version)
    if version not in METHODS:
        raise Wrong(f"{where}: the rule {version} is unknown to this script")
    for factor, known in plan["strata"]:
        if known and levels.get(factor) not in [level for level, _ in known]:
            raise Wrong(f"{where}: the level of {factor} is none of the plan's")
    same(where, "levels", sorted(levels), sorted(factor for factor, _ in plan["strata"]))
    parts = [] if version == "minimisation-1" else [levels[factor] for factor, _ in plan["strata"]]
    stratum = "/".join(parts) or "all"
    same(where, "stratum", row["stratum"], stratum)
    # where the rule is another, a new epoch begins: every state starts anew, the numbers go on
    epoch, before = last.get(row["stage"], (0, ""))
    epoch += before != row["configuration"]
    number, begun, state = kept.get((row["stage"], stratum), (0, 0, None))
    number, state = number + 1, state if begun == epoch else nothing_yet(plan, version)
    draw = partial(number_of_chance, sealed, row["stage"] if epoch == 1 else f"{row['stage']}:{epoch}", stratum)
    chances, after = METHODS[version](plan, state, levels, lambda what, n: Fraction(int(draw(what, n), 16), 2**256))
    arm = picked(draw("draw", number), chances)
    same(where, "epoch", row["epoch"], str(epoch))
    same(where, "number", row["number"], str(number))
    same(where, "state seen", json.loads(row["state_seen"]), state)
    said = dict(zip(arms(plan), map(str, chances), strict=True))
    same(where, "probabilities", json.loads(row["probabilities"]), said)
    same(where, "draw", row["draw"], draw("draw", number))
    same(where, "arm", row["arm"], arms(plan)[arm])
    kept[row["stage"], stratum], last[row["stage"]] = (number, epoch, after(arm)), (epoch, row["configuration"])


def same(where, what, found, expected):
    """Stop where one part differs."""
    if found != expected:
        raise Wrong(f"{where}: its {what} is {found}, and {expected} by the rule")


def check_people(rows, people, entries):
    """Who was randomised by disposition.csv, and once more by stages.csv, is in the list, in the same arm and order."""
    told = {("main", one["participant"]): one for one in people if one["stage"] == "randomized"}
    told |= {(one["stage"], one["participant"]): one for one in entries if one["state"] == "allocated"}
    found = {place: (one["arm"], one["number"]) for place, one in told.items()}
    listed = {(row["stage"], row["participant"]): (row["arm"], row["sequence"]) for row in rows}
    for place in sorted(set(listed) | set(found)):
        if place[0] != "clusters" and listed.get(place) != found.get(place):
            raise Wrong(f"{place[1]}: in the list {listed.get(place)}, in the other files {found.get(place)}")


def check_ends(sealed, kept):
    """The states after the last allocation are those that the trial had kept."""
    told = {(one["stage"], one["stratum"]): (one["number"], one["state"]) for one in sealed["states_after"]}
    found = {place: (number, state) for place, (number, _, state) in kept.items()}
    for place in sorted(set(told) | set(found)):
        same(f"after the last allocation of {' '.join(place)}", "state", told.get(place), found.get(place))


def read_csv(path):
    """The rows of a CSV file, each by its column names."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").split("\n")))


def verify(folder, noted=""):
    """All checks on one folder; returns what to say. Raises Wrong at the first thing that does not fit."""
    sealed = json.loads((folder / "allocation.json").read_text(encoding="utf-8"))
    about = json.loads((folder / "freeze.json").read_text(encoding="utf-8"))
    check_seal(sealed, about["randomization"]["seed_digest"], noted)
    rows = read_csv(folder / "allocation.csv")
    kept = check_list(sealed, rows)
    further = read_csv(folder / "stages.csv") if (folder / "stages.csv").exists() else []
    check_people(rows, read_csv(folder / "disposition.csv"), further)
    check_ends(sealed, kept)
    told = "the digest that you gave" if noted else "the digest in this folder (give the one published before)"
    later = "".join(f" From number {n + 1} on by the rule {digest}." for n, digest in amendments(sealed))
    if both := sealed.get("contribution"):
        later += f" The seed is made of the share {both['commitment']} and what {both['given_by']} gave: compare both."
    return f"The seed fits {told}. All {len(rows)} allocations are what seed, order and levels give.{later}"


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        print(verify(Path(sys.argv[1]), *sys.argv[2:]))
    except Wrong as wrong:
        print(f"This does NOT hold: {wrong}.")
        sys.exit(1)
    except (OSError, KeyError, ValueError, TypeError) as error:
        print(f"The files cannot be read as a published allocation: {error!r}.")
        sys.exit(2)
