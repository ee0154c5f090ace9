"""Walks every state a machine can reach, time abstracted, and checks the laws at every step."""

from gate.lanes.explorer.walk import Report, explore

__all__ = ["Report", "explore"]
