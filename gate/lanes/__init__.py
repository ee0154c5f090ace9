"""The core: what a lane does and what the Rules decide, as pure functions; and the thin async shell."""
