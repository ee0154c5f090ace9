"""Sync: edge to central and back."""
