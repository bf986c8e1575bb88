from tests.services.post import mailbox, post
from tests.storage.stores import migrated_postgres, migrated_sqlite, store

__all__ = ["mailbox", "migrated_postgres", "migrated_sqlite", "post", "store"]
