"""The month's report, against a month whose every figure is known."""
