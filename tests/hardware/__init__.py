"""Drivers against emulators over real links."""
