"""Gate: an edge gate controller for border-crossing lanes."""

__version__ = "0.1.0"
