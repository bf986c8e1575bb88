from tests.storage.stores import shared_postgres, shared_sqlite, store

__all__ = ["shared_postgres", "shared_sqlite", "store"]
