"""A ledger as large as one likes: people and their planned mails, as copies of one person whom the services enrolled.

The rows are as long as those of a trial, and stand in the same tables with the same indexes; nobody could enrol a
million people by the pages within a benchmark.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, text

from bench.waves import START
from trial.core.access import SYSTEM
from trial.storage import clock
from trial.storage.tables import metadata
from trial.storage.tables_delivery import delivery
from trial.storage.work import Store

MAILS_EACH = 20
STEP = 20_000
# seconds over which what is to come is spread: two hundred days
SPREAD = 200 * 86_400


@dataclass
class Crowd:
    """The people beside the one who is copied, number 1."""

    store: Store
    people: int = 0

    @property
    def lite(self) -> bool:
        return self.store.engine.dialect.name == "sqlite"

    @property
    def rows(self) -> int:
        return self.people * MAILS_EACH

    def grow(self, people: int) -> None:
        """So many people in all, each with twenty mails that are planned for later."""
        while self.people < people:
            span = {"first": self.people + 2, "last": min(people, self.people + STEP) + 1}
            with self.store.engine.begin() as rows:
                for statement in (self._people(), self._occasions(), self._mails()):
                    rows.execute(text(statement), span)
            self.people = span["last"] - 1
        self.settle()

    def settle(self) -> None:
        """What a server does by itself in quiet hours."""
        with self.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as rows:
            rows.execute(text("analyze" if self.lite else "vacuum analyze"))

    def let_fall_due(self, mails: int) -> int:
        """Time goes on to where so many mails are due: they lie all over what is to come, as its people enrolled.
        Returns how many there are, since several may fall due in the same second."""
        waiting = select(delivery.c.due_at).where(delivery.c.state == "planned")
        with self.store.engine.connect() as rows:
            instant = rows.execute(waiting.order_by(delivery.c.due_at).offset(mails - 1).limit(1)).scalar_one()
            due = rows.execute(waiting.where(delivery.c.due_at <= instant).with_only_columns(func.count()))
            found = due.scalar_one()
        with self.store.open_work(SYSTEM) as work:
            clock.move(work, instant)
        return found

    def end_due(self) -> None:
        """What is due at the start, such as words of welcome, has left."""
        start = self._at("'+0 seconds'", "0")
        self._run(f"update delivery set state = 'accepted', ended_at = due_at where due_at <= {start}")

    def end_claimed(self) -> None:
        """What was claimed has left."""
        self._run("update delivery set state = 'accepted', ended_at = due_at where state = 'claimed'")

    def bytes_each(self) -> dict[str, float]:
        """Bytes of a planned mail: the row itself, and its part of the indexes."""
        if self.lite:
            size = "select sum(pgsize) from dbstat where name {} in (select name from sqlite_master " \
                   "where type = 'index' and tbl_name = 'delivery')"  # fmt: skip
            found = (size.format("= 'delivery' or 0 and name"), size.format(""))
        else:
            found = ("select pg_table_size('delivery')", "select pg_indexes_size('delivery')")
        with self.store.engine.connect() as rows:
            row, indexes = (float(rows.execute(text(one)).scalar_one()) / self.rows for one in found)
        return {"row": round(row), "indexes": round(indexes)}

    def _run(self, statement: str) -> int:
        with self.store.engine.begin() as rows:
            return rows.execute(text(statement)).rowcount

    def _people(self) -> str:
        names = self._columns("participant", "id", "number", "code")
        return (
            "with recursive n(i) as (select cast(:first as integer) union all select i + 1 from n where i < :last) "
            f"insert into participant (number, code, {names}) "
            f"select i, 'K' || i, {names} from n cross join participant where participant.id = 1"
        )

    def _occasions(self) -> str:
        """One each: what all their mails speak of."""
        names = self._columns("occasion", "id", "participant_id")
        return (
            f"insert into occasion (participant_id, {names}) "
            f"select p.id, {', '.join(f'o.{name}' for name in names.split(', '))} "
            "from participant p cross join (select * from occasion where participant_id = 1 order by id limit 1) o "
            "where p.number between :first and :last and p.trial_id = 1"
        )

    def _mails(self) -> str:
        names = self._columns("delivery", "id", "participant_id", "due_at", "not_after", "token_hash", "occasion_id")
        # a quarter of a million people, then the same again: the product stays an integer of four bytes
        seconds = f"(86400 + (p.number % 250000 * 7919 + m.n * 864000) % {SPREAD})"
        due = self._at(f"'+' || {seconds} || ' seconds'", seconds)
        late = self._at(f"'+' || (86400 + {seconds}) || ' seconds'", f"(86400 + {seconds})")
        one = f"select row_number() over (order by id) as n, {names} from delivery where participant_id = 1 " \
              f"and state = 'planned' order by id limit {MAILS_EACH}"  # fmt: skip
        return (
            f"insert into delivery (participant_id, occasion_id, due_at, not_after, {names}) "
            f"select p.id, o.id, {due}, {late}, {', '.join(f'm.{name}' for name in names.split(', '))} "
            f"from participant p join occasion o on o.participant_id = p.id cross join ({one}) m "
            "where p.number between :first and :last and p.trial_id = 1"
        )

    def _at(self, modifier: str, seconds: str) -> str:
        """An instant so many seconds from the start, as this database keeps it."""
        start = f"{START:%Y-%m-%d %H:%M:%S}"
        if self.lite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{start}', {modifier})"
        return f"timestamptz '{start}+00' + {seconds} * interval '1 second'"

    def _columns(self, table: str, *without: str) -> str:
        return ", ".join(f'"{one.name}"' for one in metadata.tables[table].columns if one.name not in without)
