"""Sealing: what a checkpoint may not know before arrival."""
