"""No screen, wire, log, figure, file, order or time tells a verdict before its vehicle arrives (Rules 3.6)."""
