"""What stands in the ledger at the moment of a scrape: each number costs what is open, not what was ever sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from trial.core.errors import EquipoiseError
from trial.services.delivery_status import Open

NAMES = {
    "due": ("equipoise_mails_due", "Mails that are due and that nobody has in hand; counted up to 10,000."),
    "oldest": ("equipoise_mails_oldest_due_seconds", "For how long the oldest of them has been due."),
    "in_hand": ("equipoise_mails_in_hand", "Mails that a worker has in hand."),
    "in_doubt": ("equipoise_mails_in_doubt", "Mails of which nobody can say whether they arrived."),
    "held": ("equipoise_mails_held", "Mails that wait for a decision."),
    "next_hour": ("equipoise_mails_planned_next_hour", "Mails that fall due within the next hour."),
    "refused": ("equipoise_mail_accounts_refused", "Mail accounts that a mail server has lately refused as such."),
    "paused": ("equipoise_mail_accounts_paused", "Those of them by which nothing is sent at this moment."),
    "looked": ("equipoise_last_look_timestamp_seconds", "When any worker last looked; 0 where none did yet."),
}
UP = ("equipoise_database_up", "Whether the database answered this scrape.")


class LedgerCollector(Collector):
    """`look` is asked once for each scrape; where the database does not answer, only that is told."""

    def __init__(self, look: Callable[[], Open]) -> None:
        self._look = look

    def describe(self) -> Iterator[Metric]:
        """The names, without asking the database."""
        for name, said in (UP, *NAMES.values()):
            yield GaugeMetricFamily(name, said)

    def collect(self) -> Iterator[Metric]:
        """All of it in one unit of work."""
        try:
            found = self._look()
        except EquipoiseError:
            yield GaugeMetricFamily(*UP, value=0)
            return
        yield GaugeMetricFamily(*UP, value=1)
        for name, (metric, said) in NAMES.items():
            yield GaugeMetricFamily(metric, said, value=float(getattr(found, name)))
