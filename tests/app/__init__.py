"""The daemon as a process of its own, with things around it missing or broken."""
