"""The drivers' kiosk."""
