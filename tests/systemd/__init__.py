"""The units as systemd itself reads them."""
