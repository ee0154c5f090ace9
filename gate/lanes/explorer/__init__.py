"""Walks every state a machine can reach, time abstracted, and checks the laws at every step."""

from gate.lanes.explorer.variants import VARIANTS, Variant
from gate.lanes.explorer.walk import Report, explore, explore_all

__all__ = ["VARIANTS", "Report", "Variant", "explore", "explore_all"]
