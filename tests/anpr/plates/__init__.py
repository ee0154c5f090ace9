"""The plate reader of our own."""
