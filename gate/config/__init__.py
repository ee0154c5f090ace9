"""Reads config/*.yaml into SiteSettings, or says everything that is wrong with it, line by line."""

from gate.config.loading import load_site
from gate.config.problems import Problem, SiteConfigError

__all__ = ["Problem", "SiteConfigError", "load_site"]
