"""Cameras that push their reads."""
