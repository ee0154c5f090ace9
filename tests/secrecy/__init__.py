"""No screen, wire, log, figure, file, order or time tells a verdict before arrival (Rules 3.6)."""
