from tests.services.post import mailbox, post
from tests.storage.stores import shared_postgres, shared_sqlite, store

__all__ = ["mailbox", "post", "shared_postgres", "shared_sqlite", "store"]
