"""The reading process: the child that owns the cameras, what is said to it, and who keeps it alive."""
