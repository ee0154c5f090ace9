"""The reading process, from both sides of its pipes."""
