"""Real Celery processes, worker and beat, from this interpreter."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from celery import Celery
from kombu.exceptions import OperationalError

from tests.servers.process import ManagedProcess
from workers.power import make_power_app


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the processes find their trial: `settings` are further EQUIPOISE_ variables, names in capitals."""

    database_url: str
    broker_url: str
    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        """Return the environment variables."""
        places = {"DATABASE_URL": self.database_url, "BROKER_URL": self.broker_url, "HOME": str(self.home)}
        return {f"EQUIPOISE_{name}": value for name, value in (places | dict(self.settings)).items()}


class CeleryProcess(ManagedProcess):
    """What worker and beat share: the application and the installation that they work for."""

    def __init__(self, installation: Installation, *, app: str = "workers.app") -> None:
        super().__init__()
        self.installation, self.app = installation, app

    def environment(self) -> dict[str, str]:
        """Return our variables with the settings of this installation."""
        return super().environment() | self.installation.variables()

    def celery(self, *words: str) -> list[str]:
        """Return a celery command line of this interpreter."""
        return [sys.executable, "-m", "celery", "-A", self.app, *words, "--loglevel", "INFO"]


class CeleryWorker(CeleryProcess):
    """`celery worker`; starts and stops in about three seconds."""

    name = "worker"
    start_patience, stop_patience = 60.0, 20.0

    def __init__(
        self,
        installation: Installation,
        *,
        app: str = "workers.app",
        concurrency: int = 2,
        pool: str = "prefork",
    ) -> None:
        super().__init__(installation, app=app)
        self.concurrency, self.pool = concurrency, pool
        self.node = f"{self.folder.name}@localhost"

    def argv(self) -> list[str]:
        """Return the worker's command line, under a node name of its own."""
        size = ["--pool", self.pool, "--concurrency", str(self.concurrency)]
        return self.celery("worker", "--hostname", self.node, *size)

    def answers(self) -> bool:
        """Say whether the worker answers a ping that came by the broker."""
        with Celery(broker=self.installation.broker_url, set_as_current=False) as client:
            try:
                return bool(client.control.inspect(destination=[self.node], timeout=0.5, limit=1).ping())
            except OperationalError:
                return False


class CeleryBeat(CeleryProcess):
    """`celery beat`, with its schedule file in its own folder."""

    name = "beat"
    start_patience = 60.0

    def argv(self) -> list[str]:
        """Return beat's command line."""
        return self.celery("beat", "--schedule", str(self.folder / "schedule"))

    def answers(self) -> bool:
        """Say whether beat has opened its schedule."""
        return any(self.folder.glob("schedule*"))


class PowerWorker(CeleryWorker):
    """A worker for `equipoise power`: its own application, which is told of a broker and of nothing else."""

    name = "power-worker"

    def __init__(self, broker_url: str, *, concurrency: int = 1) -> None:
        nowhere = Installation("postgresql://nobody@127.0.0.1:1/none", broker_url, Path("/nowhere"))
        super().__init__(nowhere, app="workers.power", concurrency=concurrency)

    def answers(self) -> bool:
        """Say whether the worker answers a ping by its own exchange."""
        with make_power_app(self.installation.broker_url, keeps=False) as client:
            try:
                return bool(client.control.inspect(destination=[self.node], timeout=0.5, limit=1).ping())
            except OperationalError:
                return False
