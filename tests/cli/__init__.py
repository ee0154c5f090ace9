"""The `gate` command, as people and machines call it."""
