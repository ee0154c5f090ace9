"""What the journal recorded, fed to today's core again, and every difference named (docs/replay.md)."""
