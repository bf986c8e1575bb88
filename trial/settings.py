"""Settings of an installation: environment variables `EQUIPOISE_…`, each with a default that works on a laptop."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is the variable EQUIPOISE_<NAME>; a command's option overrules it."""

    model_config = SettingsConfigDict(env_prefix="EQUIPOISE_", extra="ignore")

    home: Path = Field(default=Path("equipoise-home"), description="folder of database, keys and mailbox")
    database_url: str | None = Field(default=None, description="PostgreSQL or SQLite; default: SQLite in the home")
    broker_url: str | None = Field(default=None, description="Redis, for Celery workers; default: none, one process")
    smtp_url: str | None = Field(default=None, description="where mail leaves; default: the local mailbox")
    mail_from: str = Field(default="study@equipoise.example", description="the address that mails come from")
    base_url: str = Field(default="http://127.0.0.1:8765", description="where participants reach the pages")
    durable: bool = Field(default=True, description="flush every commit to the disk; off in rehearsals")

    def database(self) -> str:
        """The database URL in use."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.home / 'equipoise.sqlite').resolve().as_posix()}"
