"""Every method allocates people who answer a baseline, on both databases, and is replayed from the opened seed."""

from __future__ import annotations

import pytest

from tests.core.protocols import rewritten
from tests.services.scene import Scene
from tests.services.test_randomization import replayed
from tests.storage.stores import content
from trial.storage.work import Store

BLOCKS = "  method: permuted_blocks\n  block_sizes: [2, 4]\n"
METHODS = {
    "simple-1": "  method: simple\n",
    "big-stick-1": "  method: big_stick\n  largest_imbalance: 2\n",
    "biased-coin-1": "  method: biased_coin\n  probability: 2/3\n",
    "urn-1": "  method: urn\n  urn: {start: 0, added: 1}\n",
    "minimisation-1": "  method: minimisation\n  imbalance: variance\n  probability: 0.8\n  first_simple: 2\n",
}


@pytest.mark.parametrize("version", METHODS)
def test_a_method_allocates_in_a_trial_and_every_allocation_is_replayed(store: Store, version: str) -> None:
    scene = Scene(store, folder=rewritten((BLOCKS, METHODS[version])))
    for number in range(6):
        scene.enrol(mood=number % 2)
    rows = content(store)
    assert replayed(scene)
    assert rows["seal"][0]["rule_version"] == version
    assert {one["record"]["rule_version"] for one in rows["allocation"]} == {version}
    keys = ["all"] if version == "minimisation-1" else ["good", "low"]
    assert sorted(one["stratum"] for one in rows["allocation_state"]) == keys
    assert sum(one["number"] for one in rows["allocation_state"]) == 6
