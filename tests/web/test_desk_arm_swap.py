"""Two trials alike in everything but who is in which arm: to a blinded member they are the same to the letter."""

from __future__ import annotations

import difflib
import re
import shutil

import pytest

from tests.web.desk_tour import Toured, toured
from tests.web.place import SHIPPED
from trial.core.access import BLINDED, SYSTEM, Role
from trial.storage import allocations

# what differs between any two trials: tokens of forms and links, digests, times of the machine
_NONCES = re.compile(
    r'name="submission" value="[^"]+"|[0-9a-f]{64}|[A-Za-z0-9_-]{43,}'
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\dZ)?|\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d"
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Toured, Toured]:
    """The trial, and the trial with its arms in another order: the same draws lead elsewhere."""
    folder = tmp_path_factory.mktemp("swapped")
    other = folder / SHIPPED.name
    shutil.copytree(SHIPPED, other)
    shutil.copytree(SHIPPED.parent / "instruments", folder / "instruments")
    file = other / "protocol.yaml"
    text = file.read_text(encoding="utf-8")
    before, _, rest = text.partition("arms:\n")
    head, mark, after = rest.partition("\nallocation:")
    first, *others = ["  - id:" + one for one in head.split("  - id:")[1:]]
    assert others
    arms = "".join(one.rstrip("\n") + "\n" for one in [*others, first])
    file.write_text(f"{before}arms:\n{arms}{mark}{after}", encoding="utf-8")
    return toured(folder / "one"), toured(folder / "two", other)


def arms(one: Toured) -> list[str | None]:
    with one.place.store.open_work(SYSTEM, write=False) as work:
        return [allocations.arm_of(work, person) for person in one.people]


def plain(text: str) -> str:
    return _NONCES.sub("…", text)


def test_everybody_is_in_another_arm(pair: tuple[Toured, Toured]) -> None:
    """The control: without this the comparison below would say nothing."""
    first, second = (arms(one) for one in pair)
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert len(set(first)) > 1


@pytest.mark.parametrize("role", sorted(BLINDED))
def test_no_page_of_a_blinded_role_differs(pair: tuple[Toured, Toured], role: Role) -> None:
    first, second = pair
    browsers = first.team.visitor(role), second.team.visitor(role)
    compared = 0
    for (_, path), (_, same) in zip(first.addresses(), second.addresses(), strict=True):
        assert path == same
        one, other = (plain(browser.get(path).text) for browser in browsers)
        if one != other:
            said = difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)
            raise AssertionError(f"{path} differs:\n" + "\n".join(said))
        compared += 1
    assert compared >= len({page.path for page, _ in first.addresses()}) > 3
