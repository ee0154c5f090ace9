"""Memory: cache.db (rebuildable) and journal.db (never lost), each written by one thread alone."""
