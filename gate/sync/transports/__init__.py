"""Ways to central. Pick one with `gate.sync.transports.catalogue.open_transport`."""
