"""Gate's own plate reader."""
