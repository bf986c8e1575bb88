from tests.storage.stores import postgres_template, sqlite_template, store

__all__ = ["postgres_template", "sqlite_template", "store"]
