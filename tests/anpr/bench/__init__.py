"""`gate anpr bench`."""
