"""Reads of cameras that read plates themselves: received, authenticated, checked, and only then believed."""
