"""The site configuration: what is accepted, and how every mistake is told."""
