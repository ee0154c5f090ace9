"""journal.db and cache.db: what must never be lost, and what central can send again."""
