"""Walks every state a machine can reach, time abstracted, and checks the laws at every step."""

from gate.lanes.explorer.variants import EVERYTHING, VARIANTS, Variant
from gate.lanes.explorer.walk import Report, explore, explore_all, wander

__all__ = ["EVERYTHING", "VARIANTS", "Report", "Variant", "explore", "explore_all", "wander"]
