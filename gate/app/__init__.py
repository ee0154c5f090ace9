"""The composition root: settings to objects to one TaskGroup. No decisions here."""

from gate.app.lifecycle import run_site

__all__ = ["run_site"]
