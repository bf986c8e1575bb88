"""A trial that gives a code and a transfer for the questionnaires before the start, and people who earned them."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.web.place import SHIPPED, Person, Place, Reply, typed_code
from trial.storage import incentives

GIVES = """
incentives:
  - {id: code, earned_at: baseline, what: {en: A voucher for a book}}
  - {id: money, earned_at: baseline, what: {en: Five euros}, given_by: transfer, keep_payee: 7 days}
withdrawal: {data_until_then: erased_on_request}
"""
NAME, ACCOUNT = "Robin <b>Example", "GB82 WEST 1234 5698 7654 32"


@cache
def paying_protocol() -> Path:
    """The shipped trial with something to earn, made once per process."""
    folder = Path(mkdtemp(prefix="equipoise-paying-")) / "protocol"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    shutil.copytree(SHIPPED, folder)
    path = folder / "protocol.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + GIVES, encoding="utf-8")
    return folder


def earner(place: Place, address: str) -> Person:
    """Somebody who answered everything before the start."""
    person = Person(place, address)
    person.to_allocation()
    return person


def tell(person: Person, *, name: str = NAME, account: str = ACCOUNT) -> Reply:
    """The person says where to send it, after a fresh code."""
    if not person.get("/me/payee").path.endswith("/me/payee"):
        typed_code(person.place, person, person.id, "/me/payee")
    form = next(one for one in person.page.forms if "account" in one.fields)
    return person.post("/me/payee", form.filled() | {"name": name, "account": account})


def earned(place: Place, person: Person) -> dict[str, int]:
    """The number of each thing that somebody earned."""
    with place.store.open_work(place.operator, write=False) as work:
        return {one.incentive: one.id for one in incentives.of_participant(work, person.id)}
