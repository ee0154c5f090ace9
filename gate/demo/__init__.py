"""`gate demo`: a whole checkpoint on one machine, real links throughout, and traffic with a script."""

from gate.demo.options import DemoOptions
from gate.demo.show import main

__all__ = ["DemoOptions", "main"]
