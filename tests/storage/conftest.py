from tests.storage.stores import migrated_postgres, migrated_sqlite, store

__all__ = ["migrated_postgres", "migrated_sqlite", "store"]
