"""Devices at a kiosk: scanners, keypad terminals, slip printers."""
