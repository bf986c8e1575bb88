from tests.services.post import mailbox, post
from tests.services.putting_back import fresh, quick_sealing
from tests.storage.stores import shared_postgres, shared_sqlite, store

__all__ = ["fresh", "mailbox", "post", "quick_sealing", "shared_postgres", "shared_sqlite", "store"]
